"""Compare: several models and classical methods on some images, ranked with truth or without. All doors come here.

Imports the other modules of the task, core, and the rooms below inside functions.
"""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pybridge.core.baseline_names import is_baseline
from pybridge.core.comparison import Comparison, ComparisonResult
from pybridge.core.comparison_metrics import RESTORE, SEGMENT
from pybridge.core.environment import versions
from pybridge.core.errors import UsageError
from pybridge.core.record import DeviceUsed, RunRecord, Stopwatch, input_used, now
from pybridge.tasks.images import ImageLike

if TYPE_CHECKING:
    from pybridge.tasks.compare_cases import Case
    from pybridge.tasks.compare_method import MethodRun
    from pybridge.tasks.predict import PredictSettings
    from pybridge.tasks.segment_settings import SegmentSettings

COMMAND = "PyBridge Compare"


@dataclass(frozen=True, slots=True, kw_only=True)
class CompareSettings:
    """Settings of one comparison; the names and meanings are those of the command."""

    model: tuple[str, ...]
    task: str = "auto"
    device: str = "auto"
    tile: str = "auto"
    channel: str | None = None
    rank_by: str = "auto"


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
        Ground-truth labels, or images as they should look, one for each image. Without them methods that find objects
        are ranked by consistency.
    watch : Stopwatch, optional
        Where earlier parts of this command were timed.

    Raises
    ------
    UsageError
        If a method is named twice, there is no such model, methods are of two tasks, or truth is needed.
    PyBridgeError
        If no image can be read, or no method can do any; the first reason is given.
    """
    from pybridge.reporting.comparison_table import methods_table, summary_to_json
    from pybridge.tasks.compare_cases import read_cases
    from pybridge.tasks.compare_caveats import with_overlap
    from pybridge.tasks.compare_ranking import rank_methods
    from pybridge.tasks.compare_task import choose_metric

    watch, started = watch or Stopwatch(), now()
    settings = check_methods(settings)
    ranked_by = choose_metric(settings.rank_by, task=settings.task, has_truth=truths is not None)
    with watch.part("read"):
        cases, failures = read_cases(images, truths, task=settings.task, channel=settings.channel)
    runs = _run_all(cases, settings)
    inputs = [input_used(case.source or case.image) for case in cases]
    with watch.part("table"):
        comparison, order = rank_methods(cases, runs, task=settings.task, ranked_by=ranked_by, unread=failures)
        comparison = with_overlap(comparison, inputs)
        table = methods_table(comparison)
    asked_cuda = settings.device.startswith("cuda")
    on_cpu = [run.model for run in runs if asked_cuda and run.device is not None and run.device.used == "cpu"]
    warnings = [str(failure) for failure in comparison.failures]
    warnings = [f"not done: {each}" for each in warnings]
    warnings += [f"{model} is a classical method and ran on the CPU" for model in on_cpu]
    warnings += [each for case in cases for each in case.warnings] + _warnings_of(runs)
    given_truths = [case.source_truth or case.truth for case in cases]
    record = RunRecord(
        id=str(uuid.uuid4()),
        command=COMMAND,
        parameters=dataclasses.asdict(settings) | ({"rank_by": ranked_by} if comparison.has_truth else {}),
        started=started,
        inputs=(*inputs, *(input_used(truth, role="truth") for truth in given_truths if truth is not None)),
        device=_device_of(comparison),
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
        results=tuple(tuple(runs[index].results) for index in order),
        record=record,
    )


def check_methods(settings: CompareSettings) -> CompareSettings:
    """Raise before any work when a method is named twice, there is none of that name, or they are of two tasks.

    A model that is there but damaged stops nothing: it is named at the end.

    Returns
    -------
    CompareSettings
        With the task; the raw image stands among methods that restore images.
    """
    from pybridge.core.baseline_names import RAW
    from pybridge.tasks.compare_task import choose_task

    models = settings.model
    twice = sorted({model for model in models if models.count(model) > 1})
    if twice:
        raise UsageError(f"compare {twice[0]!r}", found="it is named twice", do="name each method once")
    task = choose_task(models, asked=settings.task)
    with_raw = (*models, RAW) if task == RESTORE and RAW not in models else models
    return dataclasses.replace(settings, model=with_raw, task=task)


def _run_all(cases: Sequence[Case], settings: CompareSettings) -> list[MethodRun]:
    from pybridge.tasks.compare_forest import AS_SHIPPED, FOREST_ID, TRAINED_ANEW, left_out
    from pybridge.tasks.compare_method import run_method

    images, labels = [case.image for case in cases], [case.labels for case in cases]
    runs = []
    for model in settings.model:
        with left_out(model, images, labels, channel=settings.channel) as trainer:
            run = run_method(
                images,
                _settings_of(model, settings),
                perturbed=settings.task == SEGMENT and labels[0] is None,
                trainer=trainer,
            )
        if run.device is not None:
            # Classical methods are told the CPU, whatever was asked for.
            run.device = dataclasses.replace(run.device, asked=settings.device)
        if model == FOREST_ID and labels[0] is not None:
            run.warnings.append(AS_SHIPPED if trainer is None else TRAINED_ANEW)
        runs.append(run)
    return runs


def _warnings_of(runs: Sequence[MethodRun]) -> list[str]:
    """Give what the methods warned of, with the name of the method unless all that ran say the same."""
    ran = [run for run in runs if run.done.any()]
    return [
        each
        if each.startswith(f"{run.model} ") or all(each in other.warnings for other in ran)
        else f"{run.model}: {each}"
        for run in runs
        for each in run.warnings
    ]


def _settings_of(model: str, settings: CompareSettings) -> SegmentSettings | PredictSettings:
    from pybridge.tasks.compare_forest import FOREST_ID
    from pybridge.tasks.predict import PredictSettings
    from pybridge.tasks.segment_settings import SegmentSettings

    # Classical methods know no GPU; the forest is a network to the runtime.
    device = "cpu" if is_baseline(model) and model != FOREST_ID else settings.device
    if settings.task == RESTORE:
        # The channel was taken from image and truth when they were read.
        return PredictSettings(model=model, device=device, tile=settings.tile)
    return SegmentSettings(model=model, device=device, tile=settings.tile, channel=settings.channel, table=False)


def _device_of(comparison: Comparison) -> DeviceUsed | None:
    """Name the device of what the runtime ran, or of the rest where it ran nothing; None when they differ."""
    every = [each.device for each in comparison.methods if each.device is not None]
    devices = [each for each in every if each.provider.endswith("ExecutionProvider")] or every
    same = devices and all(each.used == devices[0].used for each in devices)
    return devices[0] if same else None
