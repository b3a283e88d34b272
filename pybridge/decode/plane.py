"""What every decoder takes and gives: the ``LabelField`` protocol and the ``DecodedPlane``. Imports core."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from pybridge.core.errors import ImageError, ModelError, UsageError

MAX_PIXELS = 2**31 - 1  # positions in a plane are kept as int32


@dataclass(frozen=True, slots=True, eq=False)
class DecodedPlane:
    """Objects of one plane.

    Parameters
    ----------
    labels : ndarray of int32, shape (Y, X)
        0 is background, 1…N the objects, numbered in raster order of their first pixels.
    confidence : ndarray of float32, shape (N,)
        Between 0 and 1; entry ``i - 1`` belongs to label ``i``.
    """

    labels: NDArray[np.int32]
    confidence: NDArray[np.float32]


class LabelField(Protocol):
    """A sink that gathers the network's output of one plane, tile by tile, and then finds the objects in it."""

    def write(self, outputs: tuple[NDArray[np.float32], ...], region: tuple[slice, ...]) -> None:
        """Take the outputs for one region of the plane; each array is (C, Y, X) and fills the region."""

    def labels(
        self, *, probability: float, overlap: float, min_size: int, exclude_border: bool = False
    ) -> DecodedPlane:
        """Find the objects in all that was written; may be called again with other thresholds."""

    def probability_map(self) -> NDArray[np.float32]:
        """Give the foreground probability, shape (Y, X), 0 where nothing was written."""


def check_plane_shape(shape: tuple[int, ...]) -> tuple[int, int]:
    """Raise unless a plane of this shape can be decoded; returns height and width."""
    if len(shape) != 2 or min(shape) < 1 or shape[0] * shape[1] > MAX_PIXELS:
        raise ImageError(
            f"decode a plane of shape {shape!r}",
            found="it is empty, not two-dimensional, or has more than 2,147,483,647 pixels",
            do="give planes (Y, X) of at least one pixel; cut larger ones into parts",
        )
    return int(shape[0]), int(shape[1])


def check_thresholds(*, probability: float, overlap: float, min_size: int) -> None:
    """Raise ``UsageError`` unless the thresholds lie in their ranges."""
    wrong = [
        f"{name}={value!r}"
        for name, value, fits in (
            ("probability", probability, 0 <= probability <= 1),
            ("overlap", overlap, 0 <= overlap <= 1),
            ("min_size", min_size, min_size >= 0),
        )
        if not fits
    ]
    if wrong:
        raise UsageError(
            "decode objects with thresholds",
            found=", ".join(wrong),
            do="take probability and overlap from 0 to 1, and min_size in pixels from 0",
        )


def channels_of(
    outputs: tuple[NDArray[np.float32], ...], region: tuple[slice, ...], *, wanted: tuple[str, ...], decoder: str
) -> list[NDArray[np.float32]]:
    """Take the channels of all output tensors one by one, and check their number and size.

    Parameters
    ----------
    outputs : tuple of ndarray, each (C, Y, X)
        What the network gave for one region.
    region : tuple of slice
        Where in the plane it belongs.
    wanted : tuple of str
        What the decoder's channels mean, in order.
    decoder : str
        Its name, for the message.

    Returns
    -------
    list of ndarray of float32, shape (Y, X)

    Raises
    ------
    ModelError
        If the number of channels or their size is wrong.
    """
    extent = tuple(part.stop - part.start for part in region)
    shapes = [output.shape for output in outputs]
    fits = all(len(shape) == 3 and shape[1:] == extent for shape in shapes)
    if not fits or sum(shape[0] for shape in shapes) != len(wanted):
        raise ModelError(
            f"decode with {decoder!r}, which needs {len(wanted)} channel(s) of {extent} pixels: {', '.join(wanted)}",
            found=f"output tensors of shape {', '.join(map(str, shapes)) or 'none'}",
            do="name the decoder in config.pybridge that fits the model's outputs, or use PyBridge Predict",
        )
    return [np.asarray(channel, np.float32) for output in outputs for channel in output]
