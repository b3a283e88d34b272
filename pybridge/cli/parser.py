"""The shell's grammar. Options of a command are derived from its declaration in ``pybridge.commands``."""

from __future__ import annotations

import argparse

from pybridge import __version__
from pybridge.cli import (
    compare,
    demo,
    doctor,
    evaluate,
    export,
    fiji,
    macro,
    models,
    predict,
    report,
    rerun,
    script,
    segment,
    train,
)
from pybridge.cli.options import add_options
from pybridge.commands.compare import Compare
from pybridge.commands.declaration import Command
from pybridge.commands.evaluate import Evaluate
from pybridge.commands.export import Export
from pybridge.commands.predict import Predict
from pybridge.commands.report import Report
from pybridge.commands.rerun import Rerun
from pybridge.commands.segment import Segment
from pybridge.commands.train import Train

_EXIT_CODES = (
    "exit codes: 0 done, 1 something failed or existed, 2 wrong usage, 3 something is lacking, 130 interrupted"
)


def build_parser() -> argparse.ArgumentParser:
    """Build the parser of all shell commands."""
    parser = argparse.ArgumentParser(
        prog="pybridge", description="Deep learning for Fiji and ImageJ, on ONNX models.", epilog=_EXIT_CODES
    )
    parser.add_argument("--version", action="version", version=f"pybridge {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    over_images: list[tuple[type[Command], object]] = [
        (Segment, segment.run),
        (Predict, predict.run),
        (Compare, compare.run),
    ]
    for command, handler in over_images:
        one = _add(commands, command.shell_name, summary=command.summary, handler=handler)
        one.add_argument("images", nargs="+", metavar="IMAGE", help="files, folders or globs")
        add_options(one, command)
        one.add_argument("--overwrite", action="store_true", help="replace outputs that exist")

    evaluate.add_parser(_add(commands, Evaluate.shell_name, summary=Evaluate.summary, handler=evaluate.run))

    rerun.add_parser(_add(commands, Rerun.shell_name, summary=Rerun.summary, handler=rerun.run))

    report.add_parser(_add(commands, Report.shell_name, summary=Report.summary, handler=report.run))

    train.add_parser(_add(commands, Train.shell_name, summary=Train.summary, handler=train.run))

    one = _add(commands, "macro", summary="run an ImageJ macro headless", handler=macro.run)
    one.add_argument("file", metavar="FILE.ijm", help="the macro")
    one.add_argument("argument", nargs="?", default="", metavar="ARGUMENT", help="what getArgument() gives")

    script.add_parser(_add(commands, "script", summary="run a Jython or Groovy #@ script headless", handler=script.run))

    models.add_parser(_add(commands, "models", summary="list, show, add, test and remove models", handler=None))

    export.add_parser(_add(commands, Export.shell_name, summary=Export.summary, handler=export.run))

    fiji.add_parser(_add(commands, "fiji", summary="put PyBridge into a Fiji, look at it, remove it", handler=None))

    _add(commands, "doctor", summary="look at Java, ImageJ, onnxruntime and the devices", handler=doctor.run)

    one = _add(commands, "demo", summary="segment a sample image through ImageJ and show the results", handler=demo.run)
    one.add_argument("--image", help="an image of your own instead of the simulated sample")
    one.add_argument("--model", default="nuclei-fluo", help="model to use (default: nuclei-fluo)")
    one.add_argument("--output", "-o", default="demo-out", help="folder for the results (default: demo-out)")
    one.add_argument("--overwrite", action="store_true", help="replace an earlier demo")
    return parser


def _add(
    commands: argparse._SubParsersAction[argparse.ArgumentParser], name: str, *, summary: str, handler: object
) -> argparse.ArgumentParser:
    one = commands.add_parser(name, help=summary, description=summary, epilog=_EXIT_CODES)
    one.set_defaults(handler=handler)
    one.add_argument("--quiet", "-q", action="store_true", help="no progress bar")
    one.add_argument("--verbose", "-v", action="store_true", help="log what happens")
    return one
