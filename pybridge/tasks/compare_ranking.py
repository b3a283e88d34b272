"""From what every method gave to scores, tests, places and words. Imports core; the rooms below inside functions."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from pybridge.core.comparison import ComparedMethod, Comparison, Failure
from pybridge.core.comparison_metrics import RESTORE
from pybridge.core.errors import ImageError, list_some

if TYPE_CHECKING:
    from pybridge.tasks.compare_cases import Case
    from pybridge.tasks.compare_method import MethodRun
    from pybridge.tasks.compare_scores import Counts, Metric

# A method that fails on more images than this share of them has no place; else the images that it lacks count for none.
_MOST_FAILED = 0.5


def rank_methods(
    cases: Sequence[Case],
    runs: Sequence[MethodRun],
    *,
    task: str,
    ranked_by: str,
    unread: Sequence[Failure],
) -> tuple[Comparison, list[int]]:
    """Score, test and rank.

    Parameters
    ----------
    cases : sequence of Case
        The images, with truth or without.
    runs : sequence of MethodRun
        What each method gave on them.
    task, ranked_by : str
        As in ``Comparison``.
    unread : sequence of Failure
        Images that could not be read.

    Returns
    -------
    comparison : Comparison
    order : list of int
        The place of each of its methods among the runs.

    Raises
    ------
    ImageError
        If no method could do any image.
    """
    from pybridge.metrics.ranking import places_of
    from pybridge.tasks.compare_counts import mean_over_images
    from pybridge.tasks.compare_scores import compare_pairs, has_none, on_common_images, pool_counts, score_method
    from pybridge.tasks.compare_task import is_simple

    has_truth = cases[0].truth is not None
    failures = [*unread, *(failure for run in runs for failure in run.failures)]
    if not any(run.done.any() for run in runs):
        raise ImageError(
            f"compare {list_some([run.model for run in runs])}",
            found=f"no method could do any image; {failures[0]}",
            do=f"look at each method on one image with `pybridge {'predict' if task == RESTORE else 'segment'}`",
        )
    metrics, counts, agreeing = _count(cases, runs, task=task)
    ranking = next(number for number, metric in enumerate(metrics) if metric.name == ranked_by)
    can_rank = _which_rank([~run.done for run in runs])
    counted = np.full(len(cases), any(can_rank))
    for run, ranks in zip(runs, can_rank, strict=True):
        counted &= run.done | (not ranks)
    if metrics[ranking].mean is not None:
        # As a method that fails: one without a score on most images has no place, and leaves no image out.
        can_rank = _which_rank(
            [has_none(each, metrics[ranking]) | (not ranks) for each, ranks in zip(counts, can_rank, strict=True)]
        )
    common = on_common_images(counts, metrics, can_rank)
    pooled = [pool_counts(each, counted & run.done) for each, run in zip(common, runs, strict=True)]
    scores = [score_method(each, over, metrics) for each, over in zip(counts, pooled, strict=True)]
    places = places_of(
        [each[ranking].value if ranks else float("nan") for each, ranks in zip(scores, can_rank, strict=True)]
    )
    order = sorted(range(len(runs)), key=lambda index: (places[index] is None, places[index] or 0, index))
    methods = tuple(
        ComparedMethod(
            model=runs[index].model,
            is_baseline=is_simple(runs[index].model),
            place=places[index],
            scores=scores[index],
            objects=tuple(runs[index].objects),
            seconds=tuple(runs[index].seconds),
            load_s=runs[index].load_s,
            train_s=runs[index].train_s,
            own_memory_mib=runs[index].own_memory_mib,
            used=runs[index].used,
            device=runs[index].device,
        )
        for index in order
    )
    ranked = [index for index in order if places[index] is not None]
    comparison = Comparison(
        images=tuple(case.image.name for case in cases),
        counted=tuple(counted.tolist()),
        ranked_by=ranked_by,
        has_truth=has_truth,
        methods=methods,
        differences=compare_pairs(
            [runs[index].model for index in ranked], [pooled[index] for index in ranked], metrics
        ),
        agreement=mean_over_images(agreeing, counted)[np.ix_(order, order)],
        verdicts=(),
        caveats=(),
        failures=tuple(failures),
        task=task,
    )
    return _with_words(comparison), order


def _which_rank(lacking: Sequence[NDArray[np.bool_]]) -> list[bool]:
    """Say which methods can be ranked, given on which images each lacks.

    Those that lack on most images cannot. If the others have no image in common, the one that lacks most is left out,
    until they have one. Where all lack on most images, those that they share must do; without any nothing is ranked,
    since whoever was left out, a first place would mean nothing.
    """
    ranks = [bool(each.mean() <= _MOST_FAILED) for each in lacking]
    if not any(ranks):
        some = [not each.all() for each in lacking]
        shared = not np.logical_or.reduce([each for each, can in zip(lacking, some, strict=True) if can]).all()
        return some if any(some) and shared else ranks
    while any(ranks) and np.logical_or.reduce([each for each, can in zip(lacking, ranks, strict=True) if can]).all():
        worst = max((number for number, can in enumerate(ranks) if can), key=lambda number: int(lacking[number].sum()))
        ranks[worst] = False
    return ranks


def _count(
    cases: Sequence[Case], runs: Sequence[MethodRun], *, task: str
) -> tuple[Sequence[Metric], list[Counts], NDArray[np.float64]]:
    """Choose the metrics, count what they need for each method, and see how far methods agree on each image."""
    from pybridge.tasks.compare_counts import agreement_of_pairs, count_against, count_restored, count_scout
    from pybridge.tasks.compare_scores import RESTORE_METRICS, SCOUT_METRICS, TRUTH_METRICS

    if task == RESTORE:
        unknown = np.full((len(cases), len(runs), len(runs)), np.nan)
        return RESTORE_METRICS, [count_restored(cases, run) for run in runs], unknown
    agreeing = agreement_of_pairs(runs)
    if cases[0].truth is not None:
        return TRUTH_METRICS, [count_against(cases, run) for run in runs], agreeing
    return SCOUT_METRICS, [count_scout(run, agreeing[:, index]) for index, run in enumerate(runs)], agreeing


def _with_words(comparison: Comparison) -> Comparison:
    from pybridge.tasks.compare_caveats import list_caveats
    from pybridge.tasks.compare_words import (
        describe_differences,
        describe_lacking,
        describe_perturbations,
        describe_unranked,
        start_simple,
    )

    ranked = [method for method in comparison.methods if method.place is not None]
    verdicts = describe_lacking(comparison)
    verdicts += describe_unranked(comparison)
    verdicts += describe_differences(ranked, comparison.differences, comparison.ranked_by)
    if comparison.has_truth:
        verdicts += start_simple(ranked, comparison.differences, comparison.ranked_by)
    else:
        verdicts = (describe_perturbations(is_ranked=bool(ranked)), *verdicts)
    return dataclasses.replace(comparison, verdicts=verdicts, caveats=list_caveats(comparison))
