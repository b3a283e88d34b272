"""Errors in the words of the shell: what the rooms below say for every door is said with its options. Imports core."""

from __future__ import annotations

from pybridge.core import advice
from pybridge.core.errors import PyBridgeError

_IN_SHELL = {
    advice.REPLACE_OUTPUT: "choose another output folder with -o, or allow it with --overwrite",
    advice.OTHER_FOLDER: "choose another output folder with -o",
    advice.MAKE_ROOM: "check the folder's permissions and free space, or choose another folder with -o",
    advice.REPLACE_MODEL: "choose another name, or replace it with --overwrite",
    advice.GO_ON_OR_ANEW: "go on with --resume, or begin anew with --overwrite",
    advice.WRITE_FACTS: "write the file with `pybridge report RECORD --template facts.yaml`, and fill it in",
}


def in_shell_words(error: PyBridgeError) -> str:
    """Write an error as a user of the shell needs it.

    Examples
    --------
    >>> from pybridge.core.errors import OutputExistsError
    >>> in_shell_words(OutputExistsError("write 'a'", found="the file exists", do=advice.REPLACE_OUTPUT))
    "write 'a': the file exists. To do: choose another output folder with -o, or allow it with --overwrite"
    """
    return str(PyBridgeError(error.asked, found=error.found, do=_IN_SHELL.get(error.do, error.do)))


def line_in_shell_words(line: str) -> str:
    """Write a line of a report's summary as a user of the shell needs it.

    Examples
    --------
    >>> line_in_shell_words(f"sample.species in facts.yaml ({advice.WRITES_FACTS})")
    'sample.species in facts.yaml (which --template facts.yaml writes)'
    """
    return line.replace(advice.WRITES_FACTS, "which --template facts.yaml writes")
