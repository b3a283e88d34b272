"""The classes of several tables or images together, with intervals from a bootstrap. Imports metrics."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from pybridge.tasks.evaluate_classify import ClassScores

if TYPE_CHECKING:
    from pybridge.metrics.classification import ReliabilityCurve

INTERVALS = ("accuracy", "balanced_accuracy", "macro_f1")
"""The scores that have an interval; that of the ECE would not hold: drawing anew makes it worse by itself."""


@dataclass(frozen=True, slots=True, eq=False)
class PooledClasses:
    """Several tables or images of classes as one.

    Parameters
    ----------
    scores : ClassScores
        Their confusion matrices added up.
    intervals : dict of str to (float, float)
        Of ``INTERVALS``; NaN for a single image.
    drawn : str
        What was drawn anew for them: ``images``, ``tables``, or of a single table its ``rows``.
    """

    scores: ClassScores
    intervals: dict[str, tuple[float, float]]
    drawn: str


def pool_classes(scores: Sequence[ClassScores]) -> PooledClasses:
    """Add up several tables or images of classes.

    Objects of one image are alike, so that of several tables those are drawn anew, never their rows: rows would tell
    how far other objects of the same images move a score, and not how far other images do.

    Parameters
    ----------
    scores : sequence of ClassScores
        At least one.
    """
    from pybridge.metrics.bootstrap import bootstrap_draws, percentile_interval
    from pybridge.metrics.classification import ClassificationScores
    from pybridge.metrics.pixels import pool_pixels

    names = scores[0].found.classes
    if any(each.found.classes != names for each in scores):
        names = tuple(sorted({name for each in scores for name in each.found.classes}, key=_by_value))
    size = len(names)
    drawn = _what_is_drawn(scores)
    single = np.array([_confusion(each, names) for each in scores])
    rows = scores[0].items @ (size, 1) if drawn == "rows" and scores[0].items is not None else None
    curves = [each.found.reliability for each in scores if each.found.reliability is not None]
    whole = ClassificationScores(names, single.sum(0), _added_curves(curves) if len(curves) == len(scores) else None)
    pixels = [each.pixels for each in scores if each.pixels is not None]

    def statistic(draw: NDArray[np.int64]) -> list[float]:
        flat = draw.sum(0) if rows is None else np.bincount(draw, minlength=size**2)
        found = ClassificationScores(names, flat.reshape(size, size), None)
        return [getattr(found, name) for name in INTERVALS]

    draws = bootstrap_draws(single if rows is None else rows, statistic=statistic).reshape(-1, len(INTERVALS))
    intervals = {name: percentile_interval(column) for name, column in zip(INTERVALS, draws.T, strict=True)}
    return PooledClasses(ClassScores("", whole, pixels=pool_pixels(pixels) if pixels else None), intervals, drawn)


def _what_is_drawn(scores: Sequence[ClassScores]) -> str:
    if any(each.items is None for each in scores):
        return "images"
    return "rows" if len(scores) == 1 else "tables"


def _confusion(scores: ClassScores, names: Sequence[object]) -> NDArray[np.int64]:
    """Give the confusion matrix of one with the classes of all."""
    confusion = np.zeros((len(names), len(names)), np.int64)
    where = np.array([names.index(name) for name in scores.found.classes])
    confusion[np.ix_(where, where)] = scores.found.confusion
    return confusion


def _added_curves(curves: Sequence[ReliabilityCurve]) -> ReliabilityCurve:
    from pybridge.metrics.classification import ReliabilityCurve
    from pybridge.metrics.ratios import ratios

    count = np.sum([curve.count for curve in curves], axis=0)
    means = []
    for name in ("confidence", "accuracy"):
        total = sum(np.nan_to_num(getattr(curve, name)) * curve.count for curve in curves)
        means.append(ratios(total, count))
    return ReliabilityCurve(curves[0].edges, count, *means)


def _by_value(name: object) -> tuple[float, str]:
    return (float(name), "") if isinstance(name, (int, float)) else (0.0, str(name))
