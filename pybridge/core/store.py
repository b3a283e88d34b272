"""Where the images that a task makes are kept while they are made: in memory, or, piece by piece, in files.

Imports numpy only; stores that write files are in ``pybridge.files.stores``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from pybridge.core.image import Calibration


@dataclass(frozen=True, slots=True)
class ImageForm:
    """What an image will be, before there are pixels.

    Parameters
    ----------
    role : str
        What the image is among the outputs, for example the id of a tensor.
    name : str
        Its title.
    axes : str
        Letters of its axes, in the order of ``TZCYX``.
    shape : tuple of int
        Their lengths.
    calibration : Calibration
        Pixel sizes.
    channel_names : tuple of str
        One for each channel, or empty.
    """

    role: str
    name: str
    axes: str
    shape: tuple[int, ...]
    calibration: Calibration
    channel_names: tuple[str, ...] = ()


class Target(Protocol):
    """A float32 image in the making."""

    def __setitem__(self, where: Any, pixels: NDArray[np.float32]) -> None:
        """Take the pixels of a region: a number or slice for each axis."""

    def stored(self) -> Any:
        """Give what was written as an array, or as a ``LazyArray``."""


class Store(Protocol):
    """Makes targets."""

    def make(self, form: ImageForm) -> Target:
        """Begin an image of this form; all its pixels will be written."""


class MemoryStore:
    """A store of plain arrays.

    Examples
    --------
    >>> target = MemoryStore().make(ImageForm("y", "y", "YX", (5, 7), Calibration()))
    >>> target[1:3, 2] = np.ones(2, np.float32)
    >>> target.stored().sum()
    np.float32(2.0)
    """

    def make(self, form: ImageForm) -> Target:
        """Begin an image of this form."""
        return _Array(np.zeros(form.shape, np.float32))


class _Array:
    def __init__(self, array: NDArray[np.float32]) -> None:
        self._array = array

    def __setitem__(self, where: Any, pixels: NDArray[np.float32]) -> None:
        self._array[where] = pixels

    def stored(self) -> NDArray[np.float32]:
        """Give the array."""
        return self._array
