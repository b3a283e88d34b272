"""The metrics of a comparison: pooled over images, with intervals and paired tests. Imports metrics and core.

Each image gives a vector of counts; a metric is a function of their sum over images, as in ``metrics.detection``. The
same draws of images serve every method, so that intervals of differences are paired ones.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pybridge.core.comparison import MetricScore, PairedDifference
from pybridge.core.comparison_metrics import CONSISTENCY
from pybridge.metrics.bootstrap import bootstrap_draws, percentile_interval
from pybridge.metrics.detection import THRESHOLDS, match, overlaps
from pybridge.metrics.ranking import holm, signed_rank
from pybridge.metrics.ratios import ratios

Counts = NDArray[np.float64]
_OBJECTS = 4 * len(THRESHOLDS)  # tp, fp, fn and the sum of IoU for each threshold, then the pixels
_IN_BOTH, _IN_TRUTH, _IN_RESULT = range(_OBJECTS, _OBJECTS + 3)
COUNTS = _OBJECTS + 3
"""How many numbers one image gives against truth."""


@dataclass(frozen=True, slots=True)
class Metric:
    """A score that follows from counts.

    Parameters
    ----------
    name : str
        In tables and files; ``label_of`` gives what people call it.
    of : callable
        Counts, shape (…, K), to values, shape (…); NaN where it is 0/0.
    mean : int or None
        The place of a metric that is a mean over images; None for one of pooled counts.
    """

    name: str
    of: Callable[[Counts], Counts]
    mean: int | None = None


def count_against_truth(truth: NDArray[Any], labels: NDArray[Any]) -> Counts:
    """Count what the metrics of ``TRUTH_METRICS`` need, in a plane or a volume, shape (K,)."""
    found = overlaps(truth, labels)
    scores = match(found)
    objects = [number for each in scores.counts for number in (each.tp, each.fp, each.fn, each.iou_sum)]
    pixels = [found.intersection.sum(), found.truth_area.sum(), found.result_area.sum()]
    return np.array([*objects, *pixels], np.float64)


def mean_counts(value: float) -> Counts:
    """Let a value of one image count for a mean over images; an undefined one counts for nothing."""
    return np.array([0.0, 0.0] if np.isnan(value) else [value, 1.0])


def _at(counts: Counts, threshold: float) -> tuple[Counts, ...]:
    first = 4 * THRESHOLDS.index(threshold)
    return tuple(counts[..., first + place] for place in range(4))


def _ap(threshold: float) -> Callable[[Counts], Counts]:
    def of(counts: Counts) -> Counts:
        tp, fp, fn, _ = _at(counts, threshold)
        return ratios(tp, tp + fp + fn)

    return of


def _mean_ap(counts: Counts) -> Counts:
    mean: Counts = np.mean([_ap(threshold)(counts) for threshold in THRESHOLDS], axis=0)
    return mean


def _f1(counts: Counts) -> Counts:
    tp, fp, fn, _ = _at(counts, 0.5)
    return ratios(2 * tp, 2 * tp + fp + fn)


def _pq(counts: Counts) -> Counts:
    tp, fp, fn, iou = _at(counts, 0.5)
    return ratios(2 * iou, 2 * tp + fp + fn)


def _precision(counts: Counts) -> Counts:
    tp, fp, _, _ = _at(counts, 0.5)
    return ratios(tp, tp + fp)


def _recall(counts: Counts) -> Counts:
    tp, _, fn, _ = _at(counts, 0.5)
    return ratios(tp, tp + fn)


def _dice(counts: Counts) -> Counts:
    return ratios(2 * counts[..., _IN_BOTH], counts[..., _IN_TRUTH] + counts[..., _IN_RESULT])


def _mean(name: str, place: int) -> Metric:
    return Metric(name, lambda counts: ratios(counts[..., 2 * place], counts[..., 2 * place + 1]), place)


def on_common_images(counts: Sequence[Counts], metrics: Sequence[Metric], ranks: Sequence[bool]) -> list[Counts]:
    """Let means be over the same images for every method: those on which each one that ranks has the score.

    Otherwise a method could come first by having no score on the hard images.

    Parameters
    ----------
    counts : sequence of ndarray, shape (N, K)
        Of each method.
    metrics : sequence of Metric
    ranks : sequence of bool
        Which methods rank; the others leave no image out.
    """
    made = [each.copy() for each in counts]
    for metric in metrics:
        if metric.mean is not None:
            columns = slice(2 * metric.mean, 2 * metric.mean + 2)
            lacking = np.logical_or.reduce(
                [has_none(each, metric) for each, ranked in zip(counts, ranks, strict=True) if ranked]
            )
            for each in made:
                each[lacking, columns] = 0
    return made


def has_none(counts: Counts, metric: Metric) -> NDArray[np.bool_]:
    """Say on which images a method has no such score, shape (N,)."""
    return np.isnan(metric.of(counts))


TRUTH_METRICS = (
    Metric("mean_ap", _mean_ap),
    Metric("ap50", _ap(0.5)),
    Metric("ap75", _ap(0.75)),
    Metric("f1", _f1),
    Metric("pq", _pq),
    Metric("precision", _precision),
    Metric("recall", _recall),
    Metric("dice", _dice),
)
SCOUT_METRICS = (
    _mean(CONSISTENCY, 0),
    _mean("agreement", 1),
)
RESTORE_METRICS = (
    _mean("ssim", 0),
    _mean("psnr", 1),
    _mean("pearson", 2),
)
"""Means over images; RMSE, NRMSE and RSE would tell nothing more, since PSNR and correlation follow from them."""


@dataclass(frozen=True, slots=True, eq=False)
class Pooled:
    """The counts of one method over the images that count, and over draws of them.

    Parameters
    ----------
    counts : ndarray, shape (n, K)
        Of each image that counts.
    draws : ndarray, shape (R, K)
        Sums over images drawn anew, with repetition; none for fewer than two images.
    """

    counts: Counts
    draws: Counts

    def value(self, metric: Metric) -> float:
        """Give a metric over all images that count."""
        return float(metric.of(self.counts.sum(0)))


def pool_counts(counts: Counts, counted: NDArray[np.bool_]) -> Pooled:
    """Add up the counts of the images that count; the same images are drawn for every method.

    Parameters
    ----------
    counts : ndarray, shape (N, K)
    counted : ndarray of bool, shape (N,)
    """
    rows = counts[counted]
    draws = bootstrap_draws(rows, statistic=lambda drawn: drawn.sum(0))
    return Pooled(rows, draws.reshape(-1, counts.shape[1]))


def score_method(counts: Counts, pooled: Pooled, metrics: Sequence[Metric]) -> tuple[MetricScore, ...]:
    """Score one method by all metrics.

    Parameters
    ----------
    counts : ndarray, shape (N, K)
        Of each image, those that do not count among them; NaN where the method failed.
    pooled : Pooled
    metrics : sequence of Metric
    """
    return tuple(
        MetricScore(
            name=metric.name,
            value=pooled.value(metric),
            interval=percentile_interval(metric.of(pooled.draws)),
            per_image=tuple(metric.of(counts).tolist()),
        )
        for metric in metrics
    )


def compare_pairs(
    models: Sequence[str], pooled: Sequence[Pooled], metrics: Sequence[Metric]
) -> tuple[PairedDifference, ...]:
    """Compare every pair of methods by every metric; the correction is for all pairs of one metric.

    Parameters
    ----------
    models : sequence of str
        The better ones first.
    pooled : sequence of Pooled
        One for each method, over the same images.
    metrics : sequence of Metric
    """
    found: list[PairedDifference] = []
    pairs = list(combinations(range(len(models)), 2))
    for metric in metrics:
        drawn = [metric.of(each.draws) for each in pooled]
        per_image = [metric.of(each.counts) for each in pooled]
        values = [each.value(metric) for each in pooled]
        tests = [signed_rank(per_image[one], per_image[other]) for one, other in pairs]
        corrected = holm([test.p for test in tests])
        found += [
            PairedDifference(
                metric=metric.name,
                first=models[one],
                second=models[other],
                difference=values[one] - values[other],
                interval=percentile_interval(drawn[one] - drawn[other]),
                images=test.pairs,
                differing=test.differing,
                p=test.p,
                p_corrected=float(p),
                favours_first=test.favours_first,
            )
            for (one, other), test, p in zip(pairs, tests, corrected, strict=True)
        ]
    return tuple(found)
