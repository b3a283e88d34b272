"""Pixels that lie elsewhere and are read when they are needed: an array of views that cost nothing. Imports numpy only.

A ``LazyArray`` stands where an ndarray stands in an ``Image`` too large for the memory. It has numpy's views (indexing,
``transpose``, ``squeeze``) and nothing else: ``np.asarray`` of a view reads that part.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Windows = tuple[slice, ...]
Reader = Callable[[Windows], NDArray[Any]]
# About as many pixels as are worth reading at once: large enough for disks, small beside any memory.
BLOCK_PX = 1 << 22


class LazyArray:
    """A view of stored pixels.

    Parameters
    ----------
    read : callable
        Reads a window of the store: one slice with start and stop for each of its axes.
    shape : sequence of int
        Shape of the store.
    dtype : dtype
        Type of the pixels.
    chunks : sequence of int
        What the store reads at once, along each axis.

    Examples
    --------
    >>> stored = np.arange(35).reshape(5, 7)
    >>> lazy = LazyArray(stored.__getitem__, shape=(5, 7), dtype=stored.dtype, chunks=(5, 7))
    >>> lazy[1:3, None, 2].shape, np.asarray(lazy[1:3, None, 2]).tolist()
    ((2, 1), [[9], [16]])
    """

    __slots__ = ("_chunks", "_order", "_read", "_windows", "dtype")

    def __init__(self, read: Reader, *, shape: Sequence[int], dtype: Any, chunks: Sequence[int]) -> None:
        self.dtype: np.dtype[Any] = np.dtype(dtype)
        self._read = read
        self._chunks = tuple(max(1, min(chunk, length)) for chunk, length in zip(chunks, shape, strict=True))
        self._windows = tuple((0, int(length)) for length in shape)
        # The axis of the store that each axis of the view shows; None for one of length 1 that the store lacks.
        self._order: tuple[int | None, ...] = tuple(range(len(self._windows)))

    @property
    def shape(self) -> tuple[int, ...]:
        """Lengths of the view."""
        return tuple(1 if axis is None else self._windows[axis][1] - self._windows[axis][0] for axis in self._order)

    @property
    def ndim(self) -> int:
        """Number of axes of the view."""
        return len(self._order)

    @property
    def size(self) -> int:
        """Number of pixels of the view."""
        return math.prod(self.shape)

    @property
    def nbytes(self) -> int:
        """What reading the view takes."""
        return self.size * self.dtype.itemsize

    def __len__(self) -> int:
        return self.shape[0]

    def __repr__(self) -> str:
        return f"LazyArray({self.shape}, {self.dtype})"

    def __getitem__(self, index: Any) -> LazyArray:
        """View a part; numbers, slices of step 1, None and an ellipsis, as in numpy."""
        windows = list(self._windows)
        order: list[int | None] = []
        axes = iter(zip(self._order, self.shape, strict=True))
        for each in _without_ellipsis(index if isinstance(index, tuple) else (index,), self.ndim):
            if each is None:
                order.append(None)
                continue
            axis, length = next(axes)
            if isinstance(each, slice):
                start, stop, step = each.indices(length)
                if step != 1:
                    raise IndexError(f"a lazy array has no slices of step {step}")
                if axis is None and stop - start != 1:
                    raise IndexError("an axis that is not stored cannot be empty")
                order.append(axis)
            else:
                start = int(each) + (length if each < 0 else 0)
                if not 0 <= start < length:
                    raise IndexError(f"index {each} for {length} entries")
                stop = start + 1
            if axis is not None:
                first = windows[axis][0]
                windows[axis] = (first + start, first + max(start, stop))
        return self._view(tuple(windows), tuple(order))

    def transpose(self, *order: Any) -> LazyArray:
        """View with the axes in another order."""
        wanted = tuple(order[0]) if len(order) == 1 and not isinstance(order[0], int) else order
        return self._view(self._windows, tuple(self._order[axis] for axis in wanted))

    def squeeze(self, axis: Sequence[int] | int) -> LazyArray:
        """View without axes of length 1."""
        dropped = {each % self.ndim for each in (axis if isinstance(axis, Sequence) else (axis,))}
        return self[tuple(0 if each in dropped else slice(None) for each in range(self.ndim))]

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        found = self._read(tuple(slice(start, stop) for start, stop in self._windows))
        stored = [axis for axis in self._order if axis is not None]
        dropped = tuple(axis for axis in range(len(self._windows)) if axis not in stored)
        kept = [axis for axis in range(len(self._windows)) if axis in stored]
        view = np.squeeze(found, axis=dropped).transpose([kept.index(axis) for axis in stored])
        view = np.asarray(view[tuple(None if axis is None else slice(None) for axis in self._order)])
        return view if dtype is None else view.astype(dtype, copy=False)

    def blocks(self, *, most_px: int = BLOCK_PX) -> Iterator[Windows]:
        """Go through the view in blocks that begin and end where the chunks of the store do.

        Parameters
        ----------
        most_px : int
            Pixels of a block, unless one chunk has more.

        Examples
        --------
        >>> lazy = LazyArray(np.zeros((4, 6)).__getitem__, shape=(4, 6), dtype=float, chunks=(2, 3))
        >>> [tuple((part.start, part.stop) for part in block) for block in lazy.blocks(most_px=12)]
        [((0, 2), (0, 6)), ((2, 4), (0, 6))]
        """
        shape = self.shape
        chunks = [1 if axis is None else self._chunks[axis] for axis in self._order]
        lengths = list(chunks)
        for place in sorted(range(self.ndim), key=lambda place: -1 if (axis := self._order[place]) is None else -axis):
            room = most_px // max(1, math.prod(lengths))
            lengths[place] *= max(1, min(room, math.ceil(shape[place] / chunks[place])))
        parts = []
        for axis, length, block in zip(self._order, shape, lengths, strict=True):
            first = 0 if axis is None else self._windows[axis][0]
            cuts = range((first // block + 1) * block - first, length, block)
            edges = [0, *cuts, length] if length else []
            parts.append([slice(start, stop) for start, stop in itertools.pairwise(edges)])
        return itertools.product(*parts)

    def _view(self, windows: tuple[tuple[int, int], ...], order: tuple[int | None, ...]) -> LazyArray:
        made = LazyArray.__new__(LazyArray)
        made.dtype, made._read, made._chunks = self.dtype, self._read, self._chunks
        made._windows, made._order = windows, order
        return made


def row_bands(pixels: NDArray[Any] | LazyArray, *, axis: int) -> Iterator[NDArray[Any]]:
    """Read an array in bands along one axis, in order: all at once when it is in memory."""
    if not isinstance(pixels, LazyArray):
        yield pixels
        return
    cuts: list[slice] = []
    for block in pixels.blocks():
        if not cuts or block[axis].start >= cuts[-1].stop:
            cuts.append(block[axis])
    for cut in cuts:
        yield np.asarray(pixels[(slice(None),) * axis + (cut,)])


def _without_ellipsis(index: tuple[Any, ...], ndim: int) -> tuple[Any, ...]:
    given = sum(each is not None and each is not Ellipsis for each in index)
    if given > ndim:
        raise IndexError(f"{given} indices for {ndim} axes")
    place = next((place for place, each in enumerate(index) if each is Ellipsis), len(index))
    return (*index[:place], *(slice(None),) * (ndim - given), *index[place + 1 :])
