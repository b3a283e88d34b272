"""``pybridge fiji install`` and ``uninstall``."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from pybridge import __version__
from pybridge.commands.choices import Choices, choices_here
from pybridge.core.errors import UsageError
from pybridge.fiji.change import change_files, clear_leftovers, free_kept_name
from pybridge.fiji.files import files_for
from pybridge.fiji.folder import FijiFolder, find_fiji
from pybridge.fiji.manifest import PLACE, Manifest, read_file, read_manifest, sha256


@dataclass(frozen=True, slots=True)
class Installed:
    """What an installation did.

    Parameters
    ----------
    fiji : FijiFolder
        The Fiji.
    written, unchanged, removed : tuple of str
        Files put there, found as they should be, and taken away because this PyBridge has no such file.
    kept : tuple of (str, str)
        Files that the user had changed, and the names under which they lie beside ours now.
    """

    fiji: FijiFolder
    written: tuple[str, ...]
    unchanged: tuple[str, ...]
    removed: tuple[str, ...]
    kept: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Uninstalled:
    """What was taken away, and what was left because the user changed it."""

    removed: tuple[str, ...]
    left: tuple[str, ...]


def install(folder: Path, *, choices: Choices | None = None) -> Installed:
    """Put PyBridge's files into a Fiji, or bring those that are there up to date.

    Parameters
    ----------
    folder : Path
        The folder of the Fiji.
    choices : Choices, optional
        Models and devices of the dialogs; default those of this computer.

    Returns
    -------
    Installed
        What was done.

    Raises
    ------
    UsageError
        If the folder holds no Fiji.
    OutputError
        If a file cannot be written; the Fiji is as it was then.
    ImageJError
        If a Java library that the Fiji lacks cannot be fetched.
    """
    asked = f"install PyBridge into {str(folder)!r}"
    fiji = find_fiji(folder, asked=asked)
    before = read_manifest(fiji, asked=asked) or Manifest()
    files = files_for(fiji, choices=choices or choices_here(), own_jars=before.files)
    found = {path: read_file(fiji.path / path) for path in {*files, *before.files}}
    write, keep, unchanged = {}, {}, []
    for path, content in files.items():
        there = found[path]
        if there == content:
            unchanged.append(path)
            continue
        write[path] = content
        if there is not None and not before.is_ours(path, there):
            keep[path] = free_kept_name(fiji.path, path)
    gone = {path: there for path in before.files if path not in files and (there := found[path]) is not None}
    remove = tuple(path for path, there in gone.items() if before.is_ours(path, there))
    hashes: dict[str, tuple[str, ...]] = {path: (sha256(content),) for path, content in files.items()}
    # Both hashes while the files change: whatever ends this process, the next installation knows its files.
    either = {path: (*hashes.get(path, ()), *before.files.get(path, ())) for path in {*hashes, *before.files}}
    folders = (*before.folders, *_new_folders(fiji.path, (*files, PLACE)))
    under_way = Manifest(__version__, either, folders, finished=False)
    change_files(fiji.path, write={PLACE: under_way.to_json().encode()}, keep={}, remove=(), asked=asked)
    try:
        change_files(fiji.path, write=write, keep=keep, remove=remove, asked=asked)
    except BaseException:
        _restore(fiji, before, folders)
        raise
    done = Manifest(__version__, hashes, folders)
    change_files(fiji.path, write={PLACE: done.to_json().encode()}, keep={}, remove=(), asked=asked)
    clear_leftovers(fiji.path, (*found, PLACE))
    _forget_compiled(fiji.path, (*write, *remove))
    return Installed(fiji, tuple(write), tuple(unchanged), remove, tuple(keep.items()))


def uninstall(folder: Path) -> Uninstalled:
    """Take away what an installation put into a Fiji, but nothing that was changed since.

    Raises
    ------
    UsageError
        If the folder holds no Fiji, or PyBridge was not installed there.
    OutputError
        If a file cannot be removed; the Fiji is as it was then.
    """
    asked = f"remove PyBridge from {str(folder)!r}"
    fiji = find_fiji(folder, asked=asked)
    manifest = read_manifest(fiji, asked=asked)
    if manifest is None:
        raise UsageError(asked, found="it was not installed there", do="nothing; `pybridge fiji status` shows what is")
    found = {path: there for path in manifest.files if (there := read_file(fiji.path / path)) is not None}
    remove = tuple(path for path, there in found.items() if manifest.is_ours(path, there))
    change_files(fiji.path, write={}, keep={}, remove=(*remove, PLACE), asked=asked)
    clear_leftovers(fiji.path, (*manifest.files, PLACE))
    _forget_compiled(fiji.path, remove)
    _remove_empty_folders(fiji.path, manifest.folders)
    return Uninstalled(remove, tuple(path for path in found if path not in remove))


def _restore(fiji: FijiFolder, before: Manifest, folders: tuple[str, ...]) -> None:
    """Put the earlier manifest back; without one there was no installation."""
    if before.files:
        change_files(fiji.path, write={PLACE: before.to_json().encode()}, keep={}, remove=(), asked="restore")
    else:
        (fiji.path / PLACE).unlink(missing_ok=True)
        _remove_empty_folders(fiji.path, folders)


def _forget_compiled(root: Path, paths: tuple[str, ...]) -> None:
    """Delete what Jython compiled of our modules: it would be taken for the module by a clock that is wrong."""
    for path in paths:
        if path.endswith(".py"):
            file = root / path
            with contextlib.suppress(OSError):
                file.with_name(f"{file.stem}$py.class").unlink(missing_ok=True)


def _new_folders(root: Path, paths: tuple[str, ...]) -> list[str]:
    """Name the folders that have to be made for files."""
    parents = {parent for path in paths for parent in PurePosixPath(path).parents}
    return sorted(parent.as_posix() for parent in parents if not (root / parent).exists())


def _remove_empty_folders(root: Path, folders: tuple[str, ...]) -> None:
    """Remove the folders that were made, where nothing else lies in them by now."""
    for folder in sorted(folders, key=len, reverse=True):
        with contextlib.suppress(OSError):
            (root / folder).rmdir()
