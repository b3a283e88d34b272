"""Where finished tiles go: the protocol, and the sink that puts them together to whole arrays."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


class Sink(Protocol):
    """Takes finished parts of the outputs. The arrays are the sink's to keep."""

    def write(self, outputs: tuple[NDArray[np.float32], ...], region: tuple[slice, ...]) -> None:
        """Take one part: an array for each output, channels first, and where it lies in the item."""


class Gather:
    """A sink that puts the outputs together; ``arrays`` holds one ``(C, …)`` for each output afterwards.

    Parameters
    ----------
    shape : sequence of int
        Spatial shape of the item.
    scales : sequence of sequence of Fraction, optional
        Output pixels per pixel of the item, for each output and axis; 1 when left out.

    Examples
    --------
    >>> sink = Gather((2, 4))
    >>> sink.write((np.ones((1, 2, 2), np.float32),), (slice(0, 2), slice(2, 4)))
    >>> sink.arrays[0][0].tolist()
    [[0.0, 0.0, 1.0, 1.0], [0.0, 0.0, 1.0, 1.0]]
    """

    def __init__(self, shape: Sequence[int], *, scales: Sequence[Sequence[Fraction]] = ()) -> None:
        self._shape = tuple(shape)
        self._scales = tuple(tuple(each) for each in scales)
        self.arrays: list[NDArray[np.float32]] = []

    def write(self, outputs: tuple[NDArray[np.float32], ...], region: tuple[slice, ...]) -> None:
        """Take one part."""
        for index, part in enumerate(outputs):
            scales = self._scales[index] if index < len(self._scales) else (Fraction(1),) * len(self._shape)
            if part.ndim == 1:
                self.arrays.append(part)
                continue
            if len(self.arrays) <= index:
                whole = [math.ceil(length * scale) for length, scale in zip(self._shape, scales, strict=True)]
                self.arrays.append(np.zeros((part.shape[0], *whole), np.float32))
            starts = [math.floor(each.start * scale) for each, scale in zip(region, scales, strict=True)]
            where = tuple(slice(start, start + size) for start, size in zip(starts, part.shape[1:], strict=True))
            self.arrays[index][(slice(None), *where)] = part
