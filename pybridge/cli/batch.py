"""Many files through one command: what became of each, the record of the run, and what the user is told.

Imports commands, files and core; itself imported when a command runs.
"""

from __future__ import annotations

import dataclasses
import logging
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pybridge.cli import console
from pybridge.cli.advice import in_shell_words
from pybridge.commands.declaration import Command
from pybridge.core.environment import versions
from pybridge.core.errors import CancelledError, OutputError, PyBridgeError
from pybridge.core.progress import report
from pybridge.core.record import DeviceUsed, ModelUsed, RunRecord, Stopwatch, Timing
from pybridge.files.outputs import OutputPlan

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
    """What became of a whole run over files.

    ``unwritten`` says which files of the run itself are lacking, ``has_record`` whether its record is there and of it.
    """

    outcomes: tuple[FileOutcome, ...]
    record: RunRecord
    record_path: Path
    scores_path: Path | None = None
    has_record: bool = True
    unwritten: tuple[OutputError, ...] = ()

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
            outcomes.append(FileOutcome(plan.source, error=in_shell_words(error)))
        except (OSError, MemoryError) as error:
            # A full disk or an image beyond the memory concerns this file; the others may still be done.
            log.debug("%s failed", plan.source, exc_info=True)
            outcomes.append(FileOutcome(plan.source, error=f"{plan.source}: {type(error).__name__}: {error}"))
    report(len(plans), len(plans), f"{len(plans)} image(s)")
    return tuple(outcomes)


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


def tell_end(result: FilesResult, *, did: str = "image(s) done") -> int:
    """Tell where the record is, how many files are done and what could not be written; give the exit code."""
    if result.has_record:
        console.line(f"record: {result.record_path}")
    done = len(result.outcomes) - len(result.failed)
    console.line(f"{done} of {len(result.outcomes)} {did} in {result.record.timing_s.total:.1f} s")
    tell_unwritten(result.unwritten)
    return 1 if result.failed or result.unwritten else 0


def tell_unwritten(errors: Sequence[OutputError]) -> None:
    """Tell which files of a run could not be written, and why."""
    for error in errors:
        console.error(f"not written: {in_shell_words(error)}")
