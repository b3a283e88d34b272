"""The shipped macros use commands and keys that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pybridge.commands.declaration import Command
from pybridge.commands.macro_options import split_options
from pybridge.commands.open_image import OpenImage
from pybridge.commands.segment import Segment
from pybridge.files.home import shipped_folder

COMMANDS: dict[str, type[Command]] = {command.macro_name: command for command in (Segment, OpenImage)}
MACROS = sorted(shipped_folder("macros").glob("*.ijm"))


def test_the_macros_are_there() -> None:
    assert {"Segment_Image.ijm", "Segment_Folder.ijm"} <= {path.name for path in MACROS}


@pytest.mark.parametrize("path", MACROS, ids=lambda path: path.name)
def test_every_pybridge_call_names_a_command_and_keys_that_exist(path: Path) -> None:
    calls = re.findall(r"""run\(["'](PyBridge [^"']+)["'](?:, *["']([^"']*)["'])?""", path.read_text(encoding="utf-8"))
    assert calls
    for name, options in calls:
        if name == "PyBridge Start":
            continue
        keys = {declared.name for declared in COMMANDS[name].parameters() if "macro" in declared.doors}
        # The string may end in "[", where a variable follows.
        assert {key for key, _ in split_options(options + "]" * options.count("["))} <= keys


@pytest.mark.parametrize("path", MACROS, ids=lambda path: path.name)
def test_a_macro_of_imagej_1_has_no_script_parameters(path: Path) -> None:
    assert not re.search(r"^\s*#@", path.read_text(encoding="utf-8"), re.MULTILINE)
