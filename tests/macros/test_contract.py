"""The shipped macros and the README use commands, keys and options that exist."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from pybridge.cli.parser import build_parser
from pybridge.commands.macro_options import split_options
from pybridge.files.home import shipped_folder
from pybridge.imagej.commands import declarations

COMMANDS = declarations()
MACROS = sorted(shipped_folder("macros").glob("*.ijm"))
README = Path(__file__).resolve().parents[2] / "README.md"


def test_the_macros_are_there() -> None:
    assert {"Segment_Image.ijm", "Segment_Folder.ijm"} <= {path.name for path in MACROS}


@pytest.mark.parametrize("path", [*MACROS, README], ids=lambda path: path.name)
def test_every_pybridge_call_names_a_command_and_keys_that_exist(path: Path) -> None:
    calls = re.findall(r"""run\(["'](PyBridge [^"']+)["'](?:, *["']([^"']*)["'])?""", path.read_text(encoding="utf-8"))
    assert calls
    for name, options in calls:
        if name == "PyBridge Start":
            continue
        keys = {declared.key for declared in COMMANDS[name].parameters() if "macro" in declared.doors}
        # The string may end in "[", where a variable follows.
        closed = options + "]" * (options.count("[") - options.count("]"))
        assert {key for key, _ in split_options(closed)} <= keys


def test_every_shell_line_of_the_readme_can_be_parsed() -> None:
    text = README.read_text(encoding="utf-8")
    lines = re.findall(r"^(?:\S*[/\\]|uv run --no-sync )?(pybridge \w+.*)$", text, re.MULTILINE)
    lines += re.findall(r"`(pybridge \w+ [^`]+)`", text)
    assert len(lines) > 5
    for line in lines:
        if "--help" not in line:  # argparse ends a wrong line with SystemExit, and --help too
            build_parser().parse_args(shlex.split(line)[1:])


@pytest.mark.parametrize("path", MACROS, ids=lambda path: path.name)
def test_no_field_for_a_folder_begins_with_a_word_since_imagej_makes_it_a_folder(path: Path) -> None:
    defaults = re.findall(r'Dialog\.addDirectory\("[^"]*", *(.*?)\);', path.read_text(encoding="utf-8"))
    assert set(defaults) <= {'""'}


@pytest.mark.parametrize("path", MACROS, ids=lambda path: path.name)
def test_a_macro_of_imagej_1_has_no_script_parameters(path: Path) -> None:
    assert not re.search(r"^\s*#@", path.read_text(encoding="utf-8"), re.MULTILINE)
