"""Predict many files: the output tensors of each as images, one bad file never stops the rest, one record for the run.

Imports the command, tasks and files; itself imported when the command runs.
"""

from __future__ import annotations

import dataclasses
import logging
import re
from collections.abc import Sequence
from pathlib import Path

from pybridge.cli.batch import (
    FileOutcome,
    FilesResult,
    do_each,
    record_of_run,
    total_timing,
)
from pybridge.cli.run_outputs import RunWriter, folder_of_run, run_file, taken_by
from pybridge.commands.predict import Predict
from pybridge.core.image import Image
from pybridge.core.record import RunRecord, Stopwatch, now
from pybridge.files.inputs import find_images
from pybridge.files.lazy import is_lazy, open_image
from pybridge.files.outputs import OutputPlan, Role, plan_outputs
from pybridge.files.places import check_folders
from pybridge.files.stores import FileStore
from pybridge.files.write import write_imagej_tiff, write_text
from pybridge.tasks.predict_sources import find_source, open_source

log = logging.getLogger("pybridge.cli")


def predict_files(images: Sequence[str], request: Predict, *, overwrite: bool = False) -> FilesResult:
    """Predict files and write the output tensors and records.

    An image that stays in its file (an OME-Zarr, a large TIFF) is read, predicted and written tile by tile.

    Parameters
    ----------
    images : sequence of str
        Files, OME-Zarr folders, folders of files, and globs.
    request : Predict
        Checked parameters; ``output`` and ``record`` are paths.
    overwrite : bool
        Whether existing outputs may be replaced.

    Returns
    -------
    FilesResult
        One outcome for each input; those that failed carry their message.

    Raises
    ------
    UsageError, OutputExistsError
        Before any work, if inputs and outputs do not fit together.
    DeviceError, ModelError
        If the model cannot run at all.
    """
    watch, started = Stopwatch(), now()
    with watch.part("load"):
        model = find_source(request.model)
    tensors = list(model.outputs)
    names = [_file_role(tensor) for tensor in tensors]
    roles: list[Role] = [*((name, None) for name in names), ("record", ".json")]
    sources = find_images(images, made=names)
    plans = plan_outputs(sources, request.output, roles=roles, overwrite=overwrite, main=names[0])
    record_path = run_file(
        request.record, folder_of_run(plans) / "run-record.json", overwrite=overwrite, taken=taken_by(plans, roles)
    )
    check_folders([*(plan.folder for plan in plans), record_path.parent])
    with watch.part("load"):
        device = open_source(request.model, device=request.device)
    log.info("model %s %s on %s (%s)", model.id, model.version, device.used, device.name)

    def do(number: int, plan: OutputPlan) -> FileOutcome:
        paths = {tensor: plan.path_of(name, None) for tensor, name in zip(tensors, names, strict=True)}
        return _predict_file(plan, request, paths, overwrite=overwrite)

    outcomes = do_each(plans, do)
    record = record_of_run(outcomes, request, device=device, model=model.used, started=started)
    record = dataclasses.replace(record, timing_s=total_timing(outcomes, watch))
    writer = RunWriter(overwrite=overwrite)
    writer.write(record_path, record.to_json())
    has_record = writer.has_written(record_path)
    return FilesResult(outcomes, record, record_path, has_record=has_record, unwritten=writer.unwritten)


def _predict_file(plan: OutputPlan, request: Predict, paths: dict[str, Path], *, overwrite: bool) -> FileOutcome:
    watch = Stopwatch()
    with watch.part("read"):
        image = open_image(plan.source)
    if is_lazy(image) or any(path.suffix.lower() == ".zarr" for path in paths.values()):
        record = _through_files(image, request, paths, watch=watch, overwrite=overwrite)
    else:
        record = _in_memory(image, request, paths, watch=watch, overwrite=overwrite)
    record = dataclasses.replace(record, timing_s=watch.timing())
    path = plan.path_of("record", ".json")
    # The record comes last, so that it never tells of a file that is not there.
    write_text(path, record.to_json(), overwrite=overwrite)
    return FileOutcome(plan.source, (*paths.values(), path), record=record)


def _through_files(
    image: Image, request: Predict, paths: dict[str, Path], *, watch: Stopwatch, overwrite: bool
) -> RunRecord:
    with FileStore(paths, overwrite=overwrite) as store:
        record = _named(request.run(image, watch=watch, store=store).record, paths)
        with watch.part("write"):
            store.publish(record.to_json())
    return record


def _in_memory(
    image: Image, request: Predict, paths: dict[str, Path], *, watch: Stopwatch, overwrite: bool
) -> RunRecord:
    result = request.run(image, watch=watch)
    record = _named(result.record, paths)
    with watch.part("write"):
        for path, output in zip(paths.values(), result.outputs, strict=True):
            write_imagej_tiff(path, dataclasses.replace(output, info=record.to_json()), overwrite=overwrite)
    return record


def _named(record: RunRecord, paths: dict[str, Path]) -> RunRecord:
    outputs = tuple(dataclasses.replace(made, name=paths[made.role].name) for made in record.outputs)
    return dataclasses.replace(record, outputs=outputs)


def _file_role(tensor: str) -> str:
    """Make a tensor's id fit for a file name on every system."""
    return re.sub(r"[^\w.-]", "_", tensor)
