"""Whether an output can be written where it is wanted, asked before the work: by every door and every command.

Asking leaves nothing behind. Imports core.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

from pybridge.core.advice import OTHER_NAME
from pybridge.core.errors import OutputExistsError, PyBridgeError, UsageError
from pybridge.files.write import existing_output, make_folder, unwritable_output

_PROBE_BYTES = 1 << 16
"""A run record has a few thousand bytes; on a disk with less room than this the next file would fail anyway."""


def place_of(path: str | os.PathLike[str]) -> str:
    """Give what all names of one place have in common: links to folders are followed, and case does not count.

    Two names that differ in case alone are one file on Windows and macOS.
    """
    folder, name = os.path.split(os.path.abspath(path))
    return os.path.join(os.path.realpath(folder), name).casefold()


def check_place(path: Path, *, overwrite: bool = False, taken: Iterable[str | os.PathLike[str]] = ()) -> None:
    """Raise when a file could not be written at ``path``.

    Parameters
    ----------
    path : Path
        Where it is to go.
    overwrite : bool
        Whether an existing file may be replaced.
    taken : iterable of path-like
        The inputs and the other outputs of the run, which no flag allows to be replaced.

    Raises
    ------
    UsageError
        If it is one of those.
    OutputExistsError
        If there is such a file that may not be replaced, or a folder of that name, or a file stands where a folder
        should be.
    OutputError
        If the folder cannot be made or written into, or the disk is full.

    Examples
    --------
    >>> check_place(Path("no such folder yet") / "record.json")
    >>> Path("no such folder yet").exists()
    False
    """
    check_name(path, overwrite=overwrite, taken=taken)
    _try_folder(path.parent, named=path)


def check_name(path: Path, *, overwrite: bool, taken: Iterable[str | os.PathLike[str]] = ()) -> None:
    """Raise when an output must not have this name; its folder is not looked at. As ``check_place``."""
    if place_of(path) in {place_of(each) for each in taken}:
        raise UsageError(
            f"write {str(path)!r}", found="an input or another output of this run has that name", do=OTHER_NAME
        )
    try:
        if path.is_dir():
            raise OutputExistsError(f"write the file {str(path)!r}", found="a folder has that name", do=OTHER_NAME)
        if path.exists() and not overwrite:
            raise existing_output(path)
    except OutputExistsError:
        raise
    except OSError as error:  # a name that no file can have
        raise unwritable_output(path, error) from error


def check_folders(folders: Iterable[Path]) -> None:
    """Raise when one of the folders can neither be made nor written into, or its disk is full.

    Permissions are no answer for every user and file system, so that a small file is written and taken away, and so are
    the folders that were missing.

    Raises
    ------
    OutputError
        If so.
    """
    for folder in dict.fromkeys(folders):
        _try_folder(folder, named=folder)


def _try_folder(folder: Path, *, named: Path) -> None:
    missing = [each for each in (folder, *folder.parents) if not os.path.exists(each)]
    try:
        make_folder(folder)
        with tempfile.NamedTemporaryFile(prefix=".pybridge-", dir=folder) as probe:
            probe.write(bytes(_PROBE_BYTES))
            probe.flush()
        with contextlib.suppress(FileNotFoundError):  # any other error: a name that no file can have here
            os.stat(named)
    except PyBridgeError:
        raise
    except OSError as error:
        raise unwritable_output(named, error) from error
    finally:
        for each in missing:  # the deepest first
            with contextlib.suppress(OSError):
                each.rmdir()
