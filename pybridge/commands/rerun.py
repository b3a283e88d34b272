"""``pybridge rerun``: its declaration, and how a record becomes the command that it tells of. Imports core.

It is for the shell alone: in Python a command is simply called again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from pybridge.commands.declaration import Command, parameter
from pybridge.commands.evaluate import Evaluate
from pybridge.commands.model_command import DEVICE, DEVICE_FORM

if TYPE_CHECKING:
    from pybridge.reporting.stored_record import StoredRecord

C = TypeVar("C", bound=Command)


@dataclass(frozen=True, kw_only=True)
class Rerun(Command):
    """Do again what a run record tells of, and compare."""

    shell_name: ClassVar[str] = "rerun"
    summary: ClassVar[str] = "run a record again and say whether the result is identical, and if not, why"

    check: bool = parameter(
        False, doors=("shell",), help="exit with 1 when a result differs, an input is missing or the record was edited"
    )
    images: str | None = parameter(
        doors=("shell",), help="folder where the inputs are now; they are found by their hashes, whatever their names"
    )
    device: str | None = parameter(
        doors=("shell",), pattern=DEVICE, form=DEVICE_FORM, help="another device than the one that the record asked for"
    )
    output: str | None = parameter(
        doors=("shell",), help="folder for the new results; default nowhere: they are compared and forgotten"
    )


def without_refused_parameters(record: StoredRecord) -> StoredRecord:
    """Switch off what earlier versions took without effect and this one refuses: ``show_errors`` with classes.

    Parameters
    ----------
    record : StoredRecord
        Of any command.
    """
    given = record.parameters
    if record.command != Evaluate.macro_name or given.get("task") != "classify" or not given.get("show_errors"):
        return record
    return record.model_copy(update={"parameters": {**given, "show_errors": False}})


def command_of(record: StoredRecord, command: type[C], changes: Mapping[str, Any]) -> C:
    """Make the command of a record again.

    Parameters
    ----------
    record : StoredRecord
        Its parameters; what the command does not know stays out, for the comparison to name.
    command : type of Command
        The declaration.
    changes : mapping of str to object
        Parameters that are to be others than the record's.

    Raises
    ------
    UsageError
        If a value of the record does not suit.
    """
    named: dict[str, Any] = {}
    for declared in command.parameters():
        if declared.name in changes:
            named[declared.name] = changes[declared.name]
        elif declared.key in record.parameters and "shell" in declared.doors:
            value = record.parameters[declared.key]
            named[declared.name] = tuple(value) if isinstance(value, list) else value
    return command(**named)
