"""Reading the option string of a macro call, as ImageJ writes it: ``key=value key2=[a b] flag``.

A list is a comma list in brackets; a boolean is ``key``, ``key=true`` or ``key=false``. Variables (``&name``) are
resolved by the door before this is called. Imports core only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeVar

from pybridge.commands.declaration import Command
from pybridge.core.errors import UsageError, did_you_mean

C = TypeVar("C", bound=Command)

RENAME = "rename the file or the image, for example with ( and )"


def parse_macro_options(command: type[C], text: str | None) -> C:
    """Turn the options of a macro call into the checked values of a command.

    Parameters
    ----------
    command : type of Command
        The declaration, for example ``Segment``.
    text : str or None
        What ``Macro.getOptions()`` gave.

    Returns
    -------
    Command
        An instance of ``command``.

    Raises
    ------
    UsageError
        If a key is unknown, given twice or without its value, or a value does not suit.

    Examples
    --------
    >>> from pybridge.commands.segment import Segment
    >>> parse_macro_options(Segment, "model=nuclei-fluo exclude_border min_size=20").min_size
    20
    """
    known = {declared.key: declared for declared in command.parameters() if "macro" in declared.doors}
    values: dict[str, object] = {}
    for key, value in split_options(text or ""):
        declared = known.get(key)
        if declared is None:
            do = did_you_mean(key, known)
            if "]" in key:
                do = f"a name with a lone ] ends too early here: {RENAME}"
            raise UsageError(f'run("{command.macro_name}", "… {key} …")', found="no such key", do=do)
        if declared.name in values:
            raise UsageError(
                f'run("{command.macro_name}", "… {key} …")', found="the key is given twice", do="give it once"
            )
        if value is None and declared.kind is not bool:
            raise UsageError(
                f'run("{command.macro_name}", "… {key} …")',
                found=f"{key} without a value",
                do=f"write {key}=value, or {key}=[value with spaces]",
            )
        if value == "" and not declared.required and declared.default is None:
            continue  # what the Macro Recorder writes for a field of a dialog that was left empty
        values[declared.name] = True if value is None else declared.parse(value)
    return command(**values)


def fill_variables(command: type[Command], text: str | None, *, value_of: Callable[[str], str | None]) -> str:
    """Put the values of macro variables in the place of ``&name``.

    Parameters
    ----------
    command : type of Command
        The declaration; it says which keys are booleans, which macros keep as 1 and 0.
    text : str or None
        The option string of the call.
    value_of : callable
        Gives the value of a variable as ImageJ writes it; None when there is no such variable.

    Returns
    -------
    str
        The option string without variables.

    Raises
    ------
    UsageError
        If there is no variable of that name.

    Examples
    --------
    >>> from pybridge.commands.segment import Segment
    >>> fill_variables(Segment, "min_size=&size table=&on", value_of={"size": "20.0", "on": "1.0"}.get)
    'min_size=20 table=true'
    """
    if text is None or "&" not in text:
        return text or ""
    booleans = {declared.key for declared in command.parameters() if declared.kind is bool}
    parts = []
    for key, value in split_options(text):
        if value is not None and value.startswith("&"):
            found = value_of(value[1:])
            if found is None:
                raise UsageError(
                    f'run("{command.macro_name}", "… {key}={value} …")',
                    found=f"the macro has no variable {value[1:]!r}",
                    do="assign it before the call, or write the value",
                )
            value = _whole_number(found)
            if key in booleans:
                value = {"1": "true", "0": "false"}.get(value, value)
        parts.append(key if value is None else f"{key}={quote_value(value)}")
    return " ".join(parts)


def _whole_number(text: str) -> str:
    """Write a count as one: macro numbers are all floating-point, and 20 comes as 20.0."""
    try:
        number = float(text)
    except ValueError:
        return text
    return str(int(number)) if number.is_integer() else text


def split_options(text: str) -> Iterator[tuple[str, str | None]]:
    """Split an option string into keys and values; a bare key has the value None.

    Raises
    ------
    UsageError
        If a bracket is not closed or a value has no key.

    Examples
    --------
    >>> list(split_options("model=[a b] rois=zip table"))
    [('model', 'a b'), ('rois', 'zip'), ('table', None)]
    """
    at, end = 0, len(text)
    while at < end:
        if text[at].isspace():
            at += 1
            continue
        start = at
        while at < end and text[at] != "=" and not text[at].isspace():
            at += 1
        key = text[start:at]
        if not key:
            raise UsageError(f"the options {text!r}", found="a value without a key", do="write key=value")
        if at >= end or text[at] != "=":
            yield key, None
            continue
        at += 1
        if at < end and text[at] == "[":
            close = _closing_bracket(text, at)
            yield key, text[at + 1 : close]
            at = close + 1
        else:
            start = at
            while at < end and not text[at].isspace():
                at += 1
            yield key, text[start:at]


def _closing_bracket(text: str, opening: int) -> int:
    """Find the bracket that closes a value; file names may hold balanced pairs of their own."""
    depth = 0
    for at in range(opening, len(text)):
        depth += {"[": 1, "]": -1}.get(text[at], 0)
        if depth == 0:
            return at
    do = "close the bracket after the value"
    if "[" in text[opening + 1 :]:
        do += f"; or, for a name with a lone [, {RENAME}"
    raise UsageError(f"the options {text!r}", found="'[' without ']'", do=do)


def quote_value(value: str) -> str:
    """Write a value as a macro needs it: in brackets when it holds spaces or is empty.

    Examples
    --------
    >>> quote_value("a b"), quote_value("a")
    ('[a b]', 'a')
    """
    return f"[{value}]" if not value or any(letter.isspace() or letter in "[]" for letter in value) else value
