"""``pybridge compare``: files in; table, plots, contact sheet and record out."""

from __future__ import annotations

import argparse

from pybridge.cli import console
from pybridge.cli.options import read_options
from pybridge.commands.compare import Compare


def run(given: argparse.Namespace) -> int:
    """Compare methods on the files named; 1 when a method or an image failed."""
    from pybridge.cli.compare_files import compare_files

    done = compare_files(given.images, read_options(Compare, given), overwrite=given.overwrite)
    for line in done.lines:
        console.line(line)
    for warning in done.result.record.warnings:
        if not warning.startswith("not done: "):
            console.error(f"warning: {warning}")
    for failure in done.result.comparison.failures:
        console.error(f"not done: {failure}")
    console.line(f"outputs: {done.folder}")
    console.line(f"record: {done.record_path}")
    return 1 if done.result.comparison.failures else 0
