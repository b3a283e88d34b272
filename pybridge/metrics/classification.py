"""Scores of classes against the truth: what is taken for what, and whether stated probabilities hold. Imports core.

Definitions are those of scikit-learn; a score that is 0/0 is NaN: the precision of a class that was never found, the
recall of one that never occurs (scikit-learn gives 0 unless told otherwise). Macro scores are means over the classes
for which the score is defined. The bins of the calibration hold their upper edge, as in scikit-learn and in Guo et al.;
in torchmetrics they hold the lower one, which shows only where a probability is exactly at an edge.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pybridge.core.errors import UsageError
from pybridge.metrics.ratios import mean_of_defined, ratio, ratios

BINS = 15


@dataclass(frozen=True, slots=True, eq=False)
class ReliabilityCurve:
    """How often the class with a stated probability was right: one element for each bin, NaN where it is empty.

    Parameters
    ----------
    edges : ndarray of float64, shape (bins + 1,)
        A bin holds probabilities above its lower and up to its upper edge; the first holds 0 too.
    count : ndarray of int64, shape (bins,)
    confidence : ndarray of float64, shape (bins,)
        Mean probability of the class that was found.
    accuracy : ndarray of float64, shape (bins,)
        Share that was right.
    """

    edges: NDArray[np.float64]
    count: NDArray[np.int64]
    confidence: NDArray[np.float64]
    accuracy: NDArray[np.float64]

    @property
    def ece(self) -> float:
        """Expected calibration error: mean of |accuracy − confidence|, bins weighted by their counts; NaN if empty."""
        filled = self.count > 0
        if not filled.any():
            return float("nan")
        gap = np.abs(self.accuracy[filled] - self.confidence[filled])
        return float((gap * self.count[filled]).sum() / self.count.sum())


@dataclass(frozen=True, slots=True, eq=False)
class ClassificationScores:
    """Scores of a classification.

    Parameters
    ----------
    classes : tuple
        Names of the classes, in the order of all arrays.
    confusion : ndarray of int64, shape (classes, classes)
        Rows are the truth, columns what was found.
    reliability : ReliabilityCurve or None
        None without probabilities.
    """

    classes: tuple[Hashable, ...]
    confusion: NDArray[np.int64]
    reliability: ReliabilityCurve | None

    @property
    def accuracy(self) -> float:
        """Share of items whose class is right."""
        return ratio(self._right.sum(), self.confusion.sum())

    @property
    def balanced_accuracy(self) -> float:
        """Mean recall of the classes that occur in the truth."""
        return self.macro_recall

    @property
    def precision(self) -> NDArray[np.float64]:
        """Of each class: share of what was found as this class that is of it."""
        return ratios(self._right, self.confusion.sum(0))

    @property
    def recall(self) -> NDArray[np.float64]:
        """Of each class: share of its items that were found as it."""
        return ratios(self._right, self.confusion.sum(1))

    @property
    def f1(self) -> NDArray[np.float64]:
        """Of each class: 2 TP / (2 TP + FP + FN)."""
        return ratios(2 * self._right, self.confusion.sum(0) + self.confusion.sum(1))

    @property
    def support(self) -> NDArray[np.int64]:
        """Items of each class in the truth."""
        support: NDArray[np.int64] = self.confusion.sum(1)
        return support

    @property
    def macro_precision(self) -> float:
        """Mean precision of the classes for which it is defined."""
        return mean_of_defined(self.precision)

    @property
    def macro_recall(self) -> float:
        """Mean recall of the classes for which it is defined."""
        return mean_of_defined(self.recall)

    @property
    def macro_f1(self) -> float:
        """Mean F1 of the classes for which it is defined."""
        return mean_of_defined(self.f1)

    @property
    def ece(self) -> float:
        """Expected calibration error; NaN without probabilities."""
        return float("nan") if self.reliability is None else self.reliability.ece

    @property
    def _right(self) -> NDArray[np.int64]:
        return np.diagonal(self.confusion)


def score_classes(
    truth: Sequence[Hashable] | NDArray[Any],
    predicted: Sequence[Hashable] | NDArray[Any],
    *,
    probabilities: ArrayLike | None = None,
    classes: Sequence[Hashable] | None = None,
    bins: int = BINS,
) -> ClassificationScores:
    """Score the classes found for items (images or objects) against their true classes.

    Parameters
    ----------
    truth, predicted : sequence of names or numbers, length (items,)
    probabilities : array_like, shape (items, classes), optional
        Of each class, for the reliability curve and the expected calibration error (Naeini et al., AAAI 2015; Guo et
        al., ICML 2017): what counts is the probability of the class in ``predicted``.
    classes : sequence, optional
        All classes, in the order of the columns of ``probabilities``; by default those that occur, sorted.
    bins : int
        Of equal width, for the reliability curve.

    Raises
    ------
    UsageError
        If lengths differ, an item has no class (NaN) or several, a class is not among ``classes``, or the probabilities
        do not fit or are none.

    Examples
    --------
    >>> scores = score_classes(["a", "a", "b", "c"], ["a", "b", "b", "b"])
    >>> scores.classes, scores.accuracy, scores.recall.tolist()
    (('a', 'b', 'c'), 0.5, [0.5, 1.0, 0.0])
    """
    asked = "score classes against the truth"
    true, found = _items(truth), _items(predicted)
    if len(true) != len(found):
        raise UsageError(asked, found=f"{len(found)} items, and {len(true)} in the truth", do="give one class an item")
    names = _classes(true + found, classes)
    number = {name: index for index, name in enumerate(names)}
    true_index = np.array([number[name] for name in true], np.int64)
    found_index = np.array([number[name] for name in found], np.int64)
    size = len(names)
    confusion = np.bincount(true_index * size + found_index, minlength=size * size).reshape(size, size)
    reliability = None
    if probabilities is not None:
        table = _probabilities(probabilities, shape=(len(true), size))
        stated = table[np.arange(len(true)), found_index]
        reliability = _reliability(stated, true_index == found_index, bins=bins)
    return ClassificationScores(names, confusion.astype(np.int64), reliability)


def _items(values: Sequence[Hashable] | NDArray[Any]) -> list[Hashable]:
    """List the classes of items as plain Python values, so that 2 of an array and 2 of a list are one class."""
    if isinstance(values, np.ndarray) and values.ndim != 1:
        raise UsageError(
            "score classes against the truth", found=f"shape {values.shape}", do="give one class for each item"
        )
    items = [value.item() if isinstance(value, np.generic) else value for value in values]
    missing = sum(isinstance(value, float) and math.isnan(value) for value in items)
    if missing:
        raise UsageError(
            "score classes against the truth", found=f"{missing} items have no class (NaN)", do="leave them out"
        )
    return items


def _classes(occurring: list[Hashable], classes: Sequence[Hashable] | None) -> tuple[Hashable, ...]:
    present = set(occurring)
    if classes is None:
        # Numbers by value, everything else by its text, so that a mixture has an order too.
        return tuple(
            sorted(present, key=lambda name: (0, name, "") if isinstance(name, int | float) else (1, 0, str(name)))
        )
    names = tuple(_items(classes))
    unknown = sorted((name for name in present if name not in set(names)), key=str)
    if unknown or len(set(names)) != len(names):
        raise UsageError(
            f"score the classes {names!r}",
            found=f"{unknown[0]!r} occurs too" if unknown else "one is there twice",
            do="name every class once",
        )
    return names


def _probabilities(probabilities: ArrayLike, *, shape: tuple[int, int]) -> NDArray[np.float64]:
    try:
        table = np.asarray(probabilities, np.float64)
    except (TypeError, ValueError):
        table = np.zeros(0)  # rows of different lengths, or words: no table
    found = None
    if table.shape != shape:
        found = f"shape {table.shape}, not {shape} as (items, classes)"
    elif table.size and not ((table >= 0) & (table <= 1 + 1e-6)).all():  # float32 softmax may end a little above 1
        found = "values out of 0 to 1"
    if found:
        raise UsageError(
            "score probabilities of classes", found=found, do="give one for each item and class, and name the classes"
        )
    return np.minimum(table, 1.0)


def _reliability(stated: NDArray[np.float64], right: NDArray[np.bool_], *, bins: int) -> ReliabilityCurve:
    if bins < 1:
        raise UsageError(f"draw a reliability curve of {bins!r} bins", found="fewer than 1", do="take 10 to 20")
    edges = np.linspace(0, 1, bins + 1)
    place = np.clip(np.searchsorted(edges, stated, side="left") - 1, 0, bins - 1)
    count = np.bincount(place, minlength=bins)
    return ReliabilityCurve(
        edges=edges,
        count=count.astype(np.int64),
        confidence=ratios(np.bincount(place, weights=stated, minlength=bins), count),
        accuracy=ratios(np.bincount(place, weights=right, minlength=bins), count),
    )
