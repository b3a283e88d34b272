"""Score many files: tables, pictures of the errors, pooled scores and one record for the run.

Imports the command, tasks, files and reporting; itself imported when the command runs.
"""

from __future__ import annotations

import dataclasses
import json
import logging
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from pybridge.cli.batch import (
    FileOutcome,
    FilesResult,
    do_each,
    record_of_run,
    total_timing,
)
from pybridge.cli.run_outputs import RunWriter, folder_of_run, run_file, taken_by
from pybridge.commands.evaluate import Evaluate
from pybridge.core.errors import list_some
from pybridge.core.image import Image
from pybridge.core.record import OutputMade, Stopwatch, now
from pybridge.core.results import EvaluationResult, join_tables
from pybridge.files.outputs import OutputPlan, Role, plan_outputs
from pybridge.files.places import check_folders
from pybridge.files.result_pairs import ResultPair, find_pairs, stem_of_result
from pybridge.files.write import write_imagej_tiff, write_text
from pybridge.reporting.tables import table_to_csv
from pybridge.tasks.evaluate_pool import scores_to_json

log = logging.getLogger("pybridge.cli")

TABLE = "scores.csv"
SCORES = "scores.json"


def evaluate_files(results: Sequence[str], truth: str, request: Evaluate, *, overwrite: bool = False) -> FilesResult:
    """Score files and write tables, pictures, scores and the record.

    Parameters
    ----------
    results : sequence of str
        Files, folders and globs.
    truth : str
        A file, a folder or a glob.
    request : Evaluate
        Checked parameters; ``output``, ``record`` and ``raw`` are paths.
    overwrite : bool
        Whether existing outputs may be replaced.

    Returns
    -------
    FilesResult
        One outcome for each result; those that failed carry their message.

    Raises
    ------
    UsageError, OutputExistsError
        Before any work, if results, truths or outputs do not fit together.
    """
    watch = Stopwatch()
    pairs, left = find_pairs(results, truth, raw=request.raw, task=request.task)
    return evaluate_pairs(pairs, request, left=left, overwrite=overwrite, watch=watch)


def evaluate_pairs(
    pairs: Sequence[ResultPair],
    request: Evaluate,
    *,
    left: Sequence[Path] = (),
    overwrite: bool = False,
    watch: Stopwatch | None = None,
) -> FilesResult:
    """Score results whose truths are known, as ``evaluate_files`` does.

    Parameters
    ----------
    pairs : sequence of ResultPair
        At least one.
    request : Evaluate
        Checked parameters; ``output`` and ``record`` are paths.
    left : sequence of Path
        Truths that have no result, to be told of.
    overwrite : bool
        Whether existing outputs may be replaced.
    watch : Stopwatch, optional
        Where what came before was timed.
    """
    watch, started = watch or Stopwatch(), now()
    roles = _roles(request)
    further = [path for pair in pairs for path in (pair.truth, pair.raw) if path is not None]
    plans = plan_outputs(
        [pair.result for pair in pairs],
        request.output,
        roles=roles,
        overwrite=overwrite,
        stem_of=stem_of_result,
        further=further,
    )
    folder, taken = folder_of_run(plans), taken_by(plans, roles, *further)
    scores_path = run_file(None, folder / SCORES, overwrite=overwrite, taken=taken)
    table_path = run_file(None, folder / TABLE, overwrite=overwrite, taken=taken)
    taken = (*taken, scores_path, table_path)
    record_path = run_file(request.record, folder / "run-record.json", overwrite=overwrite, taken=taken)
    check_folders([*(plan.folder for plan in plans), record_path.parent])
    done: list[EvaluationResult] = []

    def do(number: int, plan: OutputPlan) -> FileOutcome:
        outcome, result = _evaluate_file(plan, pairs[number], request, overwrite=overwrite)
        done.append(result)
        return outcome

    outcomes = do_each(plans, do)
    record = record_of_run(outcomes, request, device=None, model=None, started=started)
    if left:
        names = list_some([file.name for file in left], most=5)
        record = record.with_warnings(f"no result for {len(left)} truth file(s), which were not scored: {names}")
    kinds = sorted({result.task for result in done})
    writer = RunWriter(overwrite=overwrite)
    if len(kinds) == 1:
        record = dataclasses.replace(record, scores=scores_to_json(kinds[0], [result.scores for result in done]))
        writer.write(scores_path, json.dumps(record.scores, indent=2) + "\n")
        if request.table and writer.write(
            table_path, table_to_csv(join_tables([result.table for result in done]), exact=True)
        ):
            record = record.with_outputs(OutputMade("table", table_path.name, ""))
    elif kinds:
        record = record.with_warnings(f"not pooled: the results are of different kinds ({', '.join(kinds)})")
    record = dataclasses.replace(
        record.with_warnings(*writer.warnings_in(record_path)), timing_s=total_timing(outcomes, watch)
    )
    writer.write(record_path, record.to_json())
    written_scores = scores_path if writer.has_written(scores_path) else None
    has_record = writer.has_written(record_path)
    return FilesResult(outcomes, record, record_path, written_scores, has_record, writer.unwritten)


def _evaluate_file(
    plan: OutputPlan, pair: ResultPair, request: Evaluate, *, overwrite: bool
) -> tuple[FileOutcome, EvaluationResult]:
    watch = Stopwatch()
    result = request.run(pair.result, pair.truth, raw=pair.raw, watch=watch)
    outputs = list(result.record.outputs)
    written = []
    with watch.part("write"):
        if result.details is not None:
            path = plan.path_of("details", ".csv")
            write_text(path, table_to_csv(result.details, exact=True), overwrite=overwrite)
            outputs.append(OutputMade("details", path.name, ""))
            written.append(path)
        for role, image in result.pictures():
            path = plan.path_of(role, ".tif")
            write_imagej_tiff(path, dataclasses.replace(image, info=result.record.to_json()), overwrite=overwrite)
            written.append(path)
            outputs = [dataclasses.replace(made, name=path.name) if made.role == role else made for made in outputs]
        if result.errors is not None and result.errors.array.ndim == 3:
            path = plan.path_of("errors", ".png")
            _write_picture(path, result.errors, overwrite=overwrite)
            written.append(path)
            outputs.append(OutputMade("picture", path.name, ""))
    record = dataclasses.replace(result.record, outputs=tuple(outputs), timing_s=watch.timing())
    return FileOutcome(plan.source, tuple(written), record=record), result


def _write_picture(path: Path, errors: Image, *, overwrite: bool) -> None:
    from pybridge.reporting.error_image import write_error_picture

    write_error_picture(path, np.asarray(errors.array), overwrite=overwrite)


def _roles(request: Evaluate) -> list[Role]:
    """List the outputs that one result may have; which of them, its kind says."""
    roles: list[Role] = [("details", ".csv")] if request.table else []
    if request.show_errors:
        roles += [("errors", ".tif"), ("errors", ".png"), ("rse", ".tif"), ("ssim", ".tif")]
    return roles
