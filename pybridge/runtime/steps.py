"""From the steps of a description to operations on pixels, with the statistics of the whole item filled in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pybridge.core.errors import ModelError
from pybridge.runtime import pointwise as op
from pybridge.runtime.statistics import Sample
from pybridge.zoo import processing as step

_LETTERS = {"channel": "C", "time": "T", "batch": "B", "index": "I"}

Whole = Callable[[], NDArray[Any]]


def letter_of(axis: str) -> str:
    """Give the letter of an axis name."""
    return _LETTERS.get(axis, axis.upper())


def needs_statistics(steps: Sequence[step.Step]) -> bool:
    """Tell whether a step needs numbers of the whole tensor that it works on (and so all of an output at once)."""
    for each in steps:
        if isinstance(each, (step.ZeroMeanUnitVariance, step.ScaleMeanVariance)):
            return True
        if isinstance(each, step.ScaleRange) and each.reference_tensor is None:
            return True
        if isinstance(each, step.Clip) and (each.min_percentile is not None or each.max_percentile is not None):
            return True
    return False


class StepResolver:
    """Fills in the numbers of steps, one after the other.

    Parameters
    ----------
    axes : str
        Axes of the pixels, ``"C"`` first, for example ``"CYX"``.
    whole : callable
        Gives the whole tensor ``(C, *grid)`` before any step; only called when a step needs its statistics.
    references : callable
        Gives an unprocessed input by its id, with the same axes.
    asked : str
        What messages begin with.
    """

    def __init__(self, axes: str, *, whole: Whole, references: Callable[[str], NDArray[Any]], asked: str) -> None:
        self._axes = axes
        self._whole = whole
        self._references = references
        self._asked = asked
        self._done: list[op.Operation] = []

    def resolve(self, steps: Sequence[step.Step]) -> tuple[op.Operation, ...]:
        """Turn steps to operations.

        Raises
        ------
        ModelError
            If a step works along an axis that it cannot be tiled along.
        """
        for index, each in enumerate(steps):
            operation = self._operation(each, first=index == 0)
            if operation is not None:
                self._done = list(op.fuse([*self._done, operation]))
        return tuple(self._done)

    def _operation(self, each: step.Step, *, first: bool) -> op.Operation | None:
        match each:
            case step.EnsureDtype(dtype=name):
                # The first one only states what type comes in; casting wider images to it would spoil them.
                whole_number = np.dtype(name).kind in "uib" and not first
                return op.Whole(np.dtype(name)) if whole_number else None
            case step.Sigmoid():
                return op.Logistic()
            case step.Softmax(axis=axis):
                if letter_of(axis) != "C":
                    raise self._refused(f"softmax along {axis!r}")
                return op.ChannelSoftmax()
            case step.Binarize(threshold=limits, axis=axis):
                return op.Threshold(self._along(limits, axis))
            case step.ScaleLinear(gain=gain, offset=offset, axis=axis):
                return op.Affine.of(self._along(gain, axis), self._along(offset, axis))
            case step.FixedZeroMeanUnitVariance(mean=mean, std=std, axis=axis):
                return self._standardise(self._along(mean, axis), self._along(std, axis))
            case step.ZeroMeanUnitVariance(axes=axes, eps=eps):
                centre, deviation = self._moments(self._whole(), self._done, axes)
                return self._standardise(centre, deviation + eps)
            case step.ScaleRange(axes=axes, min_percentile=low, max_percentile=high, eps=eps, reference_tensor=name):
                pixels, done = (self._whole(), self._done) if name is None else (self._references(name), [])
                lower, upper = self._percentiles(pixels, done, axes, (low, high))
                return self._standardise(lower, upper - lower + eps)
            case step.ScaleMeanVariance(reference_tensor=name, axes=axes, eps=eps):
                centre, deviation = self._moments(self._whole(), self._done, axes)
                wanted, wanted_deviation = self._moments(self._references(name), [], axes)
                stretch = (wanted_deviation + eps) / (deviation + eps)
                return op.Affine.of(stretch, wanted - centre * stretch)
            case step.Clip():
                return self._limit(each)

    def _limit(self, each: step.Clip) -> op.Limit:
        low, high = (np.full((1,) * len(self._axes), limit) for limit in (-np.inf, np.inf))
        if each.minimum is not None:
            low = np.full_like(low, each.minimum)
        if each.maximum is not None:
            high = np.full_like(high, each.maximum)
        wanted = [value for value in (each.min_percentile, each.max_percentile) if value is not None]
        if wanted:
            found = self._percentiles(self._whole(), self._done, each.axes, wanted)
            low = found[0] if each.min_percentile is not None else low
            high = found[-1] if each.max_percentile is not None else high
        return op.Limit(low, high)

    @staticmethod
    def _standardise(centre: op.Params, width: op.Params) -> op.Affine:
        return op.Affine.of(1.0 / width, -centre / width)

    def _along(self, values: tuple[float, ...], axis: str | None) -> op.Params:
        shape = [1] * len(self._axes)
        if axis is not None and len(values) > 1:
            letter = letter_of(axis)
            if letter not in self._axes:
                raise self._refused(f"{len(values)} values along the axis {axis!r}, which the tensor does not have")
            shape[self._axes.index(letter)] = len(values)
        return np.asarray(values, np.float64).reshape(shape)

    def _moments(
        self, pixels: NDArray[Any], done: Sequence[op.Operation], axes: tuple[str, ...] | None
    ) -> tuple[op.Params, op.Params]:
        means, deviations = np.empty(self._kept(pixels, axes)), np.empty(self._kept(pixels, axes))
        for index, sample in self._samples(pixels, done, axes):
            found = sample.moments()
            means[index], deviations[index] = found.mean, found.std
        return means, deviations

    def _percentiles(
        self,
        pixels: NDArray[Any],
        done: Sequence[op.Operation],
        axes: tuple[str, ...] | None,
        wanted: Sequence[float],
    ) -> list[op.Params]:
        found = [np.empty(self._kept(pixels, axes)) for _ in wanted]
        for index, sample in self._samples(pixels, done, axes):
            for array, value in zip(found, sample.percentiles(wanted), strict=True):
                array[index] = value
        return found

    def _kept(self, pixels: NDArray[Any], axes: tuple[str, ...] | None) -> tuple[int, ...]:
        reduced = set(self._axes) if axes is None else {letter_of(axis) for axis in axes}
        return tuple(1 if letter in reduced else size for letter, size in zip(self._axes, pixels.shape, strict=True))

    def _samples(
        self, pixels: NDArray[Any], done: Sequence[op.Operation], axes: tuple[str, ...] | None
    ) -> list[tuple[tuple[int, ...], Sample]]:
        kept = self._kept(pixels, axes)
        samples = []
        for index in np.ndindex(kept):
            where = tuple(slice(i, i + 1) if size > 1 else slice(None) for i, size in zip(index, kept, strict=True))
            samples.append((index, Sample(pixels[where], [each.at(where) for each in done])))
        return samples

    def _refused(self, found: str) -> ModelError:
        return ModelError(self._asked, found=found, do="use a model without that step")
