"""Scores of a label image against ground truth: which objects were found, at each IoU threshold, and how well.

A truth object and a result object match when their intersection over union (IoU) reaches the threshold; each object
matches at most once, so that as many pairs as possible are made. Then TP are the pairs, FN the truth objects and FP
the result objects without a partner, and AP = TP / (TP + FP + FN), as in the 2018 Data Science Bowl (Caicedo et al.,
Nature Methods 2019). SQ is the mean IoU of the pairs, RQ equals F1, PQ = SQ × RQ (Kirillov et al., CVPR 2019).
Kirillov et al. match above an IoU of 0.5; a pair at exactly the threshold matches here too.

A score that is 0/0 is undefined and is NaN here, null in JSON: nothing was there and nothing was found. It never
counts as 0 or 1; stardist gives 0 there. Matching equals that of stardist, which keeps IoU in float32. Pooled scores
add up the counts of all images first. Imports core and numpy; scipy only inside functions.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pybridge.core.errors import UsageError
from pybridge.metrics.bootstrap import bootstrap_draws, percentile_interval
from pybridge.metrics.matching import match_pairs
from pybridge.metrics.overlaps import Overlaps, overlaps
from pybridge.metrics.ratios import ratio, ratios

__all__ = [
    "THRESHOLDS",
    "Counts",
    "ImageScores",
    "Overlaps",
    "SegmentationScores",
    "match",
    "overlaps",
    "pool",
    "scores_to_json",
]

THRESHOLDS = tuple(percent / 100 for percent in range(50, 100, 5))


@dataclass(frozen=True, slots=True)
class Counts:
    """What was found at one IoU threshold, and the scores that follow; 0/0 is NaN.

    Examples
    --------
    >>> counts = Counts(tp=3, fp=1, fn=0, iou_sum=2.4)
    >>> counts.precision, counts.recall, counts.ap, round(counts.sq, 3)
    (0.75, 1.0, 0.75, 0.8)
    """

    tp: int
    fp: int
    fn: int
    iou_sum: float
    """Sum of the IoU of the pairs."""

    @property
    def precision(self) -> float:
        """Share of result objects that are right: TP / (TP + FP)."""
        return ratio(self.tp, self.tp + self.fp)

    @property
    def recall(self) -> float:
        """Share of truth objects that were found: TP / (TP + FN)."""
        return ratio(self.tp, self.tp + self.fn)

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall: 2 TP / (2 TP + FP + FN)."""
        return ratio(2 * self.tp, 2 * self.tp + self.fp + self.fn)

    @property
    def ap(self) -> float:
        """TP / (TP + FP + FN)."""
        return ratio(self.tp, self.tp + self.fp + self.fn)

    @property
    def sq(self) -> float:
        """Segmentation quality: mean IoU of the pairs."""
        return ratio(self.iou_sum, self.tp)

    @property
    def rq(self) -> float:
        """Recognition quality, which equals F1."""
        return self.f1

    @property
    def pq(self) -> float:
        """Panoptic quality: sum of IoU / (TP + FP/2 + FN/2)."""
        return ratio(2 * self.iou_sum, 2 * self.tp + self.fp + self.fn)


@dataclass(frozen=True, slots=True)
class ImageScores:
    """Scores of one image: one ``Counts`` for each threshold."""

    thresholds: tuple[float, ...]
    counts: tuple[Counts, ...]
    name: str = ""

    @property
    def mean_ap(self) -> float:
        """Mean AP over the thresholds."""
        return float(np.mean([count.ap for count in self.counts]))


@dataclass(frozen=True, slots=True)
class SegmentationScores:
    """Scores over several images: pooled, one by one, and the interval that another choice of images might give.

    Parameters
    ----------
    pooled : ImageScores
        Counts added up over all images.
    per_image : tuple of ImageScores
    ap_interval : tuple of (float, float)
        For each threshold the 95 % percentile interval of the pooled AP, from a bootstrap over images. NaN for a single
        image.
    mean_ap_interval : (float, float)
        The same for the mean AP.
    """

    pooled: ImageScores
    per_image: tuple[ImageScores, ...]
    ap_interval: tuple[tuple[float, float], ...]
    mean_ap_interval: tuple[float, float]


def match(found: Overlaps, *, thresholds: tuple[float, ...] = THRESHOLDS, name: str = "") -> ImageScores:
    """Match objects one to one at each IoU threshold.

    Above an IoU of 0.5 an object has at most one partner. At exactly 0.5 it may have two, and below it more; then as
    many pairs as possible are made, of these the ones with the greatest sum of IoU.

    Parameters
    ----------
    found : Overlaps
    thresholds : tuple of float
        A pair matches at an IoU of at least this; above 0, up to 1.
    name : str
        Name of the image.

    Raises
    ------
    UsageError
        If a threshold is out of range.

    Examples
    --------
    >>> truth = np.array([[1, 1, 1, 1, 0, 2]])
    >>> scores = match(overlaps(truth, np.array([[1, 1, 1, 0, 0, 0]])), thresholds=(0.5, 0.8))
    >>> [(count.tp, count.fp, count.fn) for count in scores.counts]
    [(1, 0, 1), (0, 1, 2)]
    """
    if not thresholds:
        raise UsageError("match objects", found="no IoU threshold", do="give at least one, above 0, up to 1")
    iou = found.iou
    counts = []
    for threshold in thresholds:
        pairs = match_pairs(found, threshold=threshold)
        tp = pairs.size
        counts.append(
            Counts(
                tp=tp,
                fp=found.result_area.size - tp,
                fn=found.truth_area.size - tp,
                iou_sum=float(iou[pairs].sum()),
            )
        )
    return ImageScores(thresholds, tuple(counts), name)


def pool(scores: list[ImageScores], *, resamples: int = 2000, seed: int = 0) -> SegmentationScores:
    """Add up the counts of several images, and estimate how far other images might move the scores.

    Parameters
    ----------
    scores : list of ImageScores
        At least one; all at the same thresholds.
    resamples : int
        How many times the images are drawn anew, with repetition, for the interval (Efron's percentile bootstrap).
    seed : int
        Of the draws, so that the interval repeats.

    Raises
    ------
    UsageError
        If there are no scores, or their thresholds differ.
    """
    if not scores or len({image.thresholds for image in scores}) != 1:
        raise UsageError(
            f"pool the scores of {len(scores)} images",
            found="none" if not scores else "they were matched at different thresholds",
            do="give the scores of at least one image, all at the same thresholds",
        )
    # (image, threshold, [tp, fp, fn, iou_sum])
    table = np.array([[(c.tp, c.fp, c.fn, c.iou_sum) for c in image.counts] for image in scores], np.float64)
    whole = table.sum(0)
    counts = tuple(Counts(int(tp), int(fp), int(fn), float(iou)) for tp, fp, fn, iou in whole)
    draws = bootstrap_draws(table, statistic=_ap_and_mean, resamples=resamples, seed=seed)
    intervals = [percentile_interval(column) for column in draws.reshape(-1, len(whole) + 1).T]
    return SegmentationScores(
        pooled=ImageScores(scores[0].thresholds, counts),
        per_image=tuple(scores),
        ap_interval=tuple(intervals[:-1]),
        mean_ap_interval=intervals[-1],
    )


def scores_to_json(scores: SegmentationScores) -> dict[str, Any]:
    """Turn scores into the structure of ``scores.json``; undefined ones become None.

    Examples
    --------
    >>> same = np.array([[1, 0, 2]])
    >>> scores_to_json(pool([match(overlaps(same, same))]))["pooled"]["0.50"]["ap"]
    1.0
    """
    keys = [f"{threshold:.2f}" for threshold in scores.pooled.thresholds]
    intervals: dict[str, Any] = {
        key: {"ap": [_or_none(bound) for bound in interval]}
        for key, interval in zip(keys, scores.ap_interval, strict=True)
    }
    intervals["mean_ap"] = [_or_none(bound) for bound in scores.mean_ap_interval]
    return {
        "images": len(scores.per_image),
        "pooled": _counts_to_json(scores.pooled),
        "mean_ap": _or_none(scores.pooled.mean_ap),
        "per_image": [
            {"name": image.name, "mean_ap": _or_none(image.mean_ap), **_counts_to_json(image)}
            for image in scores.per_image
        ],
        "ci95": intervals,
    }


def _counts_to_json(image: ImageScores) -> dict[str, Any]:
    names = ("precision", "recall", "f1", "ap", "pq", "sq", "rq")
    return {
        f"{threshold:.2f}": {
            "tp": count.tp,
            "fp": count.fp,
            "fn": count.fn,
            **{name: _or_none(getattr(count, name)) for name in names},
        }
        for threshold, count in zip(image.thresholds, image.counts, strict=True)
    }


def _or_none(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def _ap_and_mean(images: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give the pooled AP at each threshold and then their mean; NaN for nothing but empty images."""
    tp, fp, fn = images[..., :3].sum(0).T
    ap = ratios(tp, tp + fp + fn)
    return np.append(ap, ap.mean())
