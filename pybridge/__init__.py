"""PyBridge: deep learning for Fiji and ImageJ, run by a Python engine on ONNX models.

Names are looked up when they are first used (PEP 562), so that ``import pybridge`` loads little more than numpy.
"""

from __future__ import annotations

import importlib
import logging
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pybridge import imagej as imagej
    from pybridge import samples as samples
    from pybridge import training as training
    from pybridge.commands.compare import compare as compare
    from pybridge.commands.evaluate import evaluate as evaluate
    from pybridge.commands.predict import predict as predict
    from pybridge.commands.report import report as report
    from pybridge.commands.segment import segment as segment
    from pybridge.core.image import Calibration as Calibration
    from pybridge.core.image import Image as Image
    from pybridge.imagej.doctor import doctor as doctor

__version__ = "0.1.0"

logging.getLogger("pybridge").addHandler(logging.NullHandler())

_LAZY = {
    "Image": "pybridge.core.image",
    "Calibration": "pybridge.core.image",
    "compare": "pybridge.commands.compare",
    "evaluate": "pybridge.commands.evaluate",
    "predict": "pybridge.commands.predict",
    "report": "pybridge.commands.report",
    "segment": "pybridge.commands.segment",
    "doctor": "pybridge.imagej.doctor",
}
_ROOMS = ("imagej", "samples", "training")

__all__ = [
    "Calibration",
    "Image",
    "__version__",
    "compare",
    "doctor",
    "evaluate",
    "imagej",
    "predict",
    "report",
    "samples",
    "segment",
    "training",
]


def __getattr__(name: str) -> Any:
    if name in _LAZY:
        return getattr(importlib.import_module(_LAZY[name]), name)
    if name in _ROOMS:
        return importlib.import_module(f"pybridge.{name}")
    raise AttributeError(f"module 'pybridge' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
