"""The lines that repeat a run, from its record: for macros, the shell and Python. Imports core and the declarations.

A record may come from anybody: each value is quoted as its language needs it.
"""

from __future__ import annotations

import os
import shlex
from typing import TYPE_CHECKING, Any

from pybridge.commands.declaration import Command, Parameter
from pybridge.commands.macro_options import quote_value

if TYPE_CHECKING:
    from pybridge.reporting.again import Again
    from pybridge.reporting.stored_record import StoredInput, StoredRecord

_NOT_REPEATED = ("output", "record", "result")
_MOST_FILES = 3
_WHERE = "Files are named by where they were."
_UNSAVED = "Images without a file are named by their titles: save them into one folder first, and give its name."
_OPEN = (
    "Images without a file are named by their titles: the macro takes them open; Python needs the names of their files."
)


def lines_to_repeat(record: StoredRecord) -> Again:
    """Write the lines of a record's command; those of a command that is not known here stay empty.

    Parameters
    ----------
    record : StoredRecord
        The record.
    """
    from pybridge.commands.script_header import SCRIPTED
    from pybridge.reporting.again import Again

    command = {each.macro_name: each for each in SCRIPTED}.get(record.command)
    check = shlex.join(["pybridge", "rerun", str(record.path), "--check"])
    if command is None or not command.shell_name:
        return Again(check=check, note=f"This PyBridge has no lines for the command {record.command!r}.")
    if command.shell_name == "train":
        return _train_again(command, record)
    if command.shell_name == "compare":
        return _compare_again(command, record, check=check)
    subjects, truths = record.subjects, record.truths
    unsaved = _unsaved(record)
    note = " ".join([_WHERE, _OPEN] if unsaved else [_WHERE]) + (
        f" Macro and Python show the first of {len(subjects)} images; the others are done in the same way"
        + ("." if unsaved else ", and the shell does all at once.")
        if len(subjects) > 1
        else ""
    )
    return Again(
        macro=_macro(command, record, subjects, truths) if "truth" not in _missing(command, truths) else "",
        shell="" if unsaved else _shell(command, record, subjects, truths),
        python=_python(command, record, subjects, truths),
        check=check,
        note=note,
    )


def _compare_again(command: type[Command], record: StoredRecord, *, check: str) -> Again:
    """Write the lines of a comparison, which is of all its images together: a macro takes them as a folder."""
    from pybridge.reporting.again import Again

    images, truths = _files(record.subjects), _files(record.truths, most=1)
    together, single = _files(record.subjects, most=1), len(record.subjects) == 1
    unsaved = _unsaved(record)
    notes, macro, shell = [_WHERE], "", ""
    if unsaved:
        notes.append(_UNSAVED)
    elif len(together) == 1 and len(truths) <= 1:
        options = _options(_with_truth(command, record, "macro", truths))
        options = options if single else f"images={quote_value(_plain(together[0]))} {options}"
        macro = _macro_lines(command, options, opened=together if single else [])
        if not single:
            notes.append(f"A folder in the place of {len(record.subjects)} images: all that lies in it is compared.")
    else:
        notes.append("A macro compares the images of one folder with truths of one folder; these lie in several.")
    if len(truths) <= 1 and not unsaved:
        words = [command.shell_name, *images, *_shell_options(_with_truth(command, record, "shell", truths))]
        shell = shlex.join(["pybridge", *words])
    given = [repr(images[0] if len(images) == 1 else images)]
    given += [f"{each.name}={value!r}" for each, value in _with_truth(command, record, "python", truths)]
    return Again(macro=macro, shell=shell, python=_python_lines(command, given), check=check, note=" ".join(notes))


def _unsaved(record: StoredRecord) -> bool:
    return not all(used.path for used in (*record.subjects, *record.truths))


def _with_truth(
    command: type[Command], record: StoredRecord, door: str, truths: list[str]
) -> list[tuple[Parameter, Any]]:
    """List the parameters but the images, with the truth where it lies now: its folder, or in Python the files."""
    values = [each for each in _values(command, record, door) if each[0].key not in ("images", "truth")]
    if truths and (len(truths) == 1 or door == "python"):
        values.append((command.parameter_of("truth"), truths[0] if len(truths) == 1 else truths))
    return values


def _train_again(command: type[Command], record: StoredRecord) -> Again:
    """Write the lines of a training, which takes folders; what was painted in ImageJ is painted again by hand."""
    from pybridge.reporting.again import Again

    if not isinstance(record.parameters.get("images"), str):
        return Again(note="How a configuration or a painted image was learnt from is told in the model's folder.")
    return Again(
        macro=_macro(command, record, (), ()),
        shell=_shell(command, record, (), ()),
        python=_python(command, record, (), ()),
        note="Of folders, the record keeps the last names.",
    )


def _missing(command: type[Command], truths: tuple[StoredInput, ...]) -> tuple[str, ...]:
    return ("truth",) if command.shell_name == "evaluate" and not truths else ()


def _values(command: type[Command], record: StoredRecord, door: str) -> list[tuple[Parameter, Any]]:
    """List the parameters that differ from their defaults, as far as this door has them."""
    found = []
    for declared in command.parameters():
        value = record.parameters.get(declared.key)
        if declared.key in _NOT_REPEATED or door not in declared.doors or value is None or value == declared.default:
            continue
        found.append((declared, tuple(value) if isinstance(value, list) else value))
    return found


def _of_first(values: list[tuple[Parameter, Any]], truths: tuple[StoredInput, ...]) -> list[tuple[Parameter, Any]]:
    """Name the truth of the first image in the place of a folder of truths."""
    first = truths[0].path if truths and truths[0].path else None
    return [(declared, first if declared.key == "truth" and first else value) for declared, value in values]


def _macro(
    command: type[Command], record: StoredRecord, subjects: tuple[StoredInput, ...], truths: tuple[StoredInput, ...]
) -> str:
    options = _options(_of_first(_values(command, record, "macro"), truths))
    if command.shell_name == "evaluate" and "truth=" not in options:
        options = f"truth={quote_value(_place(truths[0]))} {options}".rstrip()
    lines = _macro_lines(command, options, opened=[_place(used) for used in subjects[:1] if used.path])
    chosen = [f'selectImage("{_escaped(_place(used))}");' for used in subjects[:1] if not used.path]
    return "\n".join([*chosen, lines])


def _options(values: list[tuple[Parameter, Any]]) -> str:
    return " ".join(f"{declared.key}={quote_value(_plain(value))}" for declared, value in values)


def _macro_lines(command: type[Command], options: str, *, opened: list[str]) -> str:
    lines = [f'open("{_escaped(each)}");' for each in opened]
    return "\n".join([*lines, f'run("{command.macro_name}", "{_escaped(options)}");'])


def _shell(
    command: type[Command], record: StoredRecord, subjects: tuple[StoredInput, ...], truths: tuple[StoredInput, ...]
) -> str:
    words = ["pybridge", command.shell_name, *_files(subjects)]
    if command.shell_name == "evaluate":
        words += _files(truths)
    return shlex.join([*words, *_shell_options(_values(command, record, "shell"))])


def _shell_options(values: list[tuple[Parameter, Any]]) -> list[str]:
    words: list[str] = []
    for declared, value in values:
        if declared.kind is bool:
            words.append(declared.option if value else f"--no-{declared.option[2:]}")
        else:
            each = value if declared.many and isinstance(value, tuple) else (value,)
            words += [word for one in each for word in (declared.option, _plain(one))]
    return words


def _python(
    command: type[Command], record: StoredRecord, subjects: tuple[StoredInput, ...], truths: tuple[StoredInput, ...]
) -> str:
    given = [repr(_place(subjects[0]))] if subjects else []
    if command.shell_name == "evaluate" and truths:
        given.append(repr(_place(truths[0])))
    given += [f"{each.name}={value!r}" for each, value in _of_first(_values(command, record, "python"), truths)]
    return _python_lines(command, given)


def _python_lines(command: type[Command], given: list[str]) -> str:
    function = "training.train" if command.shell_name == "train" else command.shell_name
    module = f"pybridge.{function}".rpartition(".")[0]
    return f"import {module}\n\nresult = pybridge.{function}({', '.join(given)})"


def _files(inputs: tuple[StoredInput, ...], *, most: int = _MOST_FILES) -> list[str]:
    """Name a few files, or the folder of more than ``most``."""
    places = [_place(used) for used in inputs]
    folders = {os.path.dirname(place) for place in places}
    return [folders.pop()] if len(places) > most and len(folders) == 1 and folders != {""} else places


def _place(used: StoredInput) -> str:
    return _plain(used.path or used.name)


def _plain(value: object) -> str:
    """Write a value on one line."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return ",".join(map(_plain, value))
    return " ".join(str(value).splitlines())


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
