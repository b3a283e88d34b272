"""The lines that repeat a run, from its record: for macros, the shell and Python. Imports core and the declarations.

A record may come from anybody: each value is quoted as its language needs it.
"""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any

from pybridge.commands.again_places import is_opened_by_name, name_files, name_together, place_of
from pybridge.commands.declaration import Command, Parameter
from pybridge.commands.macro_options import quote_value
from pybridge.commands.rerun import without_refused_parameters

if TYPE_CHECKING:
    from pybridge.reporting.again import Again
    from pybridge.reporting.stored_record import StoredRecord

_NOT_REPEATED = ("output", "record", "result")
_WHERE = "Files are named by where they were."
_UNSAVED = "Images without a file are named by their titles: save them into one folder first, and give its name."
_OPEN = (
    "Images without a file are named by their titles: the macro takes them open; Python needs the names of their files."
)
_SCATTERED = (
    "The shell takes the truths of several results from one folder, and these lie in several: score them one by one."
)
_TWICE = "An image was compared more than once: Python alone takes it so; macro and shell take each file once."


def lines_to_repeat(record: StoredRecord) -> Again:
    """Write the lines of a record's command; those of a command that is not known here stay empty.

    Parameters
    ----------
    record : StoredRecord
        The record.
    """
    from pybridge.commands.script_header import SCRIPTED
    from pybridge.reporting.again import Again

    record = without_refused_parameters(record)
    command = {each.macro_name: each for each in SCRIPTED}.get(record.command)
    check = shlex.join(["pybridge", "rerun", str(record.path), "--check"])
    if command is None or not command.shell_name:
        return Again(check=check, note=f"This PyBridge has no lines for the command {record.command!r}.")
    if command.shell_name == "train":
        return _train_again(command, record)
    if command.shell_name == "compare":
        return _compare_again(command, record, check=check)
    subjects, truths = record.subjects, record.truths
    lacks_truth = command.shell_name == "evaluate" and not truths
    shell, told = _shell(command, record)
    notes = [_WHERE, *([_OPEN] if _unsaved(record) else told)]
    if len(subjects) > 1:
        rest = ", and the shell does all at once." if shell else "."
        notes.append(
            f"Macro and Python show the first of {len(subjects)} images; the others are done in the same way{rest}"
        )
    return Again(
        macro="" if lacks_truth else _macro(command, record),
        shell=shell,
        python=_python(command, record),
        check=check,
        note=" ".join(notes),
    )


def _compare_again(command: type[Command], record: StoredRecord, *, check: str) -> Again:
    """Write the lines of a comparison, which is of all its images together: a macro takes them as a folder."""
    from pybridge.reporting.again import Again

    named, truths = name_files(record.subjects, record), name_together(record.truths)
    images, together, single = named.names, name_together(record.subjects), len(record.subjects) == 1
    unsaved = _unsaved(record)
    if not unsaved and len({used.path for used in record.subjects}) < len(record.subjects):
        images, truths = (tuple(map(place_of, used)) for used in (record.subjects, record.truths))
        return Again(python=_compare_python(command, record, images, truths), check=check, note=f"{_WHERE} {_TWICE}")
    notes, macro, shell = [_WHERE], "", ""
    if unsaved:
        notes.append(_UNSAVED)
    elif len(together) == 1 and len(truths) <= 1:
        options = _options(_with_truth(command, record, "macro", truths))
        options = options if single else f"images={quote_value(together[0])} {options}"
        macro = _macro_lines(command, options, opened=list(together) if single else [])
        if not single:
            told = f"A folder in the place of {len(record.subjects)} images: all that lies in it is compared"
            notes.append(f"{told}{named.why}.")
    else:
        notes.append("A macro compares the images of one folder with truths of one folder; these lie in several.")
    if len(truths) <= 1 and not unsaved:
        words = [command.shell_name, *images, *_shell_options(_with_truth(command, record, "shell", truths))]
        shell = shlex.join(["pybridge", *words])
    python = _compare_python(command, record, images, truths)
    return Again(macro=macro, shell=shell, python=python, check=check, note=" ".join(notes))


def _compare_python(
    command: type[Command], record: StoredRecord, images: tuple[str, ...], truths: tuple[str, ...]
) -> str:
    given = [repr(images[0] if len(images) == 1 else list(images))]
    given += [f"{each.name}={value!r}" for each, value in _with_truth(command, record, "python", truths)]
    return _python_lines(command, given)


def _unsaved(record: StoredRecord) -> bool:
    return not all(used.path for used in (*record.subjects, *record.truths, *record.inputs_as("raw")))


def _with_truth(
    command: type[Command], record: StoredRecord, door: str, truths: tuple[str, ...]
) -> list[tuple[Parameter, Any]]:
    """List the parameters but the images, with the truth where it lies now: its folder, or in Python the files."""
    values = [each for each in _values(command, record, door) if each[0].key not in ("images", "truth")]
    if truths and (len(truths) == 1 or door == "python"):
        values.append((command.parameter_of("truth"), truths[0] if len(truths) == 1 else list(truths)))
    return values


def _train_again(command: type[Command], record: StoredRecord) -> Again:
    """Write the lines of a training, which takes folders; what was painted in ImageJ is painted again by hand."""
    from pybridge.reporting.again import Again

    if not isinstance(record.parameters.get("images"), str):
        return Again(note="How a configuration or a painted image was learnt from is told in the model's folder.")
    folders = record.model_copy(update={"inputs": ()})  # the files that were found in them are not named
    return Again(
        macro=_macro(command, folders),
        shell=_shell(command, folders)[0],
        python=_python(command, folders),
        note="Of folders, the record keeps the last names.",
    )


def _values(command: type[Command], record: StoredRecord, door: str) -> list[tuple[Parameter, Any]]:
    """List the parameters that differ from their defaults, as far as this door has them."""
    found = []
    for declared in command.parameters():
        value = record.parameters.get(declared.key)
        if declared.key in _NOT_REPEATED or door not in declared.doors or value is None or value == declared.default:
            continue
        found.append((declared, tuple(value) if isinstance(value, list) else value))
    return found


def _of_first(values: list[tuple[Parameter, Any]], record: StoredRecord) -> list[tuple[Parameter, Any]]:
    """Name the truth and the raw image of the first image in the place of folders."""
    first = {"truth": record.truths[:1], "raw": record.inputs_as("raw")[:1]}
    files = {key: used[0].path for key, used in first.items() if used and used[0].path}
    return [(declared, files.get(declared.key, value)) for declared, value in values]


def _macro(command: type[Command], record: StoredRecord) -> str:
    subjects, truths = record.subjects[:1], record.truths
    values = _of_first(_values(command, record, "macro"), record)
    options = _options(values)
    if command.shell_name == "evaluate" and not any(declared.key == "truth" for declared, _ in values):
        options = f"truth={quote_value(place_of(truths[0]))} {options}".rstrip()
    by_name = [used for used in subjects if is_opened_by_name(used)]
    for used in by_name:
        options = f"result={quote_value(place_of(used))} {options}"
    opened = [used for used in subjects if used not in by_name]
    lines = _macro_lines(command, options, opened=[place_of(used) for used in opened if used.path])
    chosen = [f'selectImage("{_escaped(place_of(used))}");' for used in opened if not used.path]
    return "\n".join([*chosen, lines])


def _options(values: list[tuple[Parameter, Any]]) -> str:
    return " ".join(f"{declared.key}={quote_value(_plain(value))}" for declared, value in values)


def _macro_lines(command: type[Command], options: str, *, opened: list[str]) -> str:
    lines = [f'open("{_escaped(each)}");' for each in opened]
    return "\n".join([*lines, f'run("{command.macro_name}", "{_escaped(options)}");'])


def _shell(command: type[Command], record: StoredRecord) -> tuple[str, list[str]]:
    """Write the line of the shell, or none where it cannot be one, and what the reader must know of it."""
    subjects, truths = name_files(record.subjects, record), name_together(record.truths)
    if _unsaved(record):
        return "", []
    words = ["pybridge", command.shell_name, *subjects.names]
    if command.shell_name == "evaluate":
        if len(truths) > 1:
            return "", [_SCATTERED]
        words += truths
    told = f"In the shell a folder stands for the {len(record.subjects)} images: all that lies in it is done"
    line = shlex.join([*words, *_shell_options(_values(command, record, "shell"))])
    return line, [f"{told}{subjects.why}."] if subjects.is_guess else []


def _shell_options(values: list[tuple[Parameter, Any]]) -> list[str]:
    words: list[str] = []
    for declared, value in values:
        if declared.kind is bool:
            words.append(declared.option if value else f"--no-{declared.option[2:]}")
        else:
            each = value if declared.many and isinstance(value, tuple) else (value,)
            words += [word for one in each for word in (declared.option, _plain(one))]
    return words


def _python(command: type[Command], record: StoredRecord) -> str:
    subjects, truths = record.subjects, record.truths
    given = [repr(place_of(subjects[0]))] if subjects else []
    if command.shell_name == "evaluate" and truths:
        given.append(repr(place_of(truths[0])))
    given += [f"{each.name}={value!r}" for each, value in _of_first(_values(command, record, "python"), record)]
    return _python_lines(command, given)


def _python_lines(command: type[Command], given: list[str]) -> str:
    function = "training.train" if command.shell_name == "train" else command.shell_name
    module = f"pybridge.{function}".rpartition(".")[0]
    return f"import {module}\n\nresult = pybridge.{function}({', '.join(given)})"


def _plain(value: object) -> str:
    """Write a value on one line."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return ",".join(map(_plain, value))
    return " ".join(str(value).splitlines())


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
