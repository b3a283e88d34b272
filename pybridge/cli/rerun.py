"""``pybridge rerun``: do a record again, and say whether the result is identical, and if not, why."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from pybridge.cli import console
from pybridge.cli.options import add_options, read_options
from pybridge.commands.rerun import Rerun
from pybridge.core.wording import count_text

if TYPE_CHECKING:
    from pybridge.cli.rerun_files import RerunResult

_MOST_LINES = 20


def add_parser(parser: argparse.ArgumentParser) -> None:
    """Describe the options; they are those of the declaration."""
    parser.add_argument(
        "record", type=Path, metavar="RECORD", help="a record's .json, a result image, or the folder of a run"
    )
    add_options(parser, Rerun)
    parser.add_argument("--overwrite", action="store_true", help="replace results that exist")


def run(given: argparse.Namespace) -> int:
    """Do a record again; with --check, 1 when anything differs."""
    from pybridge.cli.rerun_files import rerun_record
    from pybridge.reporting.stored_record import read_record

    request = read_options(Rerun, given)
    record = read_record(given.record)
    what = "image" if record.images else "result"
    counted = count_text(len(record.subjects), what)
    _line(f"record: {str(record.path)!r} of {record.started}, {record.command}, {counted}")
    for problem in record.problems:
        console.error(_plain(f"warning: {problem}"))
    result = rerun_record(record, request, overwrite=given.overwrite)
    _tell(result)
    if request.output is not None:
        _line(f"new results: {request.output}")
    if result.not_done and not result.outputs:
        return 1
    return 0 if result.agrees or not (request.check or result.not_done) else 1


def _tell(result: RerunResult) -> None:
    for text in result.not_done[:_MOST_LINES]:
        console.error(_plain(f"not done: {text}"))
    _count_more(result.not_done)
    differing = (*result.different, *result.close)
    for output in differing[:_MOST_LINES]:
        _line(f"{output.image}, {output.role}: {output.text}")
    _count_more(differing)
    for change in result.changes[:_MOST_LINES]:
        _line(f"cause ({change.kind}): {change.text}" if differing else f"changed, without effect: {change.text}")
    _count_more(result.changes)
    if result.different and not result.changes:
        _line("cause: none found: inputs, model, versions and device are those of the record")
    identical = sum(output.identical for output in result.outputs)
    parts = [f"{identical} of {len(result.outputs)} output(s) identical"]
    if result.close:
        parts.append(f"{len(result.close)} within the tolerance of another device or version")
    if result.different:
        parts.append(f"{len(result.different)} different")
    inputs = sum(change.kind == "input" for change in result.changes)
    if inputs:
        parts.append(f"{inputs} input(s) changed")
    if result.not_done:
        parts.append(f"{len(result.not_done)} input(s) not done")
    if result.record.was_edited:
        parts.append("the record itself was edited")
    _line(f"{'agrees' if result.agrees else 'DIFFERS'}: {', '.join(parts)}")


def _count_more(lines: tuple[object, ...]) -> None:
    if len(lines) > _MOST_LINES:
        _line(f"and {len(lines) - _MOST_LINES} more")


def _line(text: str) -> None:
    console.line(_plain(text))


def _plain(text: str) -> str:
    """Write out what would steer a terminal: the text of a record comes from anybody."""
    return "".join(letter if letter.isprintable() else letter.encode("unicode_escape").decode() for letter in text)
