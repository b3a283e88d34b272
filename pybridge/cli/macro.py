"""``pybridge macro``: run an ImageJ macro without a display."""

from __future__ import annotations

import argparse
import contextlib
from pathlib import Path

from pybridge.cli import console
from pybridge.core.errors import UsageError, did_you_mean


def run(given: argparse.Namespace) -> int:
    """Run the macro; 1 when it failed, with its message on stderr."""
    path = find_macro(given.file)
    from pybridge import imagej

    with contextlib.closing(imagej.start()) as gateway:
        returned = gateway.run_macro(path, given.argument)
    if returned:
        console.line(returned)
    return 0


def find_macro(name: str) -> Path:
    """Find a macro by its path, or one that comes with PyBridge by its name.

    Raises
    ------
    UsageError
        If there is no such file.
    """
    from pybridge.imagej.macro_file import shipped_macro, shipped_macros

    path = Path(name)
    if path.is_file():
        return path
    shipped = shipped_macro(name)
    if shipped is not None:
        return shipped
    raise UsageError(f"run the macro {name!r}", found="no such file", do=did_you_mean(path.stem, shipped_macros()))
