"""What a door hands down to the rooms below it, so that they need not import the door.

The ImageJ room registers its converter here when it starts: ``pybridge.segment(imp)`` can then take an ImagePlus, and
no room below the doors knows Java.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pybridge.core.errors import ImageJError
from pybridge.core.image import Image

_readers: list[Callable[[Any], Image]] = []


def register_imageplus_reader(reader: Callable[[Any], Image]) -> None:
    """Say how an ImagePlus becomes an Image; the last one registered counts."""
    _readers[:] = [reader]


def imageplus_reader() -> Callable[[Any], Image]:
    """Give the registered converter.

    Raises
    ------
    ImageJError
        If no ImageJ was started through PyBridge.
    """
    if not _readers:
        raise ImageJError(
            "use an ImagePlus",
            found="PyBridge does not know the ImageJ that it comes from",
            do="call pybridge.imagej.start() or pybridge.imagej.attach(ij) first",
        )
    return _readers[0]
