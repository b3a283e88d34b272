"""Running ONNX networks over images: device, session, tiling, normalisation, memory.

The only room that imports onnxruntime, and only inside functions. Imports core, zoo's values and files.
"""

from pybridge.runtime.agreement import TOLERANCE, largest_difference
from pybridge.runtime.devices import list_devices
from pybridge.runtime.predictor import Predictor, open_predictor
from pybridge.runtime.sinks import Gather, Sink

__all__ = ["TOLERANCE", "Gather", "Predictor", "Sink", "largest_difference", "list_devices", "open_predictor"]
