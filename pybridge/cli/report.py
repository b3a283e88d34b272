"""``pybridge report``: run records in, a page, Markdown and JSON out."""

from __future__ import annotations

import argparse

from pybridge.cli import console
from pybridge.cli.advice import line_in_shell_words
from pybridge.cli.options import add_options, read_options
from pybridge.commands.report import Report


def add_parser(parser: argparse.ArgumentParser) -> None:
    """Describe the options; they are those of the declaration."""
    parser.add_argument(
        "records", nargs="+", metavar="RECORD", help="run record (.json), result image that carries one, or run folder"
    )
    add_options(parser, Report)
    parser.add_argument("--overwrite", action="store_true", help="replace files that exist")


def run(given: argparse.Namespace) -> int:
    """Report on the records named, and say what is missing."""
    from pybridge.reporting.stored_record import read_record

    made = read_options(Report, given).run([read_record(each) for each in given.records], overwrite=given.overwrite)
    for problem in made.problems:
        console.error(f"note: {problem}")
    for text in made.lines():
        console.line(line_in_shell_words(text))
    return 0
