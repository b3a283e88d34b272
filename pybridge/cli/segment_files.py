"""Segment many files: one result beside the other, one bad file never stops the rest, one record for the run.

Imports the command, tasks, files, reporting and metrics; itself imported when the command runs.
"""

from __future__ import annotations

import dataclasses
import json
import logging
from collections.abc import Sequence
from pathlib import Path

from pybridge.cli.batch import (
    FileOutcome,
    FilesResult,
    do_each,
    record_of_run,
    total_timing,
)
from pybridge.cli.run_outputs import RunWriter, folder_of_run, paths_among, run_file, taken_by
from pybridge.commands.segment import Segment
from pybridge.core.errors import UsageError
from pybridge.core.record import OutputMade, RunRecord, Stopwatch, now
from pybridge.core.results import SegmentationResult
from pybridge.files.inputs import find_images
from pybridge.files.outputs import OutputPlan, plan_outputs
from pybridge.files.places import check_folders
from pybridge.files.read import read_image
from pybridge.files.write import write_imagej_tiff, write_labels, write_text
from pybridge.metrics.detection import ImageScores, pool, scores_to_json
from pybridge.reporting.roi_zip import write_roi_zip
from pybridge.reporting.tables import table_to_csv
from pybridge.tasks.images import ImageLike
from pybridge.tasks.segmenters import open_segmenter
from pybridge.tasks.truth import list_truths, open_truth

log = logging.getLogger("pybridge.cli")


def segment_files(
    images: Sequence[str], request: Segment, *, truths: Sequence[Path] | None = None, overwrite: bool = False
) -> FilesResult:
    """Segment files and write label images, tables, records and scores.

    Parameters
    ----------
    images : sequence of str
        Files, folders and globs.
    request : Segment
        Checked parameters; ``output``, ``record`` and ``truth`` are paths.
    truths : sequence of Path, optional
        The truth of each file of ``images``, where it is known; else those that ``request.truth`` names.
    overwrite : bool
        Whether existing outputs may be replaced.

    Returns
    -------
    FilesResult
        One outcome for each input; those that failed carry their message.

    Raises
    ------
    UsageError, OutputExistsError
        Before any work, if inputs, truths or outputs do not fit together.
    DeviceError, ModelError
        If the model cannot run at all.
    """
    if request.rois in ("overlay", "manager"):
        raise UsageError(
            f"rois={request.rois!r} in the shell", found="it needs an ImageJ window", do="use rois=zip, or a macro"
        )
    watch, started = Stopwatch(), now()
    sources = find_images(images)
    expected = truths if truths is not None or request.truth is None else list_truths(request.truth, sources)
    further = paths_among(expected or ())
    plans = plan_outputs(sources, request.output, roles=_roles(request), overwrite=overwrite, further=further)
    folder, taken = folder_of_run(plans), taken_by(plans, _roles(request), *further)
    scores_path = None if expected is None else run_file(None, folder / "scores.json", overwrite=overwrite, taken=taken)
    taken = taken if scores_path is None else (*taken, scores_path)
    record_path = run_file(request.record, folder / "run-record.json", overwrite=overwrite, taken=taken)
    check_folders([*(plan.folder for plan in plans), record_path.parent])
    with watch.part("load"):
        segmenter = open_segmenter(request.settings())
        model, device = segmenter.used, segmenter.device
    log.info("model %s %s on %s (%s)", model.id, model.version, device.used, device.name)

    scored: list[ImageScores] = []

    def do(number: int, plan: OutputPlan) -> FileOutcome:
        outcome, scores = _segment_file(
            plan, request, truth=expected[number] if expected else None, overwrite=overwrite
        )
        scored.extend([scores] if scores is not None else [])
        return outcome

    outcomes = do_each(plans, do)
    record = record_of_run(outcomes, request, device=device, model=model, started=started)
    # What a method chose for the planes of one image is told in the record of that image.
    rest = {name: value for name, value in record.parameters.items() if name != "planes"}
    record = dataclasses.replace(record, parameters=rest)
    writer = RunWriter(overwrite=overwrite)
    if scores_path is not None and scored:
        record = dataclasses.replace(record, scores=scores_to_json(pool(scored)))
        writer.write(scores_path, json.dumps(record.scores, indent=2) + "\n")
    record = dataclasses.replace(
        record.with_warnings(*writer.warnings_in(record_path)), timing_s=total_timing(outcomes, watch)
    )
    writer.write(record_path, record.to_json())
    written_scores = scores_path if scores_path is not None and writer.has_written(scores_path) else None
    has_record = writer.has_written(record_path)
    return FilesResult(outcomes, record, record_path, written_scores, has_record, writer.unwritten)


def _segment_file(
    plan: OutputPlan, request: Segment, *, truth: ImageLike | None, overwrite: bool
) -> tuple[FileOutcome, ImageScores | None]:
    watch = Stopwatch()
    with watch.part("read"):
        image = read_image(plan.source)
        expected = None if truth is None else open_truth(truth, like=image)
    run = request.run(image, truth=expected, watch=watch)
    paths, record = _write(plan, run.result, request, watch=watch, overwrite=overwrite)
    log.info("%s: %d objects", plan.source, len(run.result.objects))
    return FileOutcome(plan.source, paths, objects=run.count, record=record), run.scores


def _write(
    plan: OutputPlan, result: SegmentationResult, request: Segment, *, watch: Stopwatch, overwrite: bool
) -> tuple[tuple[Path, ...], RunRecord]:
    """Write the outputs of one input; the record comes last, so that it never tells of a file that is not there."""
    names = {role: plan.path_of(role, suffix) for role, suffix in _roles(request)}
    outputs = tuple(dataclasses.replace(made, name=names[made.role].name) for made in result.record.outputs)
    record = dataclasses.replace(result.record, outputs=outputs)
    with watch.part("write"):
        labelled = dataclasses.replace(result.labels, info=record.to_json())
        write_labels(names["labels"], labelled, overwrite=overwrite)
        if request.table:
            write_text(names["objects"], table_to_csv(result.objects), overwrite=overwrite)
        if result.probability is not None:
            probable = dataclasses.replace(result.probability, info=record.to_json())
            write_imagej_tiff(names["probability"], probable, overwrite=overwrite)
        if request.rois == "zip":
            source = result.record.inputs[0]
            channels = source.shape[source.axes.index("C")] if "C" in source.axes else 1
            write_roi_zip(names["rois"], result.labels, channels=channels, overwrite=overwrite)
            record = record.with_outputs(OutputMade("rois", names["rois"].name, ""))
    record = dataclasses.replace(record, timing_s=watch.timing())
    write_text(names["record"], record.to_json(), overwrite=overwrite)
    return tuple(names.values()), record


def _roles(request: Segment) -> list[tuple[str, str]]:
    """List the outputs of one input, as (role, suffix)."""
    roles = [("labels", ".tif")]
    roles += [("objects", ".csv")] if request.table else []
    roles += [("rois", ".zip")] if request.rois == "zip" else []
    roles += [("probability", ".tif")] if request.show_probability else []
    return [*roles, ("record", ".json")]
