"""The scores of several images together, as ``scores.json`` has them, with intervals from a bootstrap over images.

Imports metrics and core.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import NDArray

from pybridge.core.results import EvaluationScores
from pybridge.metrics.definitions import define_boundaries, define_calibration, define_fitted_error, define_restored
from pybridge.tasks.evaluate_scored import or_none
from pybridge.tasks.segment_scores import Distances, SegmentScores, add_up

if TYPE_CHECKING:
    from pybridge.tasks.evaluate_classify import ClassScores
    from pybridge.tasks.evaluate_restore import RestoreScores
    from pybridge.tasks.evaluate_track import TrackScores

_KINDS = ("split", "merged", "missed", "spurious")


def scores_to_json(task: str, scores: Sequence[EvaluationScores]) -> dict[str, Any]:
    """Write the scores of one or several images, pooled and one by one.

    Parameters
    ----------
    task : str
        What was scored.
    scores : sequence of EvaluationScores
        At least one, all of this task.
    """
    if task == "segment":
        return segments_to_json(cast("Sequence[SegmentScores]", scores))
    if task == "restore":
        return _restored_to_json(cast("Sequence[RestoreScores]", scores))
    if task == "classify":
        return _classes_to_json(cast("Sequence[ClassScores]", scores))
    return _tracks_to_json(cast("Sequence[TrackScores]", scores))


def segments_to_json(scores: Sequence[SegmentScores]) -> dict[str, Any]:
    """Write the scores of label images: counts added up, distances as means over objects."""
    from pybridge.metrics.detection import pool
    from pybridge.metrics.detection import scores_to_json as detection_to_json

    together = pool([each.detection for each in scores])
    whole = detection_to_json(together)
    for plain, each in zip(whole["per_image"], scores, strict=True):
        plain |= _segment_to_json(each)
    units = {each.unit for each in scores}
    pooled = add_up(scores, detection=together.pooled, unit=units.pop() if len(units) == 1 else "")
    intervals = whole["ci95"]
    for threshold in ("0.50", "0.75"):
        place = pooled.detection.thresholds.index(float(threshold))
        counts = [each.detection.counts[place] for each in scores]
        table = np.array([(count.tp, count.fp, count.fn, count.iou_sum) for count in counts], np.float64)
        intervals[threshold] |= _intervals(
            table,
            precision=((1, 0, 0, 0), (1, 1, 0, 0)),
            recall=((1, 0, 0, 0), (1, 0, 1, 0)),
            f1=((2, 0, 0, 0), (2, 1, 1, 0)),
            pq=((0, 0, 0, 2), (2, 1, 1, 0)),
        )
    pixels = [each.pixels.foreground for each in scores]
    table = np.array([(count.tp, count.fp, count.fn) for count in pixels], np.float64)
    intervals["pixels"] = _intervals(table, dice=((2, 0, 0), (2, 1, 1)), iou=((1, 0, 0), (1, 1, 1)))
    table = np.array([(each.seg_sum, each.truth_count) for each in scores], np.float64)
    intervals |= _intervals(table, seg=((1, 0), (0, 1)))
    if pooled.unit:
        table = np.array([_sums(each.objects) for each in scores], np.float64)
        intervals["boundary"] = _intervals(table, hd95=((1, 0, 0), (0, 0, 1)), assd=((0, 1, 0), (0, 0, 1)))
    return {"task": "segment", **whole, **_segment_to_json(pooled), "definitions": define_boundaries()}


def _segment_to_json(scores: SegmentScores) -> dict[str, Any]:
    return {
        "objects": {
            "truth": scores.truth_count,
            "result": scores.result_count,
            "count_error": scores.count_error,
            **{kind: getattr(scores, kind) for kind in _KINDS},
        },
        "pixels": {"dice": or_none(scores.pixels.dice), "iou": or_none(scores.pixels.iou)},
        "seg": or_none(scores.seg),
        "boundary": {
            "unit": scores.unit or None,
            "foreground": scores.foreground.to_json(),
            "objects": scores.objects.to_json(),
        },
    }


def _sums(distances: Distances) -> tuple[float, float, float]:
    if not distances.count:
        return 0.0, 0.0, 0.0
    return distances.hd95 * distances.count, distances.assd * distances.count, float(distances.count)


def _restored_to_json(scores: Sequence[RestoreScores]) -> dict[str, Any]:
    """Write the scores of restored images: the mean over images; and in how many the result was nearer to the truth.

    The raw images are averaged over the same images as the results: those where both have a finite score, of which
    ``images_pooled`` says how many there are.
    """
    metrics = max((each.metrics for each in scores), key=len)  # stacks have one score more than planes
    results = [_by_name(each.metrics, each.result, metrics) for each in scores]
    raws = [_by_name(each.metrics, each.raw, metrics) for each in scores if each.raw is not None]
    is_beside_raw = len(raws) == len(scores)
    after, before, pooled_images = {}, {}, {}
    for name in metrics:
        both = np.array([[row[name] for row in rows] for rows in (results, raws if is_beside_raw else results)])
        after[name], before[name] = both[:, np.isfinite(both).all(0)]
        pooled_images[name] = after[name].size
    pooled, intervals = _means(after)
    whole: dict[str, Any] = {"task": "restore", "images": len(scores), "pooled": pooled, "images_pooled": pooled_images}
    if is_beside_raw:
        pooled["raw"], intervals["raw"] = _means(before)
        flags = [
            _by_name(each.metrics, [np.nan if flag is None else flag for flag in each.is_improved], metrics)
            for each in scores
        ]
        known = {name: [int(each[name]) for each in flags if not np.isnan(each[name])] for name in metrics}
        whole["nearer_to_truth_than_raw"] = {name: sum(found) if found else None for name, found in known.items()}
        whole["images_compared_with_raw"] = {name: len(found) for name, found in known.items()}
    whole |= {"per_image": [each.to_json() for each in scores], "ci95": intervals}
    defined = define_restored(is_stack="ssim_planes" in metrics) + define_fitted_error()
    return whole | {"definitions": defined}


def _by_name(names: Sequence[str], values: Sequence[float], wanted: Sequence[str]) -> dict[str, float]:
    """Name the scores of an image; NaN for those it has not.

    Among stacks, the SSIM of a plane is that of its only slice: one of a volume, of another window, it has not.
    """
    found = dict(zip(names, values, strict=True))
    if "ssim_planes" in wanted and "ssim_planes" not in found:
        found["ssim_planes"] = found.pop("ssim")
    return {name: found.get(name, float("nan")) for name in wanted}


def _classes_to_json(scores: Sequence[ClassScores]) -> dict[str, Any]:
    """Write the scores of classes: the confusion matrices added up; ``ci95_over`` says what was drawn anew."""
    from pybridge.tasks.evaluate_classify import scores_to_plain
    from pybridge.tasks.evaluate_classify_pool import pool_classes

    pooled = pool_classes(scores)
    return {
        "task": "classify",
        "images": len(scores),
        "classes": list(pooled.scores.classes),
        "pooled": scores_to_plain(pooled.scores),
        "per_image": [each.to_json() for each in scores],
        "ci95": {name: _bounds(interval) for name, interval in pooled.intervals.items()},
        "ci95_over": pooled.drawn,
        "definitions": [] if pooled.scores.found.reliability is None else define_calibration(),
    }


def _tracks_to_json(scores: Sequence[TrackScores]) -> dict[str, Any]:
    """Write the scores of tracked sequences: the mean over sequences, as the challenge ranks."""
    from pybridge.tasks.evaluate_track import TRACKING

    rows = [each.to_json() for each in scores]
    values = {name: np.array([row[name] for row in rows], np.float64) for name in TRACKING}
    pooled, intervals = _means(values)
    return {"task": "track", "images": len(scores), "pooled": pooled, "per_image": rows, "ci95": intervals}


def _means(columns: Mapping[str, NDArray[np.float64]]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Take the mean over images of each score, those undefined or infinite left out, with its interval."""
    from pybridge.metrics.bootstrap import mean_interval

    pooled: dict[str, Any] = {}
    intervals: dict[str, Any] = {}
    for name, values in columns.items():
        defined = values[np.isfinite(values)]
        pooled[name] = float(defined.mean()) if defined.size else None
        intervals[name] = _bounds(mean_interval(defined))
    return pooled, intervals


def _intervals(
    table: NDArray[np.float64], **ratios: tuple[tuple[float, ...], tuple[float, ...]]
) -> dict[str, list[float | None]]:
    """Give the 95 % intervals of ratios of sums over images; None for a single image.

    Parameters
    ----------
    table : ndarray of float64, shape (images, columns)
        What is added up.
    ratios
        For each name what the sums of the columns count for above and below the line.
    """
    from pybridge.metrics.bootstrap import bootstrap_draws, percentile_interval

    above, below = (np.array(side, np.float64) for side in zip(*ratios.values(), strict=True))

    def statistic(drawn: NDArray[np.float64]) -> NDArray[np.float64]:
        sums = drawn.sum(0)
        with np.errstate(invalid="ignore", divide="ignore"):
            found: NDArray[np.float64] = (above @ sums) / (below @ sums)  # 0/0 is undefined: NaN
        return found

    draws = bootstrap_draws(table, statistic=statistic).reshape(-1, len(ratios))
    return {name: _bounds(percentile_interval(column)) for name, column in zip(ratios, draws.T, strict=True)}


def _bounds(interval: tuple[float, float]) -> list[float | None]:
    return [or_none(bound) for bound in interval]
