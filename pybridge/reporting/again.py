"""The lines with which a run can be repeated, one for each door. Imports nothing."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Again:
    """Lines that repeat a run; empty where a door does not have the command.

    Parameters
    ----------
    macro, shell, python : str
        For ImageJ's macros, the shell and Python.
    check : str
        The line that repeats it and compares every pixel.
    note : str
        What the reader must know of them.
    """

    macro: str = ""
    shell: str = ""
    python: str = ""
    check: str = ""
    note: str = ""
