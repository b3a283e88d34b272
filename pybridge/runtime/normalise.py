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
        The item as stored, any numeric type; a memory map or a ``LazyArray`` will do.
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
                found=f"{bad} of {pixels.size} pixels are NaN or infinite (or beyond 3.4e38)",
                do="replace them first, in ImageJ with Process > Noise > Remove NaNs…, or crop the image",
            )
        self._pixels = pixels
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
        where: list[Any] = [slice(None)]
        within: list[slice] = [slice(None)]
        for (start, stop), length in zip(windows, self._pixels.shape[1:], strict=True):
            inside = start >= 0 and stop <= length
            where.append(slice(start, stop) if inside else reflected(start, stop, length))
            within.append(slice(start, stop) if inside else slice(where[-1].min(), where[-1].max() + 1))
        # What is stored elsewhere is read here, once; reflecting is done in memory.
        source = np.asarray(self._pixels[tuple(within)])
        for axis, index in enumerate(where):
            if not isinstance(index, slice):
                source = source[(slice(None),) * axis + (index - within[axis].start,)]
        source = source.view(np.uint8) if source.dtype == np.bool_ else source
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
