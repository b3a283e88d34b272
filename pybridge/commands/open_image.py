"""Declaration of ``PyBridge Open``, which macros use in the place of ImageJ's ``open``. Imports core only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from pybridge.commands.declaration import Command, parameter


@dataclass(frozen=True, kw_only=True)
class OpenImage(Command):
    """Open an image file in ImageJ, or stop the macro when the file is damaged.

    ImageJ's own ``open`` shows half of a truncated TIFF as if it were whole, goes on with the image that was active
    before when it cannot read a file, and never comes back from some truncated ZIP-compressed ones.
    """

    macro_name: ClassVar[str] = "PyBridge Open"
    summary: ClassVar[str] = "open an image file; a damaged one stops the macro"

    path: str = parameter("", required=True, doors=("macro",), path="open", help="the image file")
