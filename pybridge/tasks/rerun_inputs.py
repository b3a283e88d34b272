"""Finding the inputs of an earlier run again: where the record says, else by their hash in a folder.

Imports reporting, files and core.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pybridge.core.errors import ImageError, UsageError
from pybridge.core.progress import check_cancelled, report
from pybridge.files.lazy import open_image
from pybridge.files.ome_zarr import is_zarr
from pybridge.files.read import IMAGE_SUFFIXES, sha256_of_file
from pybridge.files.result_pairs import TABLE_SUFFIXES
from pybridge.files.roi_labels import ROI_SUFFIXES
from pybridge.files.track_files import find_track_table, is_sequence, open_tracks
from pybridge.reporting.run_files import places_near
from pybridge.reporting.stored_record import StoredInput, StoredRecord

# What a run does one after the other; truth and raw image follow their own.
_MAIN = ("image", "result")
_SUFFIXES = (*IMAGE_SUFFIXES, *ROI_SUFFIXES, *TABLE_SUFFIXES)


@dataclass(frozen=True, slots=True)
class FoundInput:
    """One input of an earlier run, as it is now.

    Parameters
    ----------
    used : StoredInput
        What the record says of it.
    path : Path or None
        Where it is; None when nothing like it was found.
    change : str
        Empty when the pixels are those of the record; else what is different, for people.
    """

    used: StoredInput
    path: Path | None
    change: str = ""


@dataclass(frozen=True, slots=True)
class FoundItem:
    """What one image of a run needs: the image, or the result that is scored, and what comes with it.

    Parameters
    ----------
    main : FoundInput
        The image or the result.
    further : mapping of str to FoundInput
        Truth and raw image, by role.
    """

    main: FoundInput
    further: Mapping[str, FoundInput]

    @property
    def changes(self) -> tuple[str, ...]:
        """What is not as the record says."""
        return tuple(found.change for found in (self.main, *self.further.values()) if found.change)

    @property
    def is_there(self) -> bool:
        """Whether everything was found."""
        return all(found.path is not None for found in (self.main, *self.further.values()))

    def path_of(self, role: str) -> Path | None:
        """Give the file of a role; None when the run had none."""
        found = self.further.get(role)
        return None if found is None else found.path


def find_items(record: StoredRecord, *, images: Path | None) -> tuple[FoundItem, ...]:
    """Find the inputs of a run by path, then by hash.

    Parameters
    ----------
    record : StoredRecord
        The run; where it lies tells where relative paths may begin.
    images : Path, optional
        Folder where files may have been moved to, under whatever names; its subfolders count.

    Raises
    ------
    UsageError
        If ``images`` is no folder.
    """
    if images is not None and not images.is_dir():
        raise UsageError(f"look for images in {str(images)!r}", found="no such folder", do="check --images")
    folder = None if images is None else _Folder(images)
    found: list[tuple[str, FoundInput]] = []
    for used, role in zip(record.inputs, record.roles, strict=True):
        report(len(found), len(record.inputs), f"look for {used.name}")
        found.append((role, _find(used, record, folder)))
    return tuple(FoundItem(main, further) for main, further in _grouped(found))


def _grouped(found: Sequence[tuple[str, FoundInput]]) -> list[tuple[FoundInput, dict[str, FoundInput]]]:
    """Put truths and the like to their images: in their order when each has one, else to the image before."""
    items: list[tuple[FoundInput, dict[str, FoundInput]]] = []
    further: dict[str, list[tuple[int, FoundInput]]] = {}
    for role, each in found:
        if role in _MAIN or not items:
            items.append((each, {}))
        else:
            further.setdefault(role, []).append((len(items) - 1, each))
    for role, those in further.items():
        for order, (before, each) in enumerate(those):
            items[order if len(those) == len(items) else before][1][role] = each
    return items


def _find(used: StoredInput, record: StoredRecord, folder: _Folder | None) -> FoundInput:
    own = Path(used.path) if used.path and "\0" not in used.path else None
    found = _compare(used, own) if own is not None and os.path.exists(own) else None
    if found is not None and not found.change:
        return found
    for path in places_near(used, folder=record.path.parent):
        is_other = own is None or path != own.absolute()
        if is_other and os.path.exists(path) and not _compare(used, path).change:
            return FoundInput(used, path)
    moved = None if folder is None else folder.find(used)
    if moved is not None:
        return FoundInput(used, moved)
    if found is not None:
        return found
    where = f"it is not at {used.path!r}" if used.path else "it was never a file of its own"
    looked = "; give the folder where it is now with --images" if folder is None else ", nor is it under --images"
    return FoundInput(used, None, f"input {used.name!r} is missing: {where}{looked}")


def _compare(used: StoredInput, path: Path) -> FoundInput:
    """Compare a file with the record: its bytes, which is quick, else its pixels; frames with their table of tracks."""
    try:
        return _compare_readable(used, path)
    except ImageError as error:
        return FoundInput(used, None, f"input {used.name!r} changed: {error}")
    except OSError as error:
        return FoundInput(used, None, f"input {used.name!r} cannot be read: {error}")


def _compare_readable(used: StoredInput, path: Path) -> FoundInput:
    if used.sha256_file and path.is_file() and sha256_of_file(path) == used.sha256_file:
        return FoundInput(used, path)
    another = f"input {used.name!r} changed: {str(path)!r} is another"
    if used.is_table:
        return FoundInput(used, path, f"{another} table now")
    if is_sequence(path):
        return FoundInput(used, path, "" if _is_same_sequence(used, path) else f"{another} sequence of frames now")
    pixels = open_image(path)
    if pixels.sha256_pixels() == used.sha256_pixels:
        return FoundInput(used, path)
    shape, before = pixels.array.shape, used.shape
    how = f"shape {shape}, was {before}" if shape != before and before else "its pixels are not those of the record"
    return FoundInput(used, path, f"{another} image now ({how})")


def _is_same_sequence(used: StoredInput, path: Path) -> bool:
    """Compare a folder of frames with the record; those of the first versions have no hash of the table."""
    tracks = open_tracks(path)
    return tracks.image.sha256_pixels() == used.sha256_pixels and used.sha256_file in (None, tracks.sha256_table)


class _Folder:
    """What a folder holds that can be an input, by its hashes, which are computed once."""

    def __init__(self, folder: Path) -> None:
        self._files: list[Path] = []
        self._tables: dict[Path, Path] = {}
        for path in sorted(folder.rglob("*")):
            with contextlib.suppress(OSError):  # what may not be looked at is no input
                self._add(path)
        self._of_file: dict[Path, str] = {}
        self._of_pixels: dict[Path, str] = {}

    def _add(self, path: Path) -> None:
        table = find_track_table(path) if path.is_dir() else None
        if table is not None:
            self._tables[path] = table
        if table is not None or is_zarr(path) or (path.suffix.lower() in _SUFFIXES and path.is_file()):
            self._files.append(path)

    def find(self, used: StoredInput) -> Path | None:
        """Find a file by its bytes, else by its pixels; those of the same name first."""
        files = sorted(self._files, key=lambda path: path.name != used.name)
        if used.sha256_file:
            for path in files:
                if path.is_file() and self._file_hash(path) == used.sha256_file:
                    return path
        return next((path for path in files if self._has_pixels(path, used)), None) if used.sha256_pixels else None

    def _has_pixels(self, path: Path, used: StoredInput) -> bool:
        """Compare pixels; a folder of frames is read only if its table, which is small, is that of the record."""
        table = self._tables.get(path)
        if table is not None and used.sha256_file not in (None, self._file_hash(table)):
            return False
        return self._pixel_hash(path) == used.sha256_pixels

    def _file_hash(self, path: Path) -> str:
        """Hash the bytes of a file; empty when it may not be read."""
        if path not in self._of_file:
            try:
                self._of_file[path] = sha256_of_file(path)
            except OSError:
                self._of_file[path] = ""
        return self._of_file[path]

    def _pixel_hash(self, path: Path) -> str:
        """Hash the pixels of an image or of frames; empty when there are none, or they cannot be read."""
        check_cancelled()
        if path not in self._of_pixels:
            try:
                self._of_pixels[path] = self._read_pixels(path)
            except (ImageError, OSError):
                self._of_pixels[path] = ""
        return self._of_pixels[path]

    def _read_pixels(self, path: Path) -> str:
        if path in self._tables:
            return open_tracks(path).image.sha256_pixels()
        is_image = path.suffix.lower() in IMAGE_SUFFIXES or is_zarr(path)
        return open_image(path).sha256_pixels() if is_image else ""
