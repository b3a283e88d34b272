"""What is counted on each image of a comparison: against truth, under perturbation, and between methods.

Imports core and the other modules of the task.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from pybridge.metrics.ratios import ratios
from pybridge.tasks.compare_cases import Case
from pybridge.tasks.compare_method import MethodRun
from pybridge.tasks.compare_scores import COUNTS, RESTORE_METRICS, Counts, count_against_truth, mean_counts
from pybridge.tasks.consistency import agreement
from pybridge.tasks.label_places import scored_places


def count_against(cases: Sequence[Case], run: MethodRun) -> Counts:
    """Count what the scores against truth need, shape (N, K); NaN where the method failed.

    Frames, and slices of what is no volume, are counted one by one and added up, as ``pybridge evaluate`` does: an id
    names another object in each.
    """
    rows: list[Counts | None] = []
    for case, packed in zip(cases, run.results, strict=True):
        if case.labels is None or packed is None:
            rows.append(None)
        else:
            found = packed.unpack().reshape(case.labels.shape)
            name = case.image.name if case.truth is None else case.truth.name
            places, warnings = scored_places(found, case.labels, name=name)
            run.warnings += [f"{run.model} on {case.image.name}: {warning}" for warning in warnings]
            rows.append(np.sum([count_against_truth(case.labels[place], found[place]) for place in places], axis=0))
    return np.array([np.full(COUNTS, np.nan) if row is None else row for row in rows])


def count_restored(cases: Sequence[Case], run: MethodRun) -> Counts:
    """Count what means of the restoration scores need, shape (N, 2 K); NaN where the method failed.

    The scores are those of ``pybridge evaluate``. An infinite one, of an image that equals its truth, does not count.
    A stack with too few slices for the SSIM of a volume has the mean SSIM of its slices, for every method alike.
    """
    from pybridge.tasks.evaluate_restore import RestoreScores, score_image

    rows = []
    for case, packed in zip(cases, run.results, strict=True):
        if case.truth is None or packed is None:
            rows.append(np.full(2 * len(RESTORE_METRICS), np.nan))
            continue
        restored = packed.as_image(case.truth, name=case.image.name)
        scored = score_image(restored, case.truth, raw=None, table=False, show_errors=False).scores
        assert isinstance(scored, RestoreScores)
        values = {name: value for name, value in zip(scored.metrics, scored.result, strict=True) if np.isfinite(value)}
        values.setdefault("ssim", values.get("ssim_planes", np.nan))
        rows.append(np.concatenate([mean_counts(values.get(metric.name, np.nan)) for metric in RESTORE_METRICS]))
    return np.array(rows)


def count_scout(run: MethodRun, agreeing: NDArray[np.float64]) -> Counts:
    """Count consistency and agreement for means over images, shape (N, 4).

    Parameters
    ----------
    run : MethodRun
    agreeing : ndarray, shape (N, M)
        Agreement with each method on each image; that with itself is NaN.
    """
    rows = []
    for done, steady, others in zip(run.done, run.steadiness, agreeing, strict=True):
        known = others[~np.isnan(others)]
        agreed = float(known.mean()) if known.size else float("nan")
        rows.append(np.concatenate([mean_counts(steady), mean_counts(agreed)]) if done else np.full(4, np.nan))
    return np.array(rows)


def agreement_of_pairs(runs: Sequence[MethodRun]) -> NDArray[np.float64]:
    """Compare the labels of every two methods on every image, shape (N, M, M); NaN on the diagonal."""
    images = len(runs[0].results)
    found = np.full((images, len(runs), len(runs)), np.nan)
    for number in range(images):
        labels = [run.results[number] for run in runs]
        unpacked = [None if packed is None else packed.unpack() for packed in labels]
        for one in range(len(runs)):
            for other in range(one):
                first, second = unpacked[one], unpacked[other]
                if first is not None and second is not None:
                    found[number, one, other] = found[number, other, one] = agreement(first, second)
    return found


def mean_over_images(agreeing: NDArray[np.float64], counted: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Give the mean over the images that count, shape (M, M); NaN where no image tells."""
    rows = agreeing[counted]
    known = ~np.isnan(rows)
    total = np.where(known, rows, 0).sum(0)
    return ratios(total, known.sum(0))
