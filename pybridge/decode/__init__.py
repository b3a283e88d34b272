"""Raw tensors → meaning: fields that gather a network's output and find objects, their measurements and outlines.

A *field* takes the network's output tile by tile, keeps it in fixed point, and then decodes the whole plane at once,
so that there are no seams. Imports core and files (for the folder of numba's cache); numba, and with it all compiled
loops (``*_kernels.py``), only inside functions.
"""

from pybridge.decode.intensities import ChannelPlane
from pybridge.decode.measurements import measure_objects
from pybridge.decode.outlines import Outlines, trace_outlines
from pybridge.decode.plane import DecodedPlane, LabelField
from pybridge.decode.registry import DECODERS, field_for

__all__ = [
    "DECODERS",
    "ChannelPlane",
    "DecodedPlane",
    "LabelField",
    "Outlines",
    "field_for",
    "measure_objects",
    "trace_outlines",
]
