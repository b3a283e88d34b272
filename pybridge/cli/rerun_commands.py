"""The commands that ``pybridge rerun`` can do again, each through the function that the shell calls for it.

Imports commands, tasks, reporting, core and the functions of the shell; itself imported when the command runs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pybridge.cli.batch import FileOutcome, FilesResult
from pybridge.cli.compare_files import compare_files
from pybridge.cli.evaluate_files import evaluate_files
from pybridge.cli.predict_files import predict_files
from pybridge.cli.segment_files import segment_files
from pybridge.commands.compare import Compare
from pybridge.commands.declaration import Command
from pybridge.commands.evaluate import Evaluate
from pybridge.commands.predict import Predict
from pybridge.commands.rerun import command_of
from pybridge.commands.segment import Segment
from pybridge.core.errors import UsageError, list_some
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
    changes = {"truth": _together(items, "truth"), "rois": rois if rois == "zip" else "none"} | dict(changes)
    return segment_files(_mains(items), command_of(record, Segment, changes), overwrite=overwrite)


def _predict(
    record: StoredRecord, items: Sequence[FoundItem], changes: Mapping[str, Any], overwrite: bool
) -> FilesResult:
    return predict_files(_mains(items), command_of(record, Predict, changes), overwrite=overwrite)


def _evaluate(
    record: StoredRecord, items: Sequence[FoundItem], changes: Mapping[str, Any], overwrite: bool
) -> FilesResult:
    truth = _together(items, "truth")
    if truth is None:
        raise UsageError(
            f"run the record {str(record.path)!r} again",
            found="it names no ground truth among its inputs",
            do="give a record as PyBridge wrote it",
        )
    request = command_of(record, Evaluate, {"raw": _together(items, "raw")} | dict(changes))
    return evaluate_files(_mains(items), truth, request, overwrite=overwrite)


def _compare(
    record: StoredRecord, items: Sequence[FoundItem], changes: Mapping[str, Any], overwrite: bool
) -> FilesResult:
    request = command_of(record, Compare, {"truth": _together(items, "truth")} | dict(changes))
    done = compare_files(_mains(items), request, overwrite=overwrite)
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


def _together(items: Sequence[FoundItem], role: str) -> str | None:
    """Name the files of a role as the shell does: one file, or the folder that holds them all; None without any."""
    paths = [path for path in (item.path_of(role) for item in items) if path is not None]
    if not paths:
        return None
    if len(items) == 1:
        return str(paths[0])
    folders = sorted({str(path.parent) for path in paths})
    if len(folders) > 1 or len(paths) < len(items):
        raise UsageError(
            f"write the results of {len(items)} images again",
            found=f"their {role} files lie in several folders ({list_some(folders, most=3)})",
            do="leave -o out: then they are compared one by one",
        )
    return folders[0]
