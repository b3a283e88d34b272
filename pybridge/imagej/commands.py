"""The commands that macros can call, by name."""

from __future__ import annotations

from collections.abc import Mapping

from pybridge.commands.segment import Segment
from pybridge.imagej.listener import Handler
from pybridge.imagej.segment import segment_active_image


def macro_commands() -> Mapping[str, Handler]:
    """Give the handler of each ``PyBridge …`` command."""
    return {Segment.macro_name: segment_active_image, "PyBridge Start": _start}


def _start(options: str | None) -> None:
    """Do nothing: the listener that this command would install is the one that called it."""
