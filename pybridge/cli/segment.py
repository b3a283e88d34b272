"""``pybridge segment``: files in, files out."""

from __future__ import annotations

import argparse

from pybridge.cli import console
from pybridge.cli.options import read_options
from pybridge.commands.segment import Segment


def run(given: argparse.Namespace) -> int:
    """Segment the files named; 1 when some of them failed."""
    from pybridge.cli.batch import tell_end, tell_problems
    from pybridge.cli.segment_files import segment_files
    from pybridge.reporting.detection_text import detection_lines
    from pybridge.reporting.few_images import intervals_text

    request = read_options(Segment, given)
    result = segment_files(given.images, request, overwrite=given.overwrite)
    for outcome in result.outcomes:
        if outcome.error is None:
            console.line(f"{outcome.source}: {outcome.objects} objects -> {outcome.outputs[0]}")
    tell_problems(result)
    if result.record.scores is not None:
        for line in detection_lines(result.record.scores):
            console.line(line)
        trusted = intervals_text(result.record.scores)
        if trusted:
            console.line(trusted)
        if result.scores_path is not None:
            console.line(f"scores: {result.scores_path}")
    return tell_end(result)
