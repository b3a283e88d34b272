"""Macro variables in option strings: ``run("PyBridge Segment", "model=&model")``."""

from __future__ import annotations

from pybridge.commands.declaration import Command
from pybridge.commands.macro_options import fill_variables
from pybridge.imagej.jvm import java_class


def resolve_variables(command: type[Command], text: str | None) -> str:
    """Put the values of the running macro's variables in the place of ``&name``; see ``fill_variables``."""
    return fill_variables(command, text, value_of=_value_of)


def _value_of(name: str) -> str | None:
    interpreter = java_class("ij.macro.Interpreter").getInstance()
    value = None if interpreter is None else interpreter.getVariableAsString(name)
    return None if value is None else str(value)
