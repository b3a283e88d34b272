"""``pybridge script``: run a Jython or Groovy ``#@`` script without a display."""

from __future__ import annotations

import argparse
import contextlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pybridge.cli import console
from pybridge.core.errors import UsageError


def add_parser(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments."""
    parser.add_argument("file", metavar="FILE", help="the script, .py (Jython) or .groovy")
    parser.add_argument("values", nargs="*", metavar="name=value", help="its #@ parameters; an image by its path")


def run(given: argparse.Namespace) -> int:
    """Run the script and write its outputs, one on each line; 1 when it failed."""
    values = read_values(given.values)
    from pybridge import imagej

    with contextlib.closing(imagej.start()) as gateway:
        for name, value in gateway.run_script(Path(given.file), values).items():
            console.line(f"{name}={_shown(value)}")
    return 0


def read_values(words: Sequence[str]) -> dict[str, str]:
    """Split ``name=value`` words.

    Raises
    ------
    UsageError
        If a word has no name, or a name is given twice.

    Examples
    --------
    >>> read_values(["n=3", "text=a=b"])
    {'n': '3', 'text': 'a=b'}
    """
    values: dict[str, str] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not name or not equals:
            raise UsageError(f"the script's argument {word!r}", found="no name=value", do="write name=value")
        if name in values:
            raise UsageError(f"{name}={value}", found="the name is given twice", do="give it once")
        values[name] = value
    return values


def _shown(value: Any) -> str:
    """Write an output; images and tables by what they are."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if hasattr(value, "getShortTitle"):
        shape = "x".join(str(int(size)) for size in value.getDimensions())
        return f"{value.getTitle()} ({shape} XYCZT, {int(value.getBitDepth())} bit)"
    if hasattr(value, "getResultsHeadings") or hasattr(value, "getColumnHeadings"):
        return f"{int(value.size())} rows: {', '.join(str(value.getColumnHeadings()).split())}"
    return str(value)
