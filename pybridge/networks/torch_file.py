"""Reading what ``torch.save`` wrote: as data, never as code unless the user says so. Imports torch."""

from __future__ import annotations

import pickle
import warnings
from pathlib import Path
from typing import Any

import torch

from pybridge.core.errors import ModelError


def load_torch_file(path: Path, *, trust: bool = False) -> Any:
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
    try:
        with warnings.catch_warnings():
            # Of file formats that torch reads all the same, or fails on with an error of its own.
            warnings.simplefilter("ignore")
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
