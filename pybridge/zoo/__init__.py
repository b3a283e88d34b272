"""What a model is: descriptions (bioimage.io), the catalogue, integrity. Reads models, never runs one.

Imports core and files; bioimageio.spec and pydantic only inside functions.
"""

from pybridge.zoo.catalogue import CatalogueEntry, find, list_entries, list_models, load
from pybridge.zoo.model import AxisSpec, DecoderSpec, Model, PyBridgeConfig, TensorSpec

__all__ = [
    "AxisSpec",
    "CatalogueEntry",
    "DecoderSpec",
    "Model",
    "PyBridgeConfig",
    "TensorSpec",
    "find",
    "list_entries",
    "list_models",
    "load",
]
