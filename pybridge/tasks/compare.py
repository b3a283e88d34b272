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
from numpy.typing import NDArray

from pybridge.core.comparison import (
    CONSISTENCY,
    ComparedMethod,
    Comparison,
    ComparisonResult,
    Failure,
)
from pybridge.core.environment import versions
from pybridge.core.errors import CancelledError, ImageError, PyBridgeError, UsageError, list_some
from pybridge.core.image import Image
from pybridge.core.record import RunRecord, Stopwatch, input_used, now
from pybridge.tasks.images import ImageLike, to_image

if TYPE_CHECKING:
    from pybridge.tasks.compare_method import MethodRun
    from pybridge.tasks.compare_scores import Counts, Metric

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


@dataclass(frozen=True, slots=True, eq=False)
class _Case:
    """An image and its truth."""

    image: Image
    truth: Image | None = None
    labels: NDArray[np.int32] | None = None
    warnings: tuple[str, ...] = ()


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

    watch, started = watch or Stopwatch(), now()
    check_models(settings.model)
    with watch.part("read"):
        cases, failures = _read(images, truths)
    runs = _run_all(cases, settings)
    with watch.part("table"):
        comparison, order = _compare(cases, runs, settings, failures)
        table = methods_table(comparison)
    warnings = [str(failure) for failure in comparison.failures]
    warnings = [f"not done: {each}" for each in warnings]
    warnings += [each for source in (*cases, *runs) for each in source.warnings]
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


def _read(images: Sequence[ImageLike], truths: Sequence[ImageLike] | None) -> tuple[list[_Case], list[Failure]]:
    """Read images and truths; those that cannot be read or do not fit are named."""
    if truths is not None and len(truths) != len(images):
        raise UsageError(
            f"compare on {len(images)} image(s)",
            found=f"{len(truths)} truth(s)",
            do="give one label image for each image, in the same order",
        )
    cases: list[_Case] = []
    failures: list[Failure] = []
    errors: list[PyBridgeError] = []
    for number, given in enumerate(images):
        try:
            cases.append(_read_case(given, None if truths is None else truths[number]))
        except CancelledError:
            raise
        except PyBridgeError as error:
            errors.append(error)
            name = given.name if isinstance(given, Image) else str(given)
            failures.append(Failure("", name if isinstance(name, str) else "image", str(error)))
    if not cases:
        if errors:
            raise errors[0]
        raise UsageError("compare methods", found="no image was given", do="give at least one image")
    return cases, failures


def _read_case(given: ImageLike, truth: ImageLike | None) -> _Case:
    from pybridge.tasks.evaluate_checks import labels_of

    image = to_image(given)
    if truth is None:
        return _Case(image)
    expected = to_image(truth)
    labels, warnings = labels_of(expected, role="truth")
    wanted = tuple(image.size_of(letter) for letter in "TZYX")
    if labels.shape != wanted:
        raise ImageError(
            f"score {image.name!r} against {expected.name!r}",
            found=f"the truth is {expected.axes} {expected.array.shape}, the image {image.axes} {image.array.shape}",
            do="give a label image of the same size",
        )
    return _Case(image, expected, labels, warnings)


def _run_all(cases: Sequence[_Case], settings: CompareSettings) -> list[MethodRun]:
    from pybridge.tasks.compare_method import run_method

    return [
        run_method(
            model,
            [case.image for case in cases],
            device=settings.device,
            tile=settings.tile,
            channel=settings.channel,
            perturbed=cases[0].labels is None,
        )
        for model in settings.model
    ]


def _compare(
    cases: Sequence[_Case], runs: Sequence[MethodRun], settings: CompareSettings, unread: Sequence[Failure]
) -> tuple[Comparison, list[int]]:
    """Score, test and rank; gives the comparison and the order of its methods among the runs."""
    from pybridge.metrics.ranking import places_of
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
    agreeing = _agreement(runs, counted)
    counts = [
        _count_against(cases, run) if has_truth else _count_scout(run, agreeing[:, index])
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
    with np.errstate(invalid="ignore"):
        mean_agreement = _mean_over_images(agreeing, counted)
    comparison = Comparison(
        images=tuple(case.image.name for case in cases),
        counted=tuple(counted.tolist()),
        ranked_by=ranked_by,
        has_truth=has_truth,
        methods=methods,
        differences=differences,
        agreement=mean_agreement[np.ix_(order, order)],
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


def _count_against(cases: Sequence[_Case], run: MethodRun) -> Counts:
    """Count what the scores against truth need, shape (N, K); NaN where the method failed."""
    from pybridge.tasks.compare_scores import count_against_truth

    rows = []
    for case, packed in zip(cases, run.labels, strict=True):
        assert case.labels is not None
        rows.append(None if packed is None else count_against_truth(case.labels, _as_planes(packed.unpack(), case)))
    length = next(len(row) for row in rows if row is not None) if any(row is not None for row in rows) else 43
    return np.array([np.full(length, np.nan) if row is None else row for row in rows])


def _as_planes(labels: NDArray[np.generic], case: _Case) -> NDArray[np.generic]:
    assert case.labels is not None
    return labels.reshape(case.labels.shape)


def _count_scout(run: MethodRun, agreeing: NDArray[np.float64]) -> Counts:
    """Count consistency and agreement for means over images, shape (N, 4).

    Parameters
    ----------
    run : MethodRun
    agreeing : ndarray, shape (N, M)
        Agreement with each method on each image; that with itself is NaN.
    """
    from pybridge.tasks.compare_scores import mean_counts

    rows = []
    for done, steady, others in zip(run.done, run.steadiness, agreeing, strict=True):
        known = others[~np.isnan(others)]
        agreed = float(known.mean()) if known.size else float("nan")
        rows.append(np.concatenate([mean_counts(steady), mean_counts(agreed)]) if done else np.full(4, np.nan))
    return np.array(rows)


def _agreement(runs: Sequence[MethodRun], counted: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Compare the labels of every two methods on every image, shape (N, M, M); NaN on the diagonal."""
    from pybridge.tasks.consistency import agreement

    found = np.full((counted.size, len(runs), len(runs)), np.nan)
    for number in range(counted.size):
        labels = [run.labels[number] for run in runs]
        unpacked = [None if packed is None else packed.unpack() for packed in labels]
        for one in range(len(runs)):
            for other in range(one):
                first, second = unpacked[one], unpacked[other]
                if first is not None and second is not None:
                    found[number, one, other] = found[number, other, one] = agreement(first, second)
    return found


def _mean_over_images(agreeing: NDArray[np.float64], counted: NDArray[np.bool_]) -> NDArray[np.float64]:
    rows = agreeing[counted]
    known = ~np.isnan(rows)
    total = np.where(known, rows, 0).sum(0)
    return np.divide(total, known.sum(0), out=np.full(total.shape, np.nan), where=known.any(0))
