"""How the lines that repeat a run name its files: one by one, or by a folder that holds no others.

Imports files and the reading of records, inside functions, and core.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pybridge.core.image import short_stem

if TYPE_CHECKING:
    from pybridge.reporting.stored_record import StoredInput, StoredRecord

_MOST_FILES = 3
_TABLES = (".csv", ".tsv")
# What the results in a folder of PyBridge's own are called: then no other image of it is taken for one.
_ROLES = ("-labels", "-restored")


@dataclass(frozen=True, slots=True)
class NamedFiles:
    """The names of some inputs.

    Parameters
    ----------
    names : tuple of str
        Files, or the one folder that stands for them.
    is_guess : bool
        Whether it is a folder that could not be looked into, so that it may hold others too.
    """

    names: tuple[str, ...]
    is_guess: bool = False


def name_files(inputs: Sequence[StoredInput], record: StoredRecord) -> NamedFiles:
    """Name a few files, or the folder of more when it holds no others, as far as it is here to be looked into."""
    folder = common_folder(inputs)
    if len(inputs) <= _MOST_FILES or not folder:
        return NamedFiles(tuple(map(place_of, inputs)))
    if not os.path.isdir(folder):
        return NamedFiles((folder,), is_guess=True)
    return NamedFiles(tuple(map(place_of, inputs)) if _holds_others(Path(folder), inputs, record) else (folder,))


def name_together(inputs: Sequence[StoredInput]) -> tuple[str, ...]:
    """Name files in one word where that can be done: the only one, or the folder of several."""
    folder = common_folder(inputs)
    return (folder,) if len(inputs) > 1 and folder else tuple(map(place_of, inputs))


def common_folder(inputs: Sequence[StoredInput]) -> str:
    """Give the folder that all files lie in; empty when there is none, or an image has no file."""
    folders = {os.path.dirname(place_of(used)) or "." if used.path else "" for used in inputs}
    return folders.pop() if len(folders) == 1 else ""


def is_opened_by_name(used: StoredInput) -> bool:
    """Say whether an input is no image that ImageJ opens as it is: a table, or a folder of frames with its tracks."""
    from pybridge.files.ome_zarr import is_zarr

    path = Path(used.path or "")
    if not used.path or used.is_table:
        return used.is_table
    if path.is_dir():
        return not is_zarr(path)
    return not path.suffix and "T" in used.axes


def place_of(used: StoredInput) -> str:
    """Give the path of an input, or its title, on one line."""
    return " ".join((used.path or used.name).splitlines())


def _holds_others(folder: Path, inputs: Sequence[StoredInput], record: StoredRecord) -> bool:
    """Say whether a folder holds more than these files and what was made of them, or not all of them any more."""
    from pybridge.files.ome_zarr import is_zarr
    from pybridge.files.read import IMAGE_SUFFIXES

    named = {os.path.basename(place_of(used)) for used in inputs}
    known = named | {made.name for made in record.outputs}
    suffixes = (*IMAGE_SUFFIXES, *(_TABLES if any(used.is_table for used in inputs) else ()))
    there = {each.name for each in folder.iterdir() if each.suffix.lower() in suffixes or is_zarr(each)}
    others = {name for name in there - known if not name.startswith(".")}
    role = next((each for each in _ROLES if all(short_stem(name).endswith(each) for name in named)), "")
    if role and not record.images:
        others = {name for name in others if short_stem(name).endswith(role)}
    return bool(others or named - there)
