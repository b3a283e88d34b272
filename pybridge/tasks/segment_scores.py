"""The scores of one label image, and how those of several add up. Imports metrics and core."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from pybridge.core.results import ObjectTable
from pybridge.metrics.ratios import ratio
from pybridge.tasks.evaluate_scored import one_row, or_none

if TYPE_CHECKING:
    from pybridge.metrics.boundary import BoundaryScores
    from pybridge.metrics.detection import ImageScores
    from pybridge.metrics.pixels import PixelScores


@dataclass(frozen=True, slots=True)
class Distances:
    """Distances between boundaries, calibrated, and of how many pairs they are the mean; NaN without a pair."""

    hausdorff: float
    hd95: float
    assd: float
    count: int

    def to_json(self) -> dict[str, Any]:
        """Write them out."""
        return {
            "hausdorff": or_none(self.hausdorff),
            "hd95": or_none(self.hd95),
            "assd": or_none(self.assd),
            "count": self.count,
        }


@dataclass(frozen=True, slots=True)
class SegmentScores:
    """Scores of one label image.

    Parameters
    ----------
    name : str
        Name of the result.
    detection : ImageScores
        Matches at each IoU threshold.
    split, merged, missed, spurious : int
        Kinds of errors at an IoU of 0.5, as ``metrics.object_errors`` defines them.
    truth_count, result_count : int
        Objects.
    pixels : PixelScores
        Of the foreground.
    seg_sum : float
        Sum over the truth's objects of the challenge's SEG.
    foreground : Distances
        Between the two foregrounds: the mean over frames.
    objects : Distances
        The mean over matched objects.
    unit : str
        Unit of the distances.
    """

    name: str
    detection: ImageScores
    split: int
    merged: int
    missed: int
    spurious: int
    truth_count: int
    result_count: int
    pixels: PixelScores
    seg_sum: float
    foreground: Distances
    objects: Distances
    unit: str

    @property
    def seg(self) -> float:
        """The Cell Tracking Challenge's SEG."""
        return ratio(self.seg_sum, self.truth_count)

    @property
    def count_error(self) -> int:
        """Objects found less objects that are there."""
        return self.result_count - self.truth_count

    def to_json(self) -> dict[str, Any]:
        """Write the scores as one image of ``scores.json``."""
        from pybridge.tasks.evaluate_pool import segments_to_json

        whole: dict[str, Any] = segments_to_json([self])["per_image"][0]
        return whole


def to_distances(scores: BoundaryScores, count: int) -> Distances:
    """Keep the mean over so many pairs; there may be none."""
    return Distances(scores.hausdorff, scores.hd95, scores.assd, 0 if np.isnan(scores.assd) else count)


def add_up(parts: Sequence[SegmentScores], *, detection: ImageScores, unit: str) -> SegmentScores:
    """Add up the counts of several parts, and take the means of distances over all their objects.

    Parameters
    ----------
    parts : sequence of SegmentScores
    detection : ImageScores
        Their matches, added up.
    unit : str
        Unit of the distances; empty when they have none in common, and so no mean.
    """
    from pybridge.metrics.pixels import pool_pixels

    return SegmentScores(
        name=detection.name,
        detection=detection,
        split=sum(part.split for part in parts),
        merged=sum(part.merged for part in parts),
        missed=sum(part.missed for part in parts),
        spurious=sum(part.spurious for part in parts),
        truth_count=sum(part.truth_count for part in parts),
        result_count=sum(part.result_count for part in parts),
        pixels=pool_pixels([part.pixels for part in parts]),
        seg_sum=sum(part.seg_sum for part in parts),
        foreground=mean_distances([part.foreground for part in parts] if unit else []),
        objects=mean_distances([part.objects for part in parts] if unit else []),
        unit=unit,
    )


def mean_distances(parts: list[Distances]) -> Distances:
    """Take the mean over all pairs of several parts; parts without a pair do not count."""
    defined = [part for part in parts if part.count]
    count = sum(part.count for part in defined)
    if not count:
        return Distances(np.nan, np.nan, np.nan, 0)
    sums = np.sum([(part.hausdorff, part.hd95, part.assd) * np.array(part.count) for part in defined], axis=0)
    hausdorff, hd95, assd = (sums / count).tolist()
    return Distances(hausdorff, hd95, assd, count)


def table_row(scores: SegmentScores) -> ObjectTable:
    """Write the scores as the row that people read."""
    at = dict(
        zip((f"{threshold:.2f}" for threshold in scores.detection.thresholds), scores.detection.counts, strict=True)
    )
    half, strict = at["0.50"], at["0.75"]
    return one_row(
        [
            ("Image", scores.name),
            ("Truth", scores.truth_count),
            ("Found", scores.result_count),
            ("TP", half.tp),
            ("FP", half.fp),
            ("FN", half.fn),
            ("Precision", half.precision),
            ("Recall", half.recall),
            ("F1", half.f1),
            ("AP 0.50", half.ap),
            ("AP 0.75", strict.ap),
            ("Mean AP", scores.detection.mean_ap),
            ("PQ", half.pq),
            ("Mean IoU", half.sq),
            ("Split", scores.split),
            ("Merged", scores.merged),
            ("Missed", scores.missed),
            ("Spurious", scores.spurious),
            ("Count error", scores.count_error),
            ("Dice", scores.pixels.dice),
            ("IoU", scores.pixels.iou),
            ("SEG", scores.seg),
            ("HD95", scores.objects.hd95),
            ("ASSD", scores.objects.assd),
            ("Unit", scores.unit),
        ]
    )
