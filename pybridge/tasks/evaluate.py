"""Evaluate: a result and its truth in, scores and record out. All doors come here through their command.

Imports metrics, files and core, inside functions but core.
"""

from __future__ import annotations

import dataclasses
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pybridge.core.environment import versions
from pybridge.core.errors import UsageError
from pybridge.core.image import Image
from pybridge.core.record import OutputMade, RunRecord, Stopwatch, input_used, now
from pybridge.core.results import EvaluationResult

if TYPE_CHECKING:
    from pybridge.tasks.evaluate_inputs import Pair, Source
    from pybridge.tasks.evaluate_scored import Scored

COMMAND = "PyBridge Evaluate"


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluateSettings:
    """Settings of one evaluation; the names and meanings are those of the command."""

    task: str = "auto"
    table: bool = True
    show_errors: bool = False


def evaluate_pair(
    result: Source,
    truth: Source,
    settings: EvaluateSettings,
    *,
    raw: Source | None = None,
    watch: Stopwatch | None = None,
) -> EvaluationResult:
    """Score one result against its truth.

    Parameters
    ----------
    result, truth : Image or Path
        What is scored, and against what.
    settings : EvaluateSettings
        Checked settings.
    raw : Image or Path, optional
        The raw image of a restored one.
    watch : Stopwatch, optional
        Where earlier parts of this command were timed.

    Raises
    ------
    ImageError
        If the two do not fit together, or are not what the task scores.
    UsageError
        If it cannot be told what they are, ``raw`` comes with what is no restored image, or ``show_errors`` with
        classes.
    """
    from pybridge.tasks.evaluate_inputs import is_own_file, is_same, open_pair, raw_like
    from pybridge.tasks.evaluate_pool import scores_to_json

    watch = watch or Stopwatch()
    started = now()
    before: Image | None = None
    with watch.part("read"):
        pair = open_pair(result, truth, task=settings.task)
        if settings.show_errors and pair.task == "classify":
            # Without an image a macro that saves the active one would take another.
            raise UsageError(
                "evaluate with show_errors",
                found="the task is classify: there is no image of errors",
                do="leave show_errors out; the confusion matrix in the record says which class was taken for which",
            )
        if raw is not None:
            if pair.task != "restore" or not isinstance(pair.truth, Image):
                raise UsageError(
                    "evaluate with a raw image",
                    found=f"the task is {pair.task}",
                    do="leave raw out, or say task=restore: it is the image before it was restored",
                )
            before = raw_like(raw, pair.truth)
    with watch.part("decode"):
        scored = _score(pair, settings, raw=before)
    warnings = list(scored.warnings)
    if is_same(result, truth) or is_own_file(pair):
        warnings.append("result and truth are one and the same: such scores say nothing about a method")
    record = RunRecord(
        id=str(uuid.uuid4()),
        command=COMMAND,
        parameters={"task": pair.task, "table": settings.table, "show_errors": settings.show_errors},
        started=started,
        inputs=pair.inputs if before is None else (*pair.inputs, input_used(before, role="raw")),
        versions=versions(),
        scores=scores_to_json(pair.task, [scored.scores]),
        warnings=tuple(dict.fromkeys(warnings)),
        timing_s=watch.timing(),
    )
    done = EvaluationResult(
        task=pair.task,
        scores=scored.scores,
        table=scored.table,
        record=record,
        details=scored.details,
        errors=scored.errors,
        maps=scored.maps,
    )
    made = [OutputMade(role, image.name, image.sha256_pixels()) for role, image in done.pictures()]
    return dataclasses.replace(done, record=record.with_outputs(*made))


def _score(pair: Pair, settings: EvaluateSettings, *, raw: Image | None) -> Scored:
    from pybridge.files.class_table import ClassTable
    from pybridge.files.track_files import Tracks

    result, truth, table, show = pair.result, pair.truth, settings.table, settings.show_errors
    if isinstance(result, ClassTable) and isinstance(truth, ClassTable):
        from pybridge.tasks.evaluate_classify import score_tables

        return score_tables(result, truth, table=table)
    if isinstance(result, Tracks) and isinstance(truth, Tracks):
        from pybridge.tasks.evaluate_track import score_sequence

        return score_sequence(result, truth, table=table, show_errors=show)
    assert isinstance(result, Image)
    assert isinstance(truth, Image)
    if pair.task == "restore":
        from pybridge.tasks.evaluate_restore import score_image

        return score_image(result, truth, raw=raw, table=table, show_errors=show)
    if pair.task == "classify":
        from pybridge.tasks.evaluate_classify import score_class_images

        return score_class_images(result, truth, table=table)
    from pybridge.tasks.evaluate_segment import score_labels

    return score_labels(result, truth, table=table, show_errors=show)
