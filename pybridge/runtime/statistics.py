"""Mean, standard deviation and percentiles of a whole item, exact, without loading it whole or copying it to float64.

Integers of 8 and 16 bits are counted once in a histogram; every statistic then comes from the counts. Other types
are read in pieces; their percentiles are found by histograms of 16 bits at a time, the leading ones first: two passes
for float32, four for wider types, in memory that does not depend on the image.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pybridge.core.lazy import LazyArray
from pybridge.core.progress import check_cancelled
from pybridge.runtime.pointwise import ChannelSoftmax, Operation, run

_PIECE = 1 << 20
_DIGIT_BITS = 16


@dataclass(frozen=True, slots=True)
class Moments:
    """Mean and (population) standard deviation."""

    mean: float
    std: float


class Sample:
    """A part of an item, seen through operations that came before; gives its statistics.

    Parameters
    ----------
    pixels : ndarray or LazyArray, shape (C, *grid)
        The part, as stored.
    operations : sequence of Operation
        What was done before, with parameters cut to this part.
    """

    def __init__(self, pixels: NDArray[Any], operations: Sequence[Operation]) -> None:
        self._pixels = pixels
        self._operations = tuple(operations)
        self._counted: tuple[NDArray[np.float64], NDArray[np.int64]] | None = None

    @property
    def _countable(self) -> bool:
        small = self._pixels.dtype.kind in "bui" and self._pixels.dtype.itemsize <= 2
        alone = not any(isinstance(each, ChannelSoftmax) for each in self._operations)
        # Operations whose numbers differ within the part turn one stored value into several.
        return small and alone and all(params.size == 1 for each in self._operations for params in each.parameters)

    def moments(self) -> Moments:
        """Compute mean and standard deviation."""
        if self._countable:
            values, counts = self._counts()
            total = counts.sum()
            mean = float(values @ counts / total)
            return Moments(mean, float(np.sqrt(((values - mean) ** 2) @ counts / total)))
        count, sums = 0, 0.0
        for piece in self._pieces():
            count += piece.size
            sums += float(piece.sum(dtype=np.float64))
        mean = sums / count
        squares = 0.0
        for piece in self._pieces():
            centred = piece - mean if piece.dtype == np.float64 else piece.astype(np.float64) - mean
            squares += float(np.dot(centred, centred))
        return Moments(mean, float(np.sqrt(squares / count)))

    def percentiles(self, wanted: Sequence[float]) -> list[float]:
        """Compute percentiles as ``numpy.percentile`` does with its default, linear method."""
        size = self._pixels.size
        ranks: list[tuple[int, int, float]] = []
        for each in wanted:
            exact = each / 100 * (size - 1)
            low = min(int(exact), size - 1)
            ranks.append((low, min(low + 1, size - 1), exact - low))
        needed = sorted({rank for low, high, _ in ranks for rank in (low, high)})
        ordered = dict(zip(needed, self._order_statistics(needed), strict=True))
        return [ordered[low] + (ordered[high] - ordered[low]) * share for low, high, share in ranks]

    def _counts(self) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Give the values that occur, after the operations and in ascending order, and how often."""
        if self._counted is None:
            kind = self._pixels.dtype
            unsigned = np.dtype(f"u{kind.itemsize}")
            bins = 1 << (8 * kind.itemsize)
            counts = np.zeros(bins, np.int64)
            for piece in pieces_of(self._pixels):
                counts += np.bincount(piece.view(unsigned), minlength=bins)
            stored = np.flatnonzero(counts)
            counts = counts[stored]
            as_read = stored.astype(unsigned)
            as_read = as_read if kind == np.bool_ else as_read.view(kind)
            values = self._through(as_read).astype(np.float64)
            order = np.argsort(values, kind="stable")
            self._counted = values[order], counts[order]
        return self._counted

    def _order_statistics(self, ranks: list[int]) -> list[float]:
        if self._countable:
            values, counts = self._counts()
            return [float(each) for each in values[np.searchsorted(np.cumsum(counts), ranks, side="right")]]
        # Digit by digit: which one each wanted pixel has, and its rank among those with the same digits so far.
        heads, places, bits = [0] * len(ranks), list(ranks), 64
        shift = None
        while shift is None or shift > 0:
            tally: dict[int, NDArray[np.int64]] = {}
            for piece in self._pieces():
                keys = _sortable(piece)
                bits = 8 * keys.dtype.itemsize
                below = (bits if shift is None else shift) - _DIGIT_BITS
                for head in set(heads):
                    mine = keys if shift is None else keys[keys >> keys.dtype.type(shift) == head]
                    digits = (mine >> keys.dtype.type(below)) & keys.dtype.type((1 << _DIGIT_BITS) - 1)
                    found = np.bincount(digits.astype(np.intp), minlength=1 << _DIGIT_BITS)
                    tally[head] = tally[head] + found if head in tally else found
            shift = (bits if shift is None else shift) - _DIGIT_BITS
            for number, (head, place) in enumerate(zip(heads, places, strict=True)):
                upto = np.cumsum(tally[head])
                digit = int(np.searchsorted(upto, place, side="right"))
                heads[number] = head << _DIGIT_BITS | digit
                places[number] = place - int(upto[digit] - tally[head][digit])
        return [_from_sortable(head, bits=bits) for head in heads]

    def _pieces(self) -> Iterator[NDArray[Any]]:
        """Go through the pixels, flat and after the operations, float32 unless nothing has to be done."""
        if not self._operations:
            for piece in pieces_of(self._pixels):
                yield piece if piece.dtype.kind == "f" and piece.dtype.itemsize >= 4 else piece.astype(np.float64)
        elif all(params.size == 1 for each in self._operations for params in each.parameters) and not any(
            isinstance(each, ChannelSoftmax) for each in self._operations
        ):
            for piece in pieces_of(self._pixels):
                yield self._through(piece)
        else:
            for where in _slabs(self._pixels):
                source = np.asarray(self._pixels[where])
                source = source.view(np.uint8) if source.dtype == np.bool_ else source
                out = np.empty(source.shape, np.float32)
                run([each.at(where) for each in self._operations], source, out)
                yield from pieces_of(out)

    def _through(self, flat: NDArray[Any]) -> NDArray[Any]:
        if not self._operations:
            return flat
        out = np.empty(flat.shape, np.float32)
        shape = (1,) * (self._pixels.ndim - 1) + flat.shape
        run(self._operations, flat.reshape(shape), out.reshape(shape))
        return out


def pieces_of(pixels: NDArray[Any]) -> Iterator[NDArray[Any]]:
    """Go through an array of any layout in flat pieces of some million elements, each contiguous; booleans as uint8."""
    if isinstance(pixels, LazyArray):
        for block in pixels.blocks():
            check_cancelled()
            yield from pieces_of(np.asarray(pixels[block]))
    elif pixels.dtype == np.bool_:
        yield from pieces_of(pixels.view(np.uint8))
    elif pixels.flags.c_contiguous:
        flat = pixels.reshape(-1)
        for start in range(0, flat.size, _PIECE):
            check_cancelled()
            yield flat[start : start + _PIECE]
    elif pixels.ndim == 1:
        for start in range(0, pixels.size, _PIECE):
            yield np.ascontiguousarray(pixels[start : start + _PIECE])
    elif pixels[0].size >= _PIECE:
        for each in pixels:
            yield from pieces_of(each)
    else:
        rows = max(1, _PIECE // max(1, pixels[0].size))
        for start in range(0, len(pixels), rows):
            check_cancelled()
            yield np.ascontiguousarray(pixels[start : start + rows]).reshape(-1)


def count_not_finite(pixels: NDArray[Any]) -> int:
    """Count pixels that are NaN, infinite, or become so in 32 bits, which networks take; integers are not looked at."""
    if pixels.dtype.kind != "f":
        return 0
    if pixels.dtype.itemsize <= 4:
        return sum(int(piece.size - np.count_nonzero(np.isfinite(piece))) for piece in pieces_of(pixels))
    most = np.finfo(np.float32).max
    return sum(int(piece.size - np.count_nonzero(np.abs(piece) <= most)) for piece in pieces_of(pixels))


def _slabs(pixels: NDArray[Any]) -> Iterator[tuple[slice, ...]]:
    """Cut ``(C, *grid)`` along the grid into parts of some million elements, every channel in each."""
    if isinstance(pixels, LazyArray):
        yield from ((slice(None), *block[1:]) for block in pixels[:1].blocks())
        return
    rows = max(1, _PIECE // max(1, pixels.size // max(1, pixels.shape[1])))
    for start in range(0, pixels.shape[1], rows):
        yield (slice(None), slice(start, start + rows))


def _sortable(piece: NDArray[Any]) -> NDArray[np.uint32] | NDArray[np.uint64]:
    """Turn floats to unsigned integers of as many bits that sort the same way."""
    if piece.dtype.itemsize == 8:
        wide = np.ascontiguousarray(piece, dtype=np.float64).view(np.uint64)  # in the machine's byte order
        return np.where(wide >> np.uint64(63), ~wide, wide | np.uint64(1 << 63))
    bits = np.ascontiguousarray(piece, dtype=np.float32).view(np.uint32)
    return np.where(bits >> np.uint32(31), ~bits, bits | np.uint32(1 << 31))


def _from_sortable(key: int, *, bits: int) -> float:
    top = 1 << (bits - 1)
    back = key ^ top if key & top else key ^ (2 * top - 1)
    return float(np.asarray([back], np.dtype(f"u{bits // 8}")).view(np.dtype(f"f{bits // 8}"))[0])
