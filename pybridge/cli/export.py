"""``pybridge export``: a torch file in, a model folder out, with a table of how the two compare."""

from __future__ import annotations

import argparse
from pathlib import Path

from pybridge.cli import console
from pybridge.cli.options import add_options, read_options
from pybridge.commands.export import Export

_ABOUT = """\
FILE.pt is a state dict, a checkpoint that holds one, or a checkpoint of `pybridge train`. When --template names a
model, the new one gets its normalisation, axes, decoder and texts. A template of your own, as a file:

"""


def add_parser(parser: argparse.ArgumentParser) -> None:
    """Describe the options; they are those of the declaration."""
    from pybridge.export.example import EXAMPLE

    parser.add_argument("file", type=Path, metavar="FILE.pt", help="what torch.save wrote")
    add_options(parser, Export)
    parser.add_argument("--overwrite", action="store_true", help="replace an existing model folder")
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    template = "".join(f"  {line}\n" for line in EXAMPLE.splitlines())
    parser.epilog = f"{_ABOUT}{template}\n{parser.epilog}"


def run(given: argparse.Namespace) -> int:
    """Export, and show how ONNX and torch compare."""
    exported = read_options(Export, given).run(given.file, overwrite=given.overwrite)
    model, table = exported.model, exported.parity
    for line in table.lines():
        console.line(line)
    console.line(f"differences are |ONNX - torch| / max(1, |torch|); allowed: {table.limit:g}")
    for warning in exported.warnings:
        console.error(f"warning: {warning}")
    console.line(f"wrote {model.folder}: {model.id}, {model.weights_bytes / 2**20:.1f} MiB")
    console.line(f"next: pybridge models test {model.folder}; pybridge models add {model.folder}")
    return 0
