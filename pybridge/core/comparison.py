"""What a comparison of methods gives: scores, tests, ranks and plain words. Imports numpy and core only."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pybridge.core.comparison_metrics import SEGMENT
from pybridge.core.image import Image
from pybridge.core.packed_pixels import PackedPixels
from pybridge.core.record import DeviceUsed, ModelUsed, RunRecord
from pybridge.core.results import ObjectTable

_SAME = 1e-12
SIGNIFICANCE = 0.05
"""A difference is called shown below this p value, after the correction."""
OWN_MEMORY = (
    "MiB more: how far the memory of the process rose while the method worked on an image, above what it held with the "
    "method open. Memory of a GPU is not counted."
)
"""What people are told of ``ComparedMethod.own_memory_mib``."""


@dataclass(frozen=True, slots=True)
class MetricScore:
    """One metric of one method.

    Parameters
    ----------
    name : str
        Of the metric, for example ``mean_ap``.
    value : float
        Over all images that count; NaN when undefined.
    interval : (float, float)
        95 % interval from a bootstrap over images; NaN for a single image.
    per_image : tuple of float
        On each image; NaN where the method failed or the metric is undefined.
    """

    name: str
    value: float
    interval: tuple[float, float]
    per_image: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Failure:
    """What could not be done: a method, an image, or a method on an image; the other field is empty."""

    model: str
    image: str
    error: str

    def __str__(self) -> str:
        where = " on ".join(part for part in (self.model, self.image) if part)
        return f"{where}: {self.error}"


@dataclass(frozen=True, slots=True)
class ComparedMethod:
    """One method of a comparison.

    Parameters
    ----------
    model : str
        As it was asked for.
    is_baseline : bool
        Whether it is a simple method: a classical one, or a random forest, whatever its name. The others are networks.
    place : int or None
        1 for the best; equal scores share a place. None when it could not be ranked.
    scores : tuple of MetricScore
        All metrics; the one that ranks among them.
    objects : tuple of float
        Objects found on each image; NaN where it failed, and where images are restored.
    seconds : tuple of float
        Wall seconds on each image, opening and training left out; NaN where it failed.
    load_s, train_s : float
        Wall seconds to open the model, with all that is imported and compiled once, and to train it where it was
        trained on the user's truth.
    own_memory_mib : float
        How far the memory of this process rose while the method worked on an image, above what it held with the method
        open; NaN where this system does not tell. Opening and training are left out, as in the seconds. A network that
        this process ran before the comparison may hold some of it already.
    used : ModelUsed or None
        Which model that was.
    device : DeviceUsed or None
        Where it ran.
    """

    model: str
    is_baseline: bool
    place: int | None
    scores: tuple[MetricScore, ...]
    objects: tuple[float, ...]
    seconds: tuple[float, ...]
    load_s: float
    train_s: float
    own_memory_mib: float
    used: ModelUsed | None
    device: DeviceUsed | None

    @property
    def seconds_per_image(self) -> float:
        """Median of the seconds; NaN when it did no image."""
        known = [each for each in self.seconds if not math.isnan(each)]
        return float(np.median(known)) if known else float("nan")

    @property
    def count_objects(self) -> float:
        """Objects on all images together."""
        return float(np.nansum(self.objects)) if self.objects else 0.0

    def score(self, name: str) -> MetricScore:
        """Give one metric."""
        return next(each for each in self.scores if each.name == name)


@dataclass(frozen=True, slots=True)
class PairedDifference:
    """Two methods on the same images, by one metric.

    Parameters
    ----------
    metric : str
    first, second : str
        The methods.
    difference : float
        Value of the first minus that of the second, over all images.
    interval : (float, float)
        Its 95 % interval, from a bootstrap over images.
    images, differing : int
        Images on which both have a score, and those on which the scores differ.
    p, p_corrected : float
        Two-sided p value of Wilcoxon's signed-rank test, before and after Holm's correction for all pairs.
    favours_first : bool
        Which of the two the images favour, each counting the same; a few images with many objects can make the score
        over all images say the opposite.
    """

    metric: str
    first: str
    second: str
    difference: float
    interval: tuple[float, float]
    images: int
    differing: int
    p: float
    p_corrected: float
    favours_first: bool

    @property
    def is_contradictory(self) -> bool:
        """Whether the images, one by one, clearly favour a method that has no higher score over all of them."""
        return self.p_corrected < SIGNIFICANCE and (self.is_equal or self.favours_first != (self.difference > 0))

    @property
    def is_equal(self) -> bool:
        """Whether both have the same score over all images together."""
        return abs(self.difference) < _SAME

    @property
    def is_shown(self) -> bool:
        """Whether a difference could be shown."""
        return self.p_corrected < SIGNIFICANCE and not self.is_contradictory


@dataclass(frozen=True, slots=True)
class Comparison:
    """Methods side by side.

    Parameters
    ----------
    images : tuple of str
        Names of the images that were compared on.
    counted : tuple of bool
        Which of them count: those that every ranked method could do.
    ranked_by : str
        The metric that ranks: higher is better.
    has_truth : bool
        Whether the scores are against ground truth.
    methods : tuple of ComparedMethod
        The best first; those without a place last.
    differences : tuple of PairedDifference
        All pairs of ranked methods, for each metric.
    agreement : ndarray of float, shape (M, M)
        F1 of the objects of two methods at IoU 0.5, mean over images; in the order of ``methods``.
    verdicts : tuple of str
        What follows, in plain words.
    caveats : tuple of str
        What does not follow.
    failures : tuple of Failure
        What could not be done.
    task : str
        ``segment`` or ``restore``.
    """

    images: tuple[str, ...]
    counted: tuple[bool, ...]
    ranked_by: str
    has_truth: bool
    methods: tuple[ComparedMethod, ...]
    differences: tuple[PairedDifference, ...]
    agreement: NDArray[np.float64]
    verdicts: tuple[str, ...]
    caveats: tuple[str, ...]
    failures: tuple[Failure, ...]
    task: str = SEGMENT

    @property
    def is_pooled(self) -> bool:
        """Whether scores are of the objects of all images together, so that an image without its own counts too."""
        return self.has_truth and self.task == SEGMENT

    @property
    def images_ranked(self) -> int:
        """How many images the score that ranks is of; 0 if no method is ranked.

        A mean is over those images that count on which all ranked methods have the score; a pooled score over all.
        """
        if self.is_pooled and any(each.place is not None for each in self.methods):
            return sum(self.counted)
        return self.images_with_scores

    @property
    def images_with_scores(self) -> int:
        """On how many of the images that count each ranked method has the score that ranks for that image alone."""
        ranked = [each.score(self.ranked_by).per_image for each in self.methods if each.place is not None]
        known = [
            counts and not any(map(math.isnan, values)) for counts, *values in zip(self.counted, *ranked, strict=True)
        ]
        return sum(known) if ranked else 0

    def between(self, first: str, second: str, *, metric: str = "") -> PairedDifference | None:
        """Find the test of two methods, in either order; by default with the metric that ranks."""
        wanted = metric or self.ranked_by
        for each in self.differences:
            if each.metric == wanted and {each.first, each.second} == {first, second}:
                return each
        return None


@dataclass(frozen=True, slots=True, eq=False)
class ComparisonResult:
    """A comparison, what it was made on, and its record.

    Parameters
    ----------
    comparison : Comparison
        Scores, tests, ranks and words.
    table : ObjectTable
        One row for each method, the best first.
    images, truths : tuple of Image
        In the order of ``comparison.images``; without truth the second is empty.
    results : tuple of tuple of PackedPixels or None
        For each method of ``comparison.methods``, its labels of each image, or the image that it restored; None where
        it failed.
    record : RunRecord
        What was compared, with what.
    """

    comparison: Comparison
    table: ObjectTable
    images: tuple[Image, ...]
    truths: tuple[Image, ...]
    results: tuple[tuple[PackedPixels | None, ...], ...]
    record: RunRecord
