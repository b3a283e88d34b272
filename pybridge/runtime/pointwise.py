"""Operations on each pixel by itself, with their numbers filled in: what normalisation and postprocessing come down to.

Parameters are arrays that broadcast against ``(C, *grid)``. Everything works in place on float32.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Params = NDArray[np.float64]
Pixels = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Affine:
    """``(x - pivot) · gain + offset``.

    The pivot is the whole number nearest to where the result is zero. It is taken off first and exactly, so that
    little is lost to rounding in float32 where an image has a small contrast on a high background.
    """

    pivot: Params
    gain: Params
    offset: Params

    @classmethod
    def of(cls, gain: Params, offset: Params) -> Affine:
        """Make ``x · gain + offset``."""
        gain, offset = np.broadcast_arrays(gain, offset)
        with np.errstate(divide="ignore", invalid="ignore"):
            zero = np.nan_to_num(-offset / gain, nan=0.0, posinf=0.0, neginf=0.0)
        pivot = np.where(np.abs(zero) < 2.0**24, np.rint(zero), 0.0)
        return cls(pivot, gain, offset + pivot * gain)

    def line(self) -> tuple[Params, Params]:
        """Give gain and offset of the same line without a pivot."""
        return self.gain, self.offset - self.pivot * self.gain

    def apply(self, pixels: Pixels) -> None:
        """Work in place."""
        self.start(pixels, pixels)

    def start(self, source: NDArray[Any], out: Pixels) -> None:
        """Read pixels of any type and write the result to ``out``, in one go and without a copy in float64."""
        wide = source.dtype.itemsize > 2 and source.dtype != np.float32
        kind = np.float64 if wide else np.float32
        np.subtract(source, self.pivot.astype(kind), out=out, dtype=kind, casting="unsafe")
        if np.any(self.gain != 1.0):
            out *= self.gain.astype(np.float32)
        if np.any(self.offset != 0.0):
            out += self.offset.astype(np.float32)

    @property
    def parameters(self) -> tuple[Params, ...]:
        """The arrays that may vary along axes."""
        return (self.pivot, self.gain, self.offset)

    def at(self, where: tuple[Any, ...]) -> Affine:
        """The same operation for a part of the item."""
        return Affine(*(part(each, where) for each in self.parameters))


@dataclass(frozen=True, slots=True, eq=False)
class Limit:
    """Values below ``low`` and above ``high`` are set to these."""

    low: Params
    high: Params

    def apply(self, pixels: Pixels) -> None:
        """Work in place."""
        np.maximum(pixels, self.low.astype(np.float32), out=pixels)
        np.minimum(pixels, self.high.astype(np.float32), out=pixels)

    @property
    def parameters(self) -> tuple[Params, ...]:
        """The arrays that may vary along axes."""
        return (self.low, self.high)

    def at(self, where: tuple[Any, ...]) -> Limit:
        """The same operation for a part of the item."""
        return Limit(*(part(each, where) for each in self.parameters))


@dataclass(frozen=True, slots=True, eq=False)
class Threshold:
    """One above ``limit``, zero elsewhere."""

    limit: Params

    def apply(self, pixels: Pixels) -> None:
        """Work in place."""
        np.greater(pixels, self.limit.astype(np.float32), out=pixels, casting="unsafe")

    @property
    def parameters(self) -> tuple[Params, ...]:
        """The arrays that may vary along axes."""
        return (self.limit,)

    def at(self, where: tuple[Any, ...]) -> Threshold:
        """The same operation for a part of the item."""
        return Threshold(part(self.limit, where))


@dataclass(frozen=True, slots=True, eq=False)
class Logistic:
    """``1 / (1 + exp(-x))``."""

    def apply(self, pixels: Pixels) -> None:
        """Work in place."""
        # Through tanh: no overflow, and exact at both ends.
        pixels *= np.float32(0.5)
        np.tanh(pixels, out=pixels)
        pixels *= np.float32(0.5)
        pixels += np.float32(0.5)

    @property
    def parameters(self) -> tuple[Params, ...]:
        """None."""
        return ()

    def at(self, where: tuple[Any, ...]) -> Logistic:
        """The same operation for a part of the item."""
        return self


@dataclass(frozen=True, slots=True, eq=False)
class ChannelSoftmax:
    """Exponentials along the channels that sum to one: needs all channels of a pixel at once."""

    def apply(self, pixels: Pixels) -> None:
        """Work in place."""
        pixels -= pixels.max(axis=0, keepdims=True)
        np.exp(pixels, out=pixels)
        pixels /= pixels.sum(axis=0, keepdims=True)

    @property
    def parameters(self) -> tuple[Params, ...]:
        """None."""
        return ()

    def at(self, where: tuple[Any, ...]) -> ChannelSoftmax:
        """The same operation for a part of the item."""
        return self


@dataclass(frozen=True, slots=True, eq=False)
class Whole:
    """Cut to whole numbers within the range of an integer type, as a cast does."""

    dtype: np.dtype[Any]

    def apply(self, pixels: Pixels) -> None:
        """Work in place."""
        if self.dtype == np.bool_:
            np.not_equal(pixels, 0, out=pixels, casting="unsafe")
            return
        limits = np.iinfo(self.dtype)
        np.trunc(pixels, out=pixels)
        np.clip(pixels, np.float32(limits.min), np.float32(limits.max), out=pixels)

    @property
    def parameters(self) -> tuple[Params, ...]:
        """None."""
        return ()

    def at(self, where: tuple[Any, ...]) -> Whole:
        """The same operation for a part of the item."""
        return self


Operation: TypeAlias = Affine | Limit | Threshold | Logistic | ChannelSoftmax | Whole


def part(params: Params, where: tuple[Any, ...]) -> Params:
    """Cut parameters to a part of the item; an axis of length 1 holds for all of it."""
    cut = params
    for axis, index in enumerate(where):
        if params.shape[axis] > 1:
            cut = cut[(slice(None),) * axis + (index,)]
    return cut


def fuse(operations: Sequence[Operation]) -> tuple[Operation, ...]:
    """Bring neighbouring affine operations into one."""
    fused: list[Operation] = []
    for operation in operations:
        last = fused[-1] if fused else None
        if isinstance(operation, Affine) and isinstance(last, Affine):
            (gain, offset), (next_gain, next_offset) = last.line(), operation.line()
            fused[-1] = Affine.of(gain * next_gain, offset * next_gain + next_offset)
        else:
            fused.append(operation)
    return tuple(fused)


def run(operations: Sequence[Operation], source: NDArray[Any], out: Pixels) -> None:
    """Write ``source``, worked on by all operations, to ``out`` (which may be ``source`` itself)."""
    rest = list(operations)
    if rest and isinstance(first := rest[0], Affine):
        first.start(source, out)
        del rest[0]
    elif source is not out:
        np.copyto(out, source, casting="unsafe")
    for operation in rest:
        operation.apply(out)
