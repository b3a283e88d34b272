"""What the id of a model that is made here may be: its folder is called so, on every system. Imports core only."""

from __future__ import annotations

import re

from pybridge.core.errors import UsageError

MODEL_ID = r"[a-z0-9][a-z0-9-]{0,62}"
MODEL_ID_FORM = "at most 63 small letters a to z, digits and hyphens, a letter or digit first"
"""The same in words, for people."""


def check_model_id(id: str) -> None:
    """Raise unless a text can be the id of a new model, before a folder of that name is made anywhere.

    Raises
    ------
    UsageError
        If it has other characters, for example those of a path, or is too long.

    Examples
    --------
    >>> check_model_id("my-nuclei-2")
    """
    if not re.fullmatch(MODEL_ID, id):
        raise UsageError(
            f"make a model of the name {id!r}",
            found="a name that is no model's id",
            do=f"use {MODEL_ID_FORM}; where it lies is said by the output folder",
        )


def id_from(text: str) -> str:
    """Make a model's id out of any text, to build a name on.

    Examples
    --------
    >>> id_from("Lab/My nuclei_v2"), id_from("…")
    ('lab-my-nuclei-v2', 'model')
    """
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-") or "model"
