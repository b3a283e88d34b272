"""Macro variables in option strings: ``run("PyBridge Segment", "model=&model")``."""

from __future__ import annotations

from pybridge.commands.declaration import Command
from pybridge.commands.macro_options import quote_value, split_options
from pybridge.core.errors import UsageError
from pybridge.imagej.jvm import java_class


def resolve_variables(command: type[Command], text: str | None) -> str:
    """Put the values of macro variables in the place of ``&name``.

    Parameters
    ----------
    command : type of Command
        The declaration; it says which keys are booleans, which macros keep as 1 and 0.
    text : str or None
        The option string of the call.

    Returns
    -------
    str
        The option string without variables.

    Raises
    ------
    UsageError
        If there is no variable of that name.
    """
    if text is None or "&" not in text:
        return text or ""
    booleans = {declared.key for declared in command.parameters() if declared.kind is bool}
    parts = []
    for key, value in split_options(text):
        if value is not None and value.startswith("&"):
            value = _value_of(value[1:], asked=f'run("{command.macro_name}", "… {key}={value} …")')
            if key in booleans:
                value = {"1": "true", "0": "false"}.get(value, value)
        parts.append(key if value is None else f"{key}={quote_value(value)}")
    return " ".join(parts)


def _value_of(name: str, *, asked: str) -> str:
    interpreter = java_class("ij.macro.Interpreter").getInstance()
    value = None if interpreter is None else interpreter.getVariableAsString(name)
    if value is None:
        raise UsageError(
            asked, found=f"the macro has no variable {name!r}", do="assign it before the call, or write the value"
        )
    text = str(value)
    try:
        number = float(text)
    except ValueError:
        return text
    # Macro numbers are all floating-point: a count of 20 comes as 20.0.
    return str(int(number)) if number.is_integer() else text
