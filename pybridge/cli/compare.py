"""``pybridge compare``: files in; table, plots, contact sheet and record out."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from pybridge.cli import console
from pybridge.cli.options import read_options
from pybridge.commands.compare import Compare

if TYPE_CHECKING:
    from pybridge.core.comparison import ComparisonResult


def run(given: argparse.Namespace) -> int:
    """Compare methods on the files named; 1 when a method or an image failed."""
    from pybridge.cli.batch import tell_unwritten
    from pybridge.cli.compare_files import compare_files

    request = read_options(Compare, given)
    done = compare_files(given.images, request, overwrite=given.overwrite, tell=_tell)
    console.line(f"outputs: {done.folder}")
    if done.has_record:
        console.line(f"record: {done.record_path}")
    tell_unwritten(done.unwritten)
    if done.unwritten:
        console.error("the other outputs are whole; to write all of them, compare again with --overwrite or another -o")
    return 1 if done.unwritten or done.result.comparison.failures else 0


def _tell(result: ComparisonResult) -> None:
    """Tell the ranking, the warnings and what was not done."""
    from pybridge.reporting.comparison_text import comparison_lines

    for line in comparison_lines(result.comparison):
        console.line(line)
    for warning in result.record.warnings:
        if not warning.startswith("not done: "):
            console.error(f"warning: {warning}")
    for failure in result.comparison.failures:
        console.error(f"not done: {failure}")
