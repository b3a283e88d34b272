"""Many files through one command: what became of each, the record of the run, and what the user is told.

Imports commands, files and core; itself imported when a command runs.
"""

from __future__ import annotations

import dataclasses
import logging
import os
import tempfile
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pybridge.cli import console
from pybridge.commands.declaration import Command
from pybridge.core.environment import versions
from pybridge.core.errors import CancelledError, PyBridgeError, UsageError
from pybridge.core.progress import report
from pybridge.core.record import DeviceUsed, ModelUsed, RunRecord, Stopwatch, Timing
from pybridge.files.outputs import OutputPlan, free_name
from pybridge.files.write import existing_output, make_folder, unwritable_output

log = logging.getLogger("pybridge.cli")


@dataclass(frozen=True, slots=True)
class FileOutcome:
    """What became of one input: its outputs and number of objects, or the error that stopped it."""

    source: Path
    outputs: tuple[Path, ...] = ()
    objects: int = 0
    record: RunRecord | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class FilesResult:
    """What became of a whole run over files."""

    outcomes: tuple[FileOutcome, ...]
    record: RunRecord
    record_path: Path
    scores_path: Path | None = None

    @property
    def failed(self) -> tuple[FileOutcome, ...]:
        """The inputs that could not be done."""
        return tuple(outcome for outcome in self.outcomes if outcome.error is not None)


def do_each(plans: Sequence[OutputPlan], do: Callable[[int, OutputPlan], FileOutcome]) -> tuple[FileOutcome, ...]:
    """Do one input after the other; an error that concerns one file alone becomes its outcome.

    Parameters
    ----------
    plans : sequence of OutputPlan
        The inputs and where their outputs go.
    do : callable
        Does one, given its number and plan.
    """
    outcomes = []
    for number, plan in enumerate(plans):
        report(number, len(plans), plan.source.name)
        try:
            outcomes.append(do(number, plan))
        except CancelledError:
            raise
        except PyBridgeError as error:
            outcomes.append(FileOutcome(plan.source, error=str(error)))
        except (OSError, MemoryError) as error:
            # A full disk or an image beyond the memory concerns this file; the others may still be done.
            log.debug("%s failed", plan.source, exc_info=True)
            outcomes.append(FileOutcome(plan.source, error=f"{plan.source}: {type(error).__name__}: {error}"))
    report(len(plans), len(plans), f"{len(plans)} image(s)")
    return tuple(outcomes)


def folder_of_run(plans: Sequence[OutputPlan]) -> Path:
    """Find the folder that holds all outputs."""
    folders = {os.path.abspath(plan.folder) for plan in plans}
    # Folders on two Windows drives have nothing in common: then the first one serves.
    together = len({os.path.splitdrive(folder)[0] for folder in folders}) == 1
    return Path(os.path.commonpath(folders)) if len(folders) > 1 and together else plans[0].folder


def run_file(
    asked: str | None,
    default: Path,
    *,
    overwrite: bool,
    plans: Sequence[OutputPlan] = (),
    roles: Sequence[tuple[str, str | None]] = (),
) -> Path:
    """Choose the path of a file for the whole run: one asked for must be free, the default one steps aside.

    Raises
    ------
    OutputExistsError
        If there is a file of the name asked for.
    UsageError
        If an input or another output of the run has that name.
    """
    taken = {os.path.abspath(plan.source).casefold() for plan in plans}
    taken |= {os.path.abspath(plan.path_of(*role)).casefold() for plan in plans for role in roles}
    if not asked:
        # The record of the image run.tif has that name too.
        return free_name(default, overwrite=overwrite, taken=taken)
    path = Path(asked)
    if os.path.abspath(path).casefold() in taken:
        raise UsageError(
            f"write {asked!r}", found="an input or another output of this run has that name", do="choose another name"
        )
    if path.exists() and not overwrite:
        raise existing_output(path)
    return path


def check_folders(plans: Sequence[OutputPlan], *files: Path | None) -> None:
    """Make the folders of all outputs, and write into each, before hours of work end in a folder that is closed.

    Raises
    ------
    OutputError
        If one cannot be made or written.
    """
    folders = dict.fromkeys([*(plan.folder for plan in plans), *(file.parent for file in files if file is not None)])
    for folder in folders:
        make_folder(folder)
        try:
            with tempfile.TemporaryFile(dir=folder):
                pass
        except OSError as error:
            raise unwritable_output(folder, error) from error


def record_of_run(
    outcomes: Sequence[FileOutcome],
    request: Command,
    *,
    device: DeviceUsed | None,
    model: ModelUsed | None,
    started: str,
) -> RunRecord:
    """Gather the records of the single inputs into one for the run."""
    records = [outcome.record for outcome in outcomes if outcome.record is not None]
    warnings = [warning for record in records for warning in record.warnings]
    warnings += [f"not done: {outcome.error}" for outcome in outcomes if outcome.error is not None]
    parameters = records[0].parameters if records else request.values()
    return RunRecord(
        id=str(uuid.uuid4()),
        command=request.macro_name,
        parameters=parameters,
        started=started,
        model=model,
        inputs=tuple(used for record in records for used in record.inputs),
        outputs=tuple(made for record in records for made in record.outputs),
        device=device,
        versions=versions(),
        warnings=tuple(dict.fromkeys(warnings)),
    )


def total_timing(outcomes: Sequence[FileOutcome], watch: Stopwatch) -> Timing:
    """Add up the parts of all inputs; the total is the wall time of the whole run."""
    for outcome in outcomes:
        if outcome.record is not None:
            for part in dataclasses.fields(Timing):
                if part.name != "total":
                    watch.add(part.name, getattr(outcome.record.timing_s, part.name))
    return watch.timing()


def tell_problems(result: FilesResult) -> None:
    """Tell the user of warnings, of the files that were not done, and of the device."""
    for warning in result.record.warnings:
        if not warning.startswith("not done: "):
            console.error(f"warning: {warning}")
    for outcome in result.failed:
        console.error(f"not done: {outcome.error}")
    device = result.record.device
    if device is not None:
        console.line(f"device: {device.used} ({device.provider}, {device.name}); asked: {device.asked}")


def tell_end(result: FilesResult) -> int:
    """Tell where the record is and how many files are done; give the exit code."""
    console.line(f"record: {result.record_path}")
    done = len(result.outcomes) - len(result.failed)
    console.line(f"{done} of {len(result.outcomes)} image(s) done in {result.record.timing_s.total:.1f} s")
    return 1 if result.failed else 0
