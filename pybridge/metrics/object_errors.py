"""What went wrong with which object: missed, spurious, split, merged. Imports core and numpy; scipy inside functions.

Right, missed and spurious follow from one-to-one matching at an IoU threshold (metrics/matching.py). Splits and merges
do not depend on it; they follow from *who lies in whom*, by more than half of the pixels, so that an object lies in one
other at most:

- a result object is **merged** when two or more truth objects lie in it, each by more than half of its own pixels. This
  is the detection test of the Cell Tracking Challenge (Matula et al., PLoS ONE 10(12), 2015), whose "split vertex"
  operations undo such merges. The truth objects that lie in it were *swallowed*.
- a truth object is **split** when two or more result objects lie in it, each by more than half of its own pixels: the
  same test with the roles changed, as over- and under-segmentation mirror each other in Hoover et al. (IEEE Trans.
  Pattern Anal. Mach. Intell. 18(7), 1996). The result objects that lie in it are its *pieces*.

An object without a partner is *missed* (truth) or *spurious* (result) only if no split or merge explains it; so FN =
missed + unmatched split or swallowed objects, and FP = spurious + unmatched merged objects or pieces. An object can be
matched and split, or matched and merged: one piece may cover most of it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pybridge.metrics.matching import match_pairs
from pybridge.metrics.overlaps import Overlaps

Indices = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class ObjectErrors:
    """What became of each object. All indices count from 0 in rising order of ids, as in ``Overlaps``.

    Parameters
    ----------
    threshold : float
        IoU from which a pair matches.
    truth_ids, result_ids : ndarray of int64, shape (N,) and (M,)
        Value of each object in its label image: ``truth_ids[missed]`` are the labels of the missed objects.
    matched_truth, matched_result : ndarray of int64, shape (TP,)
        Indices of the objects of each pair.
    matched_iou : ndarray of float64, shape (TP,)
    missed : ndarray of int64
        Truth objects without a partner that are neither split nor swallowed.
    spurious : ndarray of int64
        Result objects without a partner that are neither merged nor pieces.
    split : ndarray of int64
        Truth objects in which two or more result objects lie.
    merged : ndarray of int64
        Result objects in which two or more truth objects lie.
    pieces : ndarray of int64
        Result objects that lie in a split truth object.
    swallowed : ndarray of int64
        Truth objects that lie in a merged result object.
    """

    threshold: float
    truth_ids: Indices
    result_ids: Indices
    matched_truth: Indices
    matched_result: Indices
    matched_iou: NDArray[np.float64]
    missed: Indices
    spurious: Indices
    split: Indices
    merged: Indices
    pieces: Indices
    swallowed: Indices

    @property
    def truth_count(self) -> int:
        """Objects in the truth."""
        return self.truth_ids.size

    @property
    def result_count(self) -> int:
        """Objects in the result."""
        return self.result_ids.size

    @property
    def count_error(self) -> int:
        """Objects found less objects there: above 0 when too many were found."""
        return self.result_count - self.truth_count

    @property
    def matched_count(self) -> int:
        """Pairs, TP."""
        return self.matched_truth.size

    @property
    def missed_count(self) -> int:
        """Truth objects that nothing stands for."""
        return self.missed.size

    @property
    def spurious_count(self) -> int:
        """Result objects that stand for nothing."""
        return self.spurious.size

    @property
    def split_count(self) -> int:
        """Truth objects found in pieces."""
        return self.split.size

    @property
    def merged_count(self) -> int:
        """Result objects that hold several truth objects."""
        return self.merged.size

    @property
    def mean_matched_iou(self) -> float:
        """Mean IoU of the pairs; NaN without any."""
        return float(self.matched_iou.mean()) if self.matched_iou.size else float("nan")


def find_object_errors(found: Overlaps, *, threshold: float = 0.5) -> ObjectErrors:
    """Say what became of each object of the truth, and what each object of the result is.

    Parameters
    ----------
    found : Overlaps
    threshold : float
        A pair matches at an IoU of at least this; above 0, up to 1.

    Raises
    ------
    UsageError
        If the threshold is out of range.

    Examples
    --------
    >>> from pybridge.metrics.overlaps import overlaps
    >>> truth = np.array([[1, 1, 1, 1, 0, 2, 2, 0, 3, 3, 0, 4, 0, 0]])
    >>> result = np.array([[5, 5, 6, 6, 0, 7, 7, 7, 7, 7, 0, 0, 0, 8]])
    >>> errors = find_object_errors(overlaps(truth, result), threshold=0.6)
    >>> errors.truth_ids[errors.split].tolist(), errors.result_ids[errors.merged].tolist()
    ([1], [7])
    >>> errors.truth_ids[errors.missed].tolist(), errors.result_ids[errors.spurious].tolist(), errors.count_error
    ([4], [8], 0)
    """
    pairs = match_pairs(found, threshold=threshold)
    truth_size, result_size = found.truth_area.size, found.result_area.size
    matched_truth, matched_result = found.truth[pairs], found.result[pairs]
    lies_in_result = 2 * found.intersection > found.truth_area[found.truth]
    lies_in_truth = 2 * found.intersection > found.result_area[found.result]
    merged, swallowed = _gathered(inner=found.truth[lies_in_result], outer=found.result[lies_in_result])
    split, pieces = _gathered(inner=found.result[lies_in_truth], outer=found.truth[lies_in_truth])
    return ObjectErrors(
        threshold=threshold,
        truth_ids=found.truth_ids,
        result_ids=found.result_ids,
        matched_truth=matched_truth,
        matched_result=matched_result,
        matched_iou=found.iou[pairs],
        missed=_others(truth_size, matched_truth, split, swallowed),
        spurious=_others(result_size, matched_result, merged, pieces),
        split=split,
        merged=merged,
        pieces=pieces,
        swallowed=swallowed,
    )


def _gathered(*, inner: Indices, outer: Indices) -> tuple[Indices, Indices]:
    """Give the outer objects that hold two or more inner ones, and all the inner ones they hold; each rising."""
    if not inner.size:
        return inner, inner
    several = np.bincount(outer) > 1
    return np.flatnonzero(several), np.sort(inner[several[outer]])


def _others(size: int, *known: Indices) -> Indices:
    """Give the indices below ``size`` that are in none of the lists."""
    rest = np.ones(size, bool)
    for indices in known:
        rest[indices] = False
    return np.flatnonzero(rest)
