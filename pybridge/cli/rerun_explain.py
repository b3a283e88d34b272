"""Which parameter explains that a result differs: with its other value the recorded output comes out again.

Imports commands, tasks, reporting and core; itself imported when the command runs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from pybridge.cli.batch import FileOutcome
from pybridge.commands.declaration import Command, Parameter
from pybridge.core.errors import CancelledError, PyBridgeError
from pybridge.reporting.stored_record import StoredRecord
from pybridge.tasks.rerun_causes import NO_PARAMETERS, Change, other_parameters


def explain_by_parameters(
    record: StoredRecord,
    command: type[Command],
    *,
    role: str,
    again: Callable[[Mapping[str, Any]], FileOutcome],
) -> tuple[Change, ...]:
    """Look for the parameter that was changed in a record after the run.

    Other values are tried on one input: those that copies of the record give, then the model's and the command's own.

    Parameters
    ----------
    record : StoredRecord
        The record.
    command : type of Command
        What it tells of.
    role : str
        An output that differs.
    again : callable
        Does the input again with some parameters changed.

    Returns
    -------
    tuple of Change
        What copies of the record say, and the parameter that explains the difference, if one does.
    """
    others = other_parameters(record)
    found = [
        Change("parameter", f"{name} is {record.parameters[name]!r} in this record, but {value!r} in {file!r}")
        for name, copies in others.items()
        for file, value in copies.items()
    ]
    recorded = {made.sha256_pixels for made in record.outputs if made.role == role}
    for declared, value in _candidates(record, command, others):
        made = _outputs(again, {declared.name: value})
        if made is None:
            continue
        outputs, parameters = made
        if recorded & outputs.get(role, set()):
            held = parameters.get(declared.key, value)
            text = (
                f"{declared.key} explains it: it is {record.parameters[declared.key]!r} in this record, and with "
                f"{held!r} the recorded output comes out again"
            )
            return (*found, Change("parameter", text))
    return tuple(found)


def _candidates(
    record: StoredRecord, command: type[Command], others: Mapping[str, Mapping[str, Any]]
) -> Iterator[tuple[Parameter, Any]]:
    """Give each parameter with other values than the record's: first where a copy of the record has another."""
    declared = [
        each
        for each in command.parameters()
        if each.key not in NO_PARAMETERS and each.key in record.parameters and "shell" in each.doors and not each.many
    ]
    for each in declared:
        yield from ((each, value) for value in others.get(each.key, {}).values())
    for each in declared:
        now = record.parameters[each.key]
        # A threshold of None is the model's own; a flag has one other value.
        other = not now if each.kind is bool and isinstance(now, bool) else each.default
        if other != now:
            yield each, other


def _outputs(
    again: Callable[[Mapping[str, Any]], FileOutcome], changes: Mapping[str, Any]
) -> tuple[dict[str, set[str]], dict[str, Any]] | None:
    """Give the pixel hashes by role, and the parameters that held; None when these values do not go together."""
    try:
        done = again(changes).record
    except CancelledError:
        raise
    except PyBridgeError:
        return None
    if done is None:
        return None
    hashes: dict[str, set[str]] = {}
    for made in done.outputs:
        if made.sha256_pixels:
            hashes.setdefault(made.role, set()).add(made.sha256_pixels)
    return hashes, done.parameters
