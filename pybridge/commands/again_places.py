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
_MOST_LISTED = 50  # of a folder that is not as it was: nobody reads or pastes a line of thousands of names
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
        Whether it is a folder that may hold others too: it could not be looked into, or it is not as it was and the
        files are too many to be listed.
    why : str
        How the folder is not as it was, in brackets after a space; empty where nothing is known of that.
    """

    names: tuple[str, ...]
    is_guess: bool = False
    why: str = ""


def name_files(inputs: Sequence[StoredInput], record: StoredRecord) -> NamedFiles:
    """Name a few files, or the folder of more when it holds no others, as far as it is here to be looked into."""
    folder = common_folder(inputs)
    if len(inputs) <= _MOST_FILES or not folder:
        return NamedFiles(tuple(map(place_of, inputs)))
    try:
        found = _compare_with_folder(Path(folder), inputs, record)
    except (OSError, ValueError):  # gone, closed to the reader, or no path at all: the report is written all the same
        return NamedFiles((folder,), is_guess=True)
    if found.is_same:
        return NamedFiles((folder,))
    if found.passed_over or len(inputs) <= _MOST_LISTED:
        return NamedFiles(tuple(map(place_of, inputs)))
    return NamedFiles((folder,), is_guess=True, why=found.why)


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
    by_record = not path.suffix and "T" in used.axes
    try:
        return not is_zarr(path) if os.path.isdir(path) else by_record
    except OSError:  # a folder that may not be looked into
        return by_record


def place_of(used: StoredInput) -> str:
    """Give the path of an input, or its title, on one line."""
    return " ".join((used.path or used.name).splitlines())


@dataclass(frozen=True, slots=True)
class _Differences:
    """How a folder is not the files that stood in it: others, lost ones, and ones that a folder does not give."""

    others: int
    lost: int
    passed_over: int

    @property
    def is_same(self) -> bool:
        return not (self.others or self.lost or self.passed_over)

    @property
    def why(self) -> str:
        lost = f"{self.lost} of the images {'is' if self.lost == 1 else 'are'} not there any more" if self.lost else ""
        told = [each for each in ("it holds other files too" if self.others else "", lost) if each]
        return f" ({'; '.join(told)})" if told else ""


def _compare_with_folder(folder: Path, inputs: Sequence[StoredInput], record: StoredRecord) -> _Differences:
    """Compare a folder with these files and what was made of them.

    Raises
    ------
    OSError
        If it cannot be looked into.
    """
    from pybridge.files.ome_zarr import is_zarr
    from pybridge.files.read import IMAGE_SUFFIXES
    from pybridge.files.result_pairs import TABLE_SUFFIXES

    named = {os.path.basename(place_of(used)) for used in inputs}
    known = named | {made.name for made in record.outputs}
    suffixes = (*IMAGE_SUFFIXES, *(TABLE_SUFFIXES if any(used.is_table for used in inputs) else ()))
    there = {each.name for each in folder.iterdir() if each.suffix.lower() in suffixes or is_zarr(each)}
    others = {name for name in there - known if not name.startswith(".")}
    role = next((each for each in _ROLES if all(short_stem(name).endswith(each) for name in named)), "")
    if role and not record.images:
        others = {name for name in others if short_stem(name).endswith(role)}
    left = named - there
    lost = sum(not os.path.lexists(folder / name) for name in left)
    return _Differences(len(others), lost, len(left) - lost)
