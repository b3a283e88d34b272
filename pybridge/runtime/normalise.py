"""From stored pixels to the float32 tile that the network takes, in one pass per tile.

The numbers come from the whole item, never from a tile; pixels beyond the item are its reflection.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pybridge.core.errors import ImageError
from pybridge.runtime import pointwise as op
from pybridge.runtime.statistics import count_not_finite
from pybridge.runtime.steps import StepResolver
from pybridge.zoo.processing import Step


class Normaliser:
    """An item with its normalisation worked out; fills tiles.

    Parameters
    ----------
    pixels : ndarray, shape (C, *grid)
        The item as stored, any numeric type; a memory map will do.
    axes : str
        ``"C"`` and the letters of the grid.
    steps : sequence of Step
        The preprocessing that the model declares.
    references : callable
        Gives an unprocessed input by its id.
    asked : str
        What messages begin with.

    Raises
    ------
    ImageError
        If the item is empty, or holds NaN or infinite values.
    """

    def __init__(
        self,
        pixels: NDArray[Any],
        axes: str,
        steps: Sequence[Step],
        *,
        references: Callable[[str], NDArray[Any]],
        asked: str,
    ) -> None:
        if pixels.size == 0:
            raise ImageError(asked, found=f"an image without pixels, shape {pixels.shape}", do="choose another image")
        bad = count_not_finite(pixels)
        if bad:
            raise ImageError(
                asked,
                found=f"{bad} of {pixels.size} pixels are NaN or infinite",
                do="replace them first, in ImageJ with Process > Noise > Remove NaNs…, or crop the image",
            )
        self._pixels = pixels.view(np.uint8) if pixels.dtype == np.bool_ else pixels
        resolver = StepResolver(axes, whole=lambda: self._pixels, references=references, asked=asked)
        self._operations = resolver.resolve(steps)

    def fill(self, out: op.Pixels, windows: Sequence[tuple[int, int]]) -> None:
        """Write a normalised tile.

        Parameters
        ----------
        out : ndarray of float32, shape (C, *tile)
            Where it goes; any layout.
        windows : sequence of (int, int)
            First and last-plus-one pixel along each grid axis; negative or beyond the item means reflected.
        """
        source = self._pixels
        where: list[Any] = [slice(None)]
        for axis, (start, stop) in enumerate(windows, start=1):
            length = source.shape[axis]
            inside = slice(start, stop) if start >= 0 and stop <= self._pixels.shape[axis] else None
            index: Any = inside if inside is not None else reflected(start, stop, length)
            source = source[(slice(None),) * axis + (index,)]
            where.append(index)
        op.run([each.at(tuple(where)) for each in self._operations], source, out)


def reflected(start: int, stop: int, length: int) -> NDArray[np.intp]:
    """List the pixels that stand for ``start … stop - 1`` when an axis is reflected at its first and last pixel.

    Examples
    --------
    >>> reflected(-2, 6, 4).tolist()
    [2, 1, 0, 1, 2, 3, 2, 1]
    """
    if length == 1:
        return np.zeros(stop - start, np.intp)
    period = 2 * (length - 1)
    folded = np.arange(start, stop) % period
    return np.minimum(folded, period - folded)
