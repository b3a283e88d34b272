"""Compare: several models and classical methods on some images, ranked with truth or without. All doors come here.

Imports the other modules of the task, core, and the rooms below inside functions.
"""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pybridge.core.comparison import CONSISTENCY, ComparedMethod, Comparison, ComparisonResult, Failure
from pybridge.core.environment import versions
from pybridge.core.errors import ImageError, PyBridgeError, UsageError, list_some
from pybridge.core.record import RunRecord, Stopwatch, input_used, now
from pybridge.tasks.images import ImageLike

if TYPE_CHECKING:
    from pybridge.tasks.compare_cases import Case
    from pybridge.tasks.compare_method import MethodRun
    from pybridge.tasks.compare_scores import Metric

COMMAND = "PyBridge Compare"
# A method that fails on more images than this share of them has no place; else the images that it lacks count for none.
_MOST_FAILED = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class CompareSettings:
    """Settings of one comparison; the names and meanings are those of the command."""

    model: tuple[str, ...]
    device: str = "auto"
    tile: str = "auto"
    channel: str | None = None
    rank_by: str = "mean_ap"


def compare_images(
    images: Sequence[ImageLike],
    settings: CompareSettings,
    *,
    truths: Sequence[ImageLike] | None = None,
    watch: Stopwatch | None = None,
) -> ComparisonResult:
    """Run every method on every image, score and rank them.

    Parameters
    ----------
    images : sequence of Image, path, ndarray, xarray.DataArray or ImagePlus
        At least one.
    settings : CompareSettings
        Checked settings.
    truths : sequence, optional
        Ground-truth labels, one for each image. Without them the methods are ranked by consistency.
    watch : Stopwatch, optional
        Where earlier parts of this command were timed.

    Raises
    ------
    UsageError
        If a method is named twice, or there is no such model.
    PyBridgeError
        If no image can be read, or no method can do any; the first reason is given.
    """
    from pybridge.reporting.comparison_table import methods_table, summary_to_json
    from pybridge.tasks.compare_cases import read_cases

    watch, started = watch or Stopwatch(), now()
    check_models(settings.model)
    with watch.part("read"):
        cases, failures = read_cases(images, truths)
    runs = _run_all(cases, settings)
    with watch.part("table"):
        comparison, order = _compare(cases, runs, settings, failures)
        table = methods_table(comparison)
    warnings = [str(failure) for failure in comparison.failures]
    warnings = [f"not done: {each}" for each in warnings]
    warnings += [each for case in cases for each in case.warnings] + [each for run in runs for each in run.warnings]
    record = RunRecord(
        id=str(uuid.uuid4()),
        command=COMMAND,
        parameters=dataclasses.asdict(settings) | {"rank_by": comparison.ranked_by},
        started=started,
        inputs=tuple(input_used(case.image) for case in cases)
        + tuple(input_used(case.truth, role="truth") for case in cases if case.truth is not None),
        device=next((method.device for method in comparison.methods if method.device is not None), None),
        versions=versions(),
        scores=summary_to_json(comparison),
        warnings=tuple(dict.fromkeys(warnings)),
        timing_s=watch.timing(),
    )
    return ComparisonResult(
        comparison=comparison,
        table=table,
        images=tuple(case.image for case in cases),
        truths=tuple(case.truth for case in cases if case.truth is not None),
        labels=tuple(tuple(runs[index].labels) for index in order),
        record=record,
    )


def check_models(models: Sequence[str]) -> None:
    """Raise before any work when a method is named twice or there is none of that name.

    A model that is there but damaged stops nothing: it is named at the end.
    """
    from pybridge import zoo
    from pybridge.baselines import find_baseline
    from pybridge.core.baseline_names import is_baseline

    twice = sorted({model for model in models if models.count(model) > 1})
    if twice:
        raise UsageError(f"compare {twice[0]!r}", found="it is named twice", do="name each method once")
    for model in models:
        try:
            if is_baseline(model):
                find_baseline(model, task="segment")
            else:
                zoo.find(model)
        except UsageError:
            raise
        except PyBridgeError:
            continue  # said when its turn comes


def _run_all(cases: Sequence[Case], settings: CompareSettings) -> list[MethodRun]:
    from pybridge.tasks.compare_forest import TRAINED_ANEW, left_out
    from pybridge.tasks.compare_method import run_method
    from pybridge.tasks.segment_settings import SegmentSettings

    images, labels = [case.image for case in cases], [case.labels for case in cases]
    runs = []
    for model in settings.model:
        with left_out(model, images, labels, channel=settings.channel) as trainer:
            run = run_method(
                images,
                SegmentSettings(
                    model=model, device=settings.device, tile=settings.tile, channel=settings.channel, table=False
                ),
                perturbed=labels[0] is None,
                trainer=trainer,
            )
        run.warnings += [TRAINED_ANEW] if trainer is not None else []
        runs.append(run)
    return runs


def _compare(
    cases: Sequence[Case], runs: Sequence[MethodRun], settings: CompareSettings, unread: Sequence[Failure]
) -> tuple[Comparison, list[int]]:
    """Score, test and rank; gives the comparison and the order of its methods among the runs."""
    from pybridge.metrics.ranking import places_of
    from pybridge.tasks.compare_counts import agreement_of_pairs, count_against, count_scout, mean_over_images
    from pybridge.tasks.compare_scores import SCOUT_METRICS, TRUTH_METRICS, compare_pairs, pool_counts, score_method

    has_truth = cases[0].labels is not None
    metrics: Sequence[Metric] = TRUTH_METRICS if has_truth else SCOUT_METRICS
    ranked_by = settings.rank_by if has_truth else CONSISTENCY
    failures = [*unread, *(failure for run in runs for failure in run.failures)]
    can_rank = [run.done.any() and (~run.done).mean() <= _MOST_FAILED for run in runs]
    if not any(run.done.any() for run in runs):
        raise ImageError(
            f"compare {list_some(settings.model)}",
            found=f"no method could do any image; {failures[0]}",
            do="look at each method on one image with `pybridge segment`",
        )
    counted = np.logical_and.reduce([run.done for run, ranks in zip(runs, can_rank, strict=True) if ranks])
    agreeing = agreement_of_pairs(runs)
    counts = [
        count_against(cases, run) if has_truth else count_scout(run, agreeing[:, index])
        for index, run in enumerate(runs)
    ]
    pooled = [pool_counts(each, counted & run.done) for each, run in zip(counts, runs, strict=True)]
    scores = [score_method(each, over, metrics) for each, over in zip(counts, pooled, strict=True)]
    ranking = next(number for number, metric in enumerate(metrics) if metric.name == ranked_by)
    places = places_of(
        [each[ranking].value if ranks else float("nan") for each, ranks in zip(scores, can_rank, strict=True)]
    )
    order = sorted(range(len(runs)), key=lambda index: (places[index] is None, places[index] or 0, index))
    methods = tuple(
        ComparedMethod(
            model=runs[index].model,
            place=places[index],
            scores=scores[index],
            objects=tuple(runs[index].objects),
            seconds=tuple(runs[index].seconds),
            load_s=runs[index].load_s,
            train_s=runs[index].train_s,
            memory_mb=runs[index].memory_mb,
            used=runs[index].used,
            device=runs[index].device,
        )
        for index in order
    )
    ranked = [index for index in order if places[index] is not None]
    differences = compare_pairs([runs[index].model for index in ranked], [pooled[index] for index in ranked], metrics)
    comparison = Comparison(
        images=tuple(case.image.name for case in cases),
        counted=tuple(counted.tolist()),
        ranked_by=ranked_by,
        has_truth=has_truth,
        methods=methods,
        differences=differences,
        agreement=mean_over_images(agreeing, counted)[np.ix_(order, order)],
        verdicts=(),
        caveats=(),
        failures=tuple(failures),
    )
    return _with_words(comparison), order


def _with_words(comparison: Comparison) -> Comparison:
    from pybridge.tasks.compare_words import (
        SCOUT_CAVEATS,
        TRUTH_CAVEATS,
        describe_differences,
        describe_perturbations,
        start_simple,
    )

    ranked = [method for method in comparison.methods if method.place is not None]
    verdicts = describe_differences(ranked, comparison.differences, comparison.ranked_by)
    if comparison.has_truth:
        verdicts += start_simple(ranked, comparison.differences, comparison.ranked_by)
        return dataclasses.replace(comparison, verdicts=verdicts, caveats=TRUTH_CAVEATS)
    return dataclasses.replace(comparison, verdicts=(describe_perturbations(), *verdicts), caveats=SCOUT_CAVEATS)
