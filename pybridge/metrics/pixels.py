"""Pixel scores of a segmentation: Dice and IoU of the foreground and of each class. Imports core and numpy.

They say nothing about objects: two touching cells found as one score 1. A score that is 0/0 is NaN: a class that is
neither in the truth nor in the result was neither found nor missed (scikit-learn and seg-metrics give 0 or 1 there,
torchmetrics what it is told to).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pybridge.core.errors import UsageError
from pybridge.metrics.overlaps import Overlaps, overlaps
from pybridge.metrics.ratios import ratio


@dataclass(frozen=True, slots=True)
class PixelCounts:
    """How many pixels of one kind were found, and the scores that follow; 0/0 is NaN.

    Examples
    --------
    >>> counts = PixelCounts(tp=6, fp=2, fn=4)
    >>> round(counts.dice, 3), counts.iou, counts.precision, counts.recall
    (0.667, 0.5, 0.75, 0.6)
    """

    tp: int
    fp: int
    fn: int

    @property
    def dice(self) -> float:
        """Dice coefficient, which equals F1: 2 TP / (2 TP + FP + FN)."""
        return ratio(2 * self.tp, 2 * self.tp + self.fp + self.fn)

    @property
    def iou(self) -> float:
        """Intersection over union, the Jaccard index: TP / (TP + FP + FN)."""
        return ratio(self.tp, self.tp + self.fp + self.fn)

    @property
    def precision(self) -> float:
        """Share of the pixels found that are right."""
        return ratio(self.tp, self.tp + self.fp)

    @property
    def recall(self) -> float:
        """Share of the true pixels that were found."""
        return ratio(self.tp, self.tp + self.fn)


@dataclass(frozen=True, slots=True)
class PixelScores:
    """Pixel scores of one image, or of several pooled.

    Parameters
    ----------
    foreground : PixelCounts
        Of all pixels above 0, whatever object or class they are of.
    classes : tuple of int
        Pixel values that are classes; empty for images of objects.
    per_class : tuple of PixelCounts
        One for each class.
    """

    foreground: PixelCounts
    classes: tuple[int, ...] = ()
    per_class: tuple[PixelCounts, ...] = ()

    @property
    def dice(self) -> float:
        """Dice of the foreground."""
        return self.foreground.dice

    @property
    def iou(self) -> float:
        """IoU of the foreground."""
        return self.foreground.iou


def score_pixels(
    truth: NDArray[Any], result: NDArray[Any], *, classes: Sequence[int] | str | None = None
) -> PixelScores:
    """Score a segmentation pixel by pixel.

    Parameters
    ----------
    truth, result : ndarray of one shape
        Masks, label images or class images; 0 is background.
    classes : sequence of int, "all", or None
        For class images: the pixel values to score one by one (0 may be among them); ``"all"`` takes every value
        above 0 of either image. None for masks and images of objects, where a value is no class.

    Raises
    ------
    ImageError
        If the shapes differ, or a value is NaN, below 0 or no whole number.
    UsageError
        If ``classes`` is another word, names a class twice, or one is no whole number from 0.

    Examples
    --------
    >>> scores = score_pixels(np.array([[0, 1, 1, 2]]), np.array([[0, 1, 2, 2]]), classes="all")
    >>> scores.iou, scores.classes, [counts.iou for counts in scores.per_class]
    (1.0, (1, 2), [0.5, 0.5])
    """
    found = overlaps(truth, result)
    both = int(found.intersection.sum())
    foreground = PixelCounts(both, int(found.result_area.sum()) - both, int(found.truth_area.sum()) - both)
    values = _values(found, classes)
    return PixelScores(foreground, values, _count_classes(truth, result, found, values))


def pool_pixels(scores: Sequence[PixelScores]) -> PixelScores:
    """Add up the pixels of several images; a class that an image lacks has no pixels there.

    Raises
    ------
    UsageError
        If there are no scores.

    Examples
    --------
    >>> one = PixelScores(PixelCounts(1, 0, 1))
    >>> pool_pixels([one, one]).foreground
    PixelCounts(tp=2, fp=0, fn=2)
    """
    if not scores:
        raise UsageError("pool the pixel scores of 0 images", found="none", do="give the scores of at least one image")
    classes = tuple(sorted({value for image in scores for value in image.classes}))
    per_class = tuple(
        _sum([image.per_class[image.classes.index(value)] for image in scores if value in image.classes])
        for value in classes
    )
    return PixelScores(_sum([image.foreground for image in scores]), classes, per_class)


def _values(found: Overlaps, classes: Sequence[int] | str | None) -> tuple[int, ...]:
    if classes is None:
        return ()
    if isinstance(classes, str):
        if classes != "all":
            raise UsageError(f"score the classes {classes!r}", found="no such choice", do="give 'all' or pixel values")
        return tuple(np.union1d(found.truth_ids, found.result_ids).tolist())
    if any(value < 0 or value != int(value) for value in classes):
        raise UsageError(
            f"score the classes {tuple(classes)!r}", found="not whole numbers from 0", do="give values that pixels have"
        )
    if len(set(classes)) != len(classes):
        raise UsageError(f"score the classes {tuple(classes)!r}", found="one is there twice", do="name each once")
    return tuple(int(value) for value in classes)


def _count_classes(
    truth: NDArray[Any], result: NDArray[Any], found: Overlaps, values: tuple[int, ...]
) -> tuple[PixelCounts, ...]:
    """Count the pixels of each class; those of the background, which the overlaps leave out, by looking again."""
    in_truth = dict(zip(found.truth_ids.tolist(), found.truth_area.tolist(), strict=True))
    in_result = dict(zip(found.result_ids.tolist(), found.result_area.tolist(), strict=True))
    same = found.truth_ids[found.truth] == found.result_ids[found.result]
    right = dict(zip(found.truth_ids[found.truth[same]].tolist(), found.intersection[same].tolist(), strict=True))
    if 0 in values:
        in_truth[0], in_result[0] = (int(np.count_nonzero(labels == 0)) for labels in (truth, result))
        right[0] = int(np.count_nonzero((truth == 0) & (result == 0)))
    return tuple(
        PixelCounts(
            right.get(value, 0),
            in_result.get(value, 0) - right.get(value, 0),
            in_truth.get(value, 0) - right.get(value, 0),
        )
        for value in values
    )


def _sum(counts: Sequence[PixelCounts]) -> PixelCounts:
    return PixelCounts(sum(c.tp for c in counts), sum(c.fp for c in counts), sum(c.fn for c in counts))
