"""Do again what a record tells of, compare every output, and find out why one differs.

Imports commands, tasks, reporting, core and the functions of the shell; itself imported when the command runs.
"""

from __future__ import annotations

import dataclasses
import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pybridge.cli.batch import FileOutcome
from pybridge.cli.rerun_commands import Runner, runner_of
from pybridge.cli.rerun_explain import explain_by_parameters
from pybridge.commands.rerun import Rerun, without_refused_parameters
from pybridge.core.progress import report
from pybridge.reporting.stored_record import StoredOutput, StoredRecord, parse_record
from pybridge.tasks.rerun_causes import Change, find_changes
from pybridge.tasks.rerun_compare import OutputComparison, compare_output, compare_scores
from pybridge.tasks.rerun_inputs import FoundItem, find_items
from pybridge.tasks.rerun_model import find_model


@dataclass(frozen=True, slots=True)
class RerunResult:
    """What a run that was done again came to.

    Parameters
    ----------
    record : StoredRecord
        The record of the earlier run.
    outputs : tuple of OutputComparison
        Every output that could be compared.
    changes : tuple of Change
        What is not as it was, whether it had an effect or not.
    not_done : tuple of str
        Why inputs could not be done again.
    """

    record: StoredRecord
    outputs: tuple[OutputComparison, ...]
    changes: tuple[Change, ...]
    not_done: tuple[str, ...]

    @property
    def different(self) -> tuple[OutputComparison, ...]:
        """The outputs that differ by more than other devices and versions explain."""
        return tuple(each for each in self.outputs if not each.identical and not self._is_explained(each))

    @property
    def close(self) -> tuple[OutputComparison, ...]:
        """The outputs that differ as little as another device or version makes them."""
        return tuple(each for each in self.outputs if not each.identical and self._is_explained(each))

    @property
    def agrees(self) -> bool:
        """Whether everything could be done and compared, nothing differs, and the record is as it was written."""
        whole = bool(self.outputs) and not self.not_done and not self.different
        return whole and not self.record.was_edited and all(change.kind != "input" for change in self.changes)

    def _is_explained(self, output: OutputComparison) -> bool:
        return output.within_tolerance and any(change.kind in ("version", "device") for change in self.changes)


def rerun_record(record: StoredRecord, request: Rerun, *, overwrite: bool = False) -> RerunResult:
    """Do again what a record tells of.

    Parameters
    ----------
    record : StoredRecord
        The record.
    request : Rerun
        Where the images are, another device, where new results go.
    overwrite : bool
        Whether new results may replace files.

    Raises
    ------
    UsageError
        If the record is of a command that cannot be done again, or names parameters that it does not have.
    ModelNotFoundError
        If its model is nowhere.
    """
    record = without_refused_parameters(record)
    runner = runner_of(record)
    model = find_model(record)
    items = find_items(record, images=None if request.images is None else Path(request.images))
    there = [(number, item) for number, item in enumerate(items) if item.is_there]
    changes = [Change("input", text) for _, item in there for text in item.changes]
    not_done = [text for item in items if not item.is_there for text in item.changes]
    parameters: dict[str, Any] = {} if model is None else {"model": model}
    if request.device is not None:
        parameters["device"] = request.device
    again = _Again(record, runner, parameters, overwrite)
    outputs: list[OutputComparison] = []
    for number, outcome, folder in again.run(there, None if request.output is None else Path(request.output)):
        if outcome.record is None:
            not_done.append(outcome.error or "")
            continue
        now = parse_record(json.loads(outcome.record.to_json()), path=folder)
        changes += find_changes(record, now)
        count = 1 if runner.is_whole else len(items)
        outputs += _compare(record, number, count, now, folder, name=items[number].main.used.name)
    result = RerunResult(record, tuple(outputs), tuple(dict.fromkeys(changes)), tuple(not_done))
    if not result.different or runner.is_whole or {change.kind for change in changes} & {"input", "model"}:
        return result
    item = next(item for _, item in there if item.main.used.name == result.different[0].image)
    found = explain_by_parameters(
        record, runner.command, role=result.different[0].role, again=lambda other: again.alone(item, other)
    )
    return dataclasses.replace(result, changes=(*result.changes, *found))


@dataclass(frozen=True, slots=True)
class _Again:
    """Does inputs of a record again, with parameters that are not the record's."""

    record: StoredRecord
    runner: Runner
    parameters: Mapping[str, Any]
    overwrite: bool

    def run(
        self, items: Sequence[tuple[int, FoundItem]], output: Path | None
    ) -> Iterator[tuple[int, FileOutcome, Path]]:
        """Do all at once into a folder, or one after the other into folders that are gone afterwards."""
        if items and (output is not None or self.runner.is_whole):
            with tempfile.TemporaryDirectory(prefix="pybridge-rerun-") as made:
                folder = output or Path(made)
                changes = {**self.parameters, "output": str(folder), "record": None}
                done = self.runner.do(self.record, [item for _, item in items], changes, self.overwrite)
                if done.unwritten:
                    raise done.unwritten[0]
                # One that is whole has one outcome, which is named by its first input.
                yield from ((number, each, folder) for (number, _), each in zip(items, done.outcomes, strict=False))
            return
        for at, (number, item) in enumerate(items):
            report(at, len(items), item.main.used.name)
            with tempfile.TemporaryDirectory(prefix="pybridge-rerun-") as made:
                yield number, self._one(item, made, {}), Path(made)

    def alone(self, item: FoundItem, changes: Mapping[str, Any]) -> FileOutcome:
        """Do one input with other parameters; only its record is kept."""
        with tempfile.TemporaryDirectory(prefix="pybridge-rerun-") as made:
            return self._one(item, made, changes)

    def _one(self, item: FoundItem, folder: str, changes: Mapping[str, Any]) -> FileOutcome:
        places = {"output": folder, "record": None}
        return self.runner.do(self.record, [item], {**self.parameters, **places, **changes}, False).outcomes[0]


def _compare(
    record: StoredRecord, number: int, count: int, now: StoredRecord, folder: Path, *, name: str
) -> Iterator[OutputComparison]:
    """Compare all outputs of one item that are images, and its scores."""
    made = {output.role: output for output in reversed(now.outputs) if output.sha256_pixels}
    roles = dict.fromkeys(output.role for output in record.outputs if output.sha256_pixels)
    for role in roles:
        before = [output for output in record.outputs if output.role == role and output.sha256_pixels]
        if len(before) != count:
            continue  # not every input has one: nothing says which belongs to this one
        after = made.get(role)
        if after is None:
            yield OutputComparison(role, before[number].name, name, False, False, "different: it is not made any more")
            continue
        old = _file_of(record, before[number])
        yield compare_output(before[number], after.sha256_pixels, image=name, old=old, new=folder / after.name)
    if record.scores is not None and now.scores is not None:
        yield compare_scores(record.scores, now.scores, number=number, count=count, image=name)


def _file_of(record: StoredRecord, output: StoredOutput) -> Path | None:
    """Find the file of an earlier output: the image that carried the record, or one beside the record."""
    folder = record.path.parent
    if record.path.suffix.lower() != ".json":
        alone = sum(bool(made.sha256_pixels) for made in record.outputs) == 1
        if alone or record.path.name == output.name or record.path.stem.endswith(f"-{output.role}"):
            return record.path
    for name in (output.name, f"{output.name}.tif"):
        path = folder / name
        if path.parent == folder and path.exists():
            return path
    return None
