"""Changing several files as one: all of them, or none.

New files are written under other names first, where most things that can go wrong go wrong. Then they get their own
names one after the other; should that fail half-way, the earlier ones are put back.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from pybridge.core.errors import OutputError

_ASIDE = ".pybridge-old"
_NEW = ".pybridge-new"
KEPT = ".kept"


def change_files(
    root: Path, *, write: Mapping[str, bytes], keep: Mapping[str, str], remove: tuple[str, ...], asked: str
) -> None:
    """Write and remove files below a folder, all or none.

    Parameters
    ----------
    root : Path
        The folder.
    write : mapping of str to bytes
        Content by path; folders are made.
    keep : mapping of str to str
        Files of the user's that are in the way, and the names that they get.
    remove : tuple of str
        Files to take away.
    asked : str
        What the user wanted, for messages.

    Raises
    ------
    OutputError
        If something could not be done; everything is as it was then.
    """
    made: list[Path] = []
    undo: list[tuple[Path, Path]] = []
    try:
        for name, content in write.items():
            made += make_folders((root / name).parent)
            fresh = _named(root / name, _NEW)
            made.append(fresh)
            _write(fresh, content)
        for name, kept in keep.items():
            os.rename(root / name, root / kept)
            undo.append((root / kept, root / name))
        for name in (*write, *remove):
            if (root / name).exists():
                aside = _named(root / name, _ASIDE)
                os.replace(root / name, aside)
                undo.append((aside, root / name))
            if name in write:
                os.rename(_named(root / name, _NEW), root / name)
                made.append(root / name)
    except OSError as error:
        _put_back(made, undo)
        where = f"{error.filename}: " if error.filename else ""
        raise OutputError(
            asked,
            found=f"{where}{error.strerror or error}; nothing was changed",
            do="check the rights and the space of the Fiji's folder, close Fiji, and try again",
        ) from error
    except BaseException:
        _put_back(made, undo)
        raise
    for aside, _ in undo:
        if aside.name.endswith(_ASIDE):
            aside.unlink()


def make_folders(folder: Path) -> list[Path]:
    """Make a folder and those above it; give the ones that are new, outermost first."""
    missing = [each for each in (folder, *folder.parents) if not each.exists()][::-1]
    folder.mkdir(parents=True, exist_ok=True)
    return missing


def clear_leftovers(root: Path, paths: Iterable[str]) -> None:
    """Delete what a process that was killed in the middle of a change left beside files."""
    for path in paths:
        for ending in (_NEW, _ASIDE):
            _named(root / path, ending).unlink(missing_ok=True)


def free_kept_name(root: Path, name: str) -> str:
    """Find a free name for a file of the user's, with an ending that Fiji makes no menu command of."""
    number = 1
    while (root / (kept := f"{name}{KEPT}{'' if number == 1 else f'-{number}'}")).exists():
        number += 1
    return kept


def _put_back(made: list[Path], undo: list[tuple[Path, Path]]) -> None:
    for path in reversed(made):
        with contextlib.suppress(OSError):
            path.rmdir() if path.is_dir() else path.unlink()
    for aside, path in reversed(undo):
        with contextlib.suppress(OSError):
            os.replace(aside, path)
    # A folder that was not empty before its files were put back stays; those made here are empty now.
    for path in reversed(made):
        with contextlib.suppress(OSError):
            path.rmdir()


def _write(path: Path, content: bytes) -> None:
    path.write_bytes(content)


def _named(path: Path, ending: str) -> Path:
    return path.with_name(f".{path.name}{ending}")
