"""Pixels that are kept compressed, many images at a time. Imports core and numpy only."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pybridge.core.image import Image


@dataclass(frozen=True, slots=True, eq=False)
class PackedPixels:
    """Labels or a restored image, compressed: a comparison keeps those of every method on every image."""

    data: bytes
    dtype: np.dtype[Any]
    shape: tuple[int, ...]

    def unpack(self) -> NDArray[Any]:
        """Give the pixels."""
        return np.frombuffer(zlib.decompress(self.data), self.dtype).reshape(self.shape)

    def as_image(self, like: Image, *, name: str) -> Image:
        """Give the pixels as an image with the axes of another one, of which they may lack those of length 1."""
        return like.replace(array=self.unpack().reshape(like.array.shape), axes=like.axes, name=name)


def pack_pixels(pixels: NDArray[Any]) -> PackedPixels:
    """Compress labels or a restored image.

    Examples
    --------
    >>> labels = np.arange(12, dtype=np.uint16).reshape(3, 4)
    >>> pack_pixels(labels).unpack()[2].tolist()
    [8, 9, 10, 11]
    """
    return PackedPixels(zlib.compress(np.ascontiguousarray(pixels).tobytes(), 1), pixels.dtype, pixels.shape)
