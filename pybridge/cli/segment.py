"""``pybridge segment``: files in, files out."""

from __future__ import annotations

import argparse

from pybridge.cli import console
from pybridge.cli.options import read_options
from pybridge.commands.segment import Segment
from pybridge.core.wording import decimal_text
from pybridge.reporting.score_names import score_name


def run(given: argparse.Namespace) -> int:
    """Segment the files named; 1 when some of them failed."""
    from pybridge.cli.batch import tell_end, tell_problems
    from pybridge.cli.segment_files import segment_files
    from pybridge.reporting.few_images import intervals_text

    request = read_options(Segment, given)
    result = segment_files(given.images, request, overwrite=given.overwrite)
    for outcome in result.outcomes:
        if outcome.error is None:
            console.line(f"{outcome.source}: {outcome.objects} objects -> {outcome.outputs[0]}")
    tell_problems(result)
    if result.record.scores is not None:
        pooled, interval = result.record.scores["pooled"], result.record.scores["ci95"]
        for threshold in ("0.50", "0.75"):
            name = score_name([threshold, "ap"])
            console.line(f"{name}: {_score(pooled[threshold]['ap'], interval[threshold]['ap'])}")
        console.line(f"{score_name(['mean_ap'])}: {_score(result.record.scores['mean_ap'], interval['mean_ap'])}")
        trusted = intervals_text(result.record.scores)
        if trusted:
            console.line(trusted)
        if result.scores_path is not None:
            console.line(f"scores: {result.scores_path}")
    return tell_end(result)


def _score(value: float | None, interval: list[float | None]) -> str:
    """Write a score with its interval; both may be undefined."""
    if value is None:
        return "undefined (nothing there and nothing found)"
    low, high = interval
    around = (
        "no interval from one image"
        if low is None or high is None
        else f"95 % interval {decimal_text(low)} to {decimal_text(high)}"
    )
    return f"{decimal_text(value)} ({around})"
