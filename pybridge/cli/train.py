"""``pybridge train``: a configuration, or an earlier model and images with labels, in; a model folder out."""

from __future__ import annotations

import argparse
import dataclasses

from pybridge.cli import console
from pybridge.cli.options import add_options, read_options
from pybridge.commands.train import Train


def add_parser(parser: argparse.ArgumentParser) -> None:
    """Describe the options; they are those of the declaration, and the configuration stands alone."""
    parser.add_argument("config", nargs="?", metavar="CONFIG", help="training configuration, a YAML file")
    add_options(parser, Train)
    parser.add_argument("--overwrite", action="store_true", help="replace a model folder of that name")


def run(given: argparse.Namespace) -> int:
    """Train, and say where the model is and how good."""
    request = dataclasses.replace(read_options(Train, given), config=given.config)
    trained = request.run(overwrite=given.overwrite)
    for text in trained.summary():
        console.line(text)
    return 0
