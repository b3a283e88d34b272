"""Shell options of a command, derived from its declaration, and back from parsed options to its values."""

from __future__ import annotations

import argparse
from typing import TypeVar

from pybridge.commands.declaration import Command, Parameter

C = TypeVar("C", bound=Command)


def add_options(parser: argparse.ArgumentParser, command: type[Command]) -> None:
    """Add one option for each parameter that the command has in the shell."""
    for declared in command.parameters():
        if "shell" in declared.doors:
            _add_option(parser, declared)


def _add_option(parser: argparse.ArgumentParser, declared: Parameter) -> None:
    default = "" if declared.default in (None, "", ()) or declared.kind is bool else f" (default: {declared.default})"
    names = ["-o", declared.option] if declared.name == "output" else [declared.option]
    help_text = (declared.help + default).replace("%", "%%")
    if declared.kind is bool:
        parser.add_argument(
            *names,
            dest=declared.name,
            action=argparse.BooleanOptionalAction,
            default=declared.default,
            help=f"{help_text} (default: {'yes' if declared.default else 'no'})",
        )
        return
    if declared.many:
        parser.add_argument(
            *names,
            dest=declared.name,
            action="append",
            default=declared.default or None,
            required=declared.required,
            metavar=declared.key.upper(),
            help=f"{help_text}; give it once for each",
        )
        return
    parser.add_argument(
        *names,
        dest=declared.name,
        default=declared.default,
        required=declared.required,
        choices=declared.choices or None,
        metavar=None if declared.choices else declared.key.upper(),
        help=help_text,
    )


def read_options(command: type[C], given: argparse.Namespace) -> C:
    """Turn parsed options into the checked values of a command."""
    values = {}
    for declared in command.parameters():
        if "shell" in declared.doors:
            value = getattr(given, declared.name)
            values[declared.name] = (
                declared.parse(value) if isinstance(value, str) and value != declared.default else value
            )
    return command(**values)
