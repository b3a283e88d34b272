"""``pybridge predict``: images in, the raw output tensors of a model out."""

from __future__ import annotations

import argparse

from pybridge.cli import console
from pybridge.cli.options import read_options
from pybridge.commands.predict import Predict


def run(given: argparse.Namespace) -> int:
    """Predict the files named; 1 when some of them failed."""
    from pybridge.cli.batch import tell_end, tell_problems
    from pybridge.cli.predict_files import predict_files

    result = predict_files(given.images, read_options(Predict, given), overwrite=given.overwrite)
    for outcome in result.outcomes:
        if outcome.error is None:
            console.line(f"{outcome.source} -> {', '.join(map(str, outcome.outputs[:-1]))}")
    tell_problems(result)
    return tell_end(result)
