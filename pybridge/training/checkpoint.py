"""Checkpoints: the state of a run on disk, whole or not at all. Imports torch.

They hold tensors, numbers and texts only and are read with ``weights_only=True``: a checkpoint is data, never code.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import torch

from pybridge.core.errors import ModelError
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


def load_checkpoint(path: Path, *, trust: bool = False) -> Any:
    """Read a torch file.

    Parameters
    ----------
    path : Path
        A file that ``torch.save`` wrote.
    trust : bool
        Also run the code that a pickled file may contain. Only for files of one's own.

    Raises
    ------
    ModelError
        If the file is missing or damaged, or would run code and is not trusted.
    """
    import pickle

    try:
        return torch.load(path, map_location="cpu", weights_only=not trust)
    except pickle.UnpicklingError as error:
        raise ModelError(
            f"read the torch file {str(path)!r}",
            found="it is pickled Python that would run code when loaded, or damaged",
            do="save the state dict alone (`torch.save(model.state_dict(), file)`), or say --trust if it is your own",
        ) from error
    except (OSError, RuntimeError, EOFError, KeyError, ValueError) as error:
        raise ModelError(
            f"read the torch file {str(path)!r}",
            found=" ".join(str(error).split())[:300],
            do="check the path, or save or get the file again",
        ) from error
