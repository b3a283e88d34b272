"""``pybridge fiji``: PyBridge's commands in an existing Fiji."""

from __future__ import annotations

import argparse
from pathlib import Path

from pybridge.cli import console


def add_parser(parser: argparse.ArgumentParser) -> None:
    """Add the verbs of ``pybridge fiji``."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    for verb, handler, told in (
        ("install", install, "put PyBridge's commands into a Fiji, or bring them up to date"),
        ("status", status, "compare what is there with what this PyBridge would put there"),
        ("uninstall", uninstall, "take away what was put there, but nothing that you changed"),
    ):
        one = verbs.add_parser(verb, help=told, description=told)
        one.add_argument("folder", type=Path, metavar="FOLDER", help="folder of the Fiji, with jars/ in it")
        one.set_defaults(handler=handler)


def install(given: argparse.Namespace) -> int:
    """Install, and say what was done."""
    from pybridge import fiji

    done = fiji.install(given.folder)
    for path, kept in done.kept:
        console.line(f"kept     {path} was not as PyBridge had left it: your file is {kept} now")
    for path in done.removed:
        console.line(f"removed  {path}")
    console.line(
        f"PyBridge is in {done.fiji.path}: {len(done.written)} files written, {len(done.unchanged)} were up to date. "
        "Start Fiji anew: Plugins > PyBridge."
    )
    if not done.fiji.runs_jython:
        console.line("note     this Fiji has no Jython, which the commands need: run Fiji's updater (Help > Update...)")
    return 0


def status(given: argparse.Namespace) -> int:
    """Show the findings; 1 when something is not as it should be."""
    from pybridge import fiji
    from pybridge.core.findings import findings_to_lines

    findings = fiji.status(given.folder)
    for line in findings_to_lines(findings):
        console.line(line)
    return 0 if all(finding.state == "ok" for finding in findings) else 1


def uninstall(given: argparse.Namespace) -> int:
    """Uninstall, and name what was left."""
    from pybridge import fiji

    done = fiji.uninstall(given.folder)
    for path in done.left:
        console.line(f"left     {path}: you changed it; delete it yourself if you do not need it")
    console.line(f"PyBridge is out of {given.folder}: {len(done.removed)} files removed")
    return 0
