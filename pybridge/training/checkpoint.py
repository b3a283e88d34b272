"""Checkpoints: the state of a run on disk, whole or not at all. Imports torch.

They hold tensors, numbers and texts only; ``networks.torch_file`` reads them back without running code.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import torch

from pybridge.files.write import write_whole


def save_checkpoint(path: Path, state: dict[str, Any]) -> None:
    """Write a checkpoint in place of the one before, which stays whole until the new one is.

    Raises
    ------
    OutputError
        If it cannot be written, for want of space for example.
    """

    def write(temporary: Path) -> None:
        try:
            with temporary.open("wb") as file:
                torch.save(state, file)
                file.flush()
                # A machine that loses power must not be left with a name that points to nothing.
                os.fsync(file.fileno())
        except RuntimeError as error:
            # torch's zip writer hides the system's error ("unexpected pos") behind one of its own.
            raise OSError(getattr(error.__context__, "errno", None) or 28, str(error).splitlines()[0]) from error

    write_whole(path, write, overwrite=True)
