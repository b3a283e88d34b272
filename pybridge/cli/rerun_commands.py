"""The commands that ``pybridge rerun`` can do again, each through the function that the shell calls for it.

Imports commands, tasks, reporting, core and the functions of the shell; itself imported when the command runs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pybridge.cli.batch import FileOutcome, FilesResult
from pybridge.cli.compare_files import compare_sources
from pybridge.cli.evaluate_files import evaluate_pairs
from pybridge.cli.predict_files import predict_files
from pybridge.cli.segment_files import segment_files
from pybridge.commands.compare import Compare
from pybridge.commands.declaration import Command
from pybridge.commands.evaluate import Evaluate
from pybridge.commands.predict import Predict
from pybridge.commands.rerun import command_of
from pybridge.commands.segment import Segment
from pybridge.core.errors import UsageError
from pybridge.files.result_pairs import ResultPair
from pybridge.reporting.stored_record import StoredRecord
from pybridge.tasks.rerun_inputs import FoundItem

_Do = Callable[[StoredRecord, Sequence[FoundItem], Mapping[str, Any], bool], FilesResult]
"""Takes a record, the inputs to do again, parameters that are to be others, and whether outputs may be replaced."""


@dataclass(frozen=True, slots=True)
class Runner:
    """How a command is done again.

    Parameters
    ----------
    command : type of Command
        Its declaration.
    do : callable
        Does inputs again.
    is_whole : bool
        Whether its result is of all inputs together; otherwise each can be done alone.
    """

    command: type[Command]
    do: _Do
    is_whole: bool = False


def runner_of(record: StoredRecord) -> Runner:
    """Choose what does a record again.

    Raises
    ------
    UsageError
        If nothing does.
    """
    if record.command in _RUNNERS:
        return _RUNNERS[record.command]
    raise UsageError(
        f"run the record {str(record.path)!r} again",
        found=f"it is of the command {record.command!r}",
        do=f"give a record of {' or '.join(_RUNNERS)}; a training is done again with `pybridge train`, from the "
        "train.yaml in its model's folder",
    )


def _segment(
    record: StoredRecord, items: Sequence[FoundItem], changes: Mapping[str, Any], overwrite: bool
) -> FilesResult:
    rois = record.parameters.get("rois")
    # Overlay and manager are windows of ImageJ; outlines are no part of what is compared.
    items = _distinct(items)
    truths = _files(items, "truth")
    changes = {"truth": _place(truths), "rois": rois if rois == "zip" else "none"} | dict(changes)
    request = command_of(record, Segment, changes)
    return segment_files(_mains(items), request, truths=truths or None, overwrite=overwrite)


def _predict(
    record: StoredRecord, items: Sequence[FoundItem], changes: Mapping[str, Any], overwrite: bool
) -> FilesResult:
    return predict_files(_mains(items), command_of(record, Predict, changes), overwrite=overwrite)


def _evaluate(
    record: StoredRecord, items: Sequence[FoundItem], changes: Mapping[str, Any], overwrite: bool
) -> FilesResult:
    truths, raws = _files(items, "truth"), _files(items, "raw")
    before: list[Path | None] = [*raws] or [None] * len(items)
    if not truths:
        raise UsageError(
            f"run the record {str(record.path)!r} again",
            found="it names no ground truth among its inputs",
            do="give a record as PyBridge wrote it",
        )
    request = command_of(record, Evaluate, {"raw": _place(raws)} | dict(changes))
    results = [Path(main) for main in _mains(items)]
    pairs = [ResultPair(*three) for three in zip(results, truths, before, strict=True)]
    return evaluate_pairs(pairs, request, overwrite=overwrite)


def _compare(
    record: StoredRecord, items: Sequence[FoundItem], changes: Mapping[str, Any], overwrite: bool
) -> FilesResult:
    truths = _files(items, "truth")
    request = command_of(record, Compare, {"truth": _place(truths)} | dict(changes))
    sources = [Path(main) for main in _mains(items)]
    done = compare_sources(sources, request, truths=truths or None, overwrite=overwrite)
    outcome = FileOutcome(done.folder, record=done.result.record)
    return FilesResult((outcome,), done.result.record, done.record_path, unwritten=done.unwritten)


_RUNNERS = {
    runner.command.macro_name: runner
    for runner in (
        Runner(Segment, _segment),
        Runner(Predict, _predict),
        Runner(Evaluate, _evaluate),
        Runner(Compare, _compare, is_whole=True),
    )
}


def _mains(items: Sequence[FoundItem]) -> list[str]:
    return [str(item.main.path) for item in items]


def _distinct(items: Sequence[FoundItem]) -> list[FoundItem]:
    """Leave out items of a file that another has: what is named twice is done once, and truths go by their place."""
    return list({item.main.path: item for item in items}.values())


def _files(items: Sequence[FoundItem], role: str) -> list[Path]:
    """List the files of a role, one for each item as they were found, whatever their names; empty without any."""
    paths = [path for path in (item.path_of(role) for item in items) if path is not None]
    if paths and len(paths) < len(items):
        raise UsageError(
            f"run {len(items)} images again",
            found=f"only {len(paths)} of them have a {role} in the record",
            do="give a record as PyBridge wrote it",
        )
    return paths


def _place(files: Sequence[Path]) -> str | None:
    """Say where files of a role are, for the new record: the only one, or their folder; None for several folders."""
    if len(files) == 1:
        return str(files[0])
    folders = {file.parent for file in files}
    return str(folders.pop()) if len(folders) == 1 else None
