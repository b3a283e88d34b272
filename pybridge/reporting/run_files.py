"""Where the files that a run record names lie now, and whether they are still the same. Imports core and files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pybridge.core.errors import PyBridgeError
from pybridge.core.image import Image, short_stem
from pybridge.files.ome_zarr import is_zarr
from pybridge.files.read import read_image, sha256_of_file
from pybridge.reporting.stored_record import StoredInput, StoredOutput

SAME, CHANGED, MISSING, UNCHECKED = "as recorded", "changed", "not found", "not checked"
_DEEPEST = 3
_SUFFIXES = ("", ".tif", ".ome.tif", ".ome.zarr", ".csv")


@dataclass(frozen=True, slots=True)
class FoundFile:
    """One file of a record.

    Parameters
    ----------
    name : str
        As the record has it.
    path : Path or None
        Where it lies; None when it was not found.
    state : str
        ``as recorded``, ``changed``, ``not found`` or ``not checked``.
    note : str
        What the reader must know, as a sentence; empty when all is well.
    """

    name: str
    path: Path | None
    state: str
    note: str = ""


def find_input(used: StoredInput, *, folder: Path, check: bool) -> FoundFile:
    """Find an input where the record says, else by its name beside the record, else below the folders around it.

    Parameters
    ----------
    used : StoredInput
        What the record says.
    folder : Path
        Where the record lies.
    check : bool
        Whether to compare its hash; without it only its presence is looked at.
    """
    named = None if not used.path else Path(used.path)
    # Of a hostile name only its last part counts: a record cannot lead out of its folder.
    beside = folder / Path(used.name.replace("\\", "/")).name if used.name else None
    changed: Path | None = None
    for place in (named, beside):
        if place is None or not (_is_file(place) or _is_zarr(place)):
            continue
        same = _is_same(place, used) if check else None
        if same is False:
            changed = changed or place
            continue
        return FoundFile(used.name, place, UNCHECKED if same is None else SAME, _moved(used, place))
    for place in places_near(used, folder=folder):
        # So far from the record a name alone says little: the hash is compared in any case.
        if (_is_file(place) or _is_zarr(place)) and _is_same(place, used):
            return FoundFile(used.name, place, SAME, _moved(used, place))
    if changed is not None:
        note = f"{str(changed)!r} is not the file of the record: its hash differs"
        return FoundFile(used.name, changed, CHANGED, note)
    if named is None:
        return FoundFile(used.name, None, MISSING, f"{used.name!r} had no file, and none lies beside the record")
    if any(_is_folder(place) for place in (named, *places_near(used, folder=folder))):
        note = f"{str(named)!r} is a folder of frames: it is neither shown nor compared with its hash"
        return FoundFile(used.name, None, UNCHECKED, note)
    return FoundFile(used.name, None, MISSING, f"{str(named)!r} is not there any more, nor beside the record")


def places_near(used: StoredInput, *, folder: Path) -> Iterator[Path]:
    """Give places of an input near its record: the end of its path, below the record's folder and those around it.

    There it lies when a folder was moved as a whole, or when its path was relative to another working folder.

    Parameters
    ----------
    used : StoredInput
        What the record says.
    folder : Path
        Where the record lies.

    Examples
    --------
    >>> places = places_near(StoredInput(path="../cells/a.tif"), folder=Path("/runs/7"))
    >>> [place.as_posix() for place in places][:3]
    ['/runs/7/cells/a.tif', '/runs/cells/a.tif', '/cells/a.tif']
    """
    parts = [part for part in re.split(r"[\\/]", used.path or "") if part not in ("", ".", "..") and "\0" not in part]
    around = [folder.absolute(), *folder.absolute().parents][:_DEEPEST]
    for length in range(min(len(parts), _DEEPEST), 0, -1):
        yield from (parent.joinpath(*parts[-length:]) for parent in around)


def find_output(made: StoredOutput, *, folders: tuple[Path, ...], carrier: Path | None = None) -> Path | None:
    """Find an output by its name in the folders where it may lie; None when it is not there.

    Parameters
    ----------
    made : StoredOutput
        What the record says: a file name, or the title of an image.
    folders : tuple of Path
        Where to look.
    carrier : Path, optional
        The image that carries the record, which is an output itself.
    """
    name = Path(made.name.replace("\\", "/")).name
    if not name:
        return None
    if carrier is not None and carrier.suffix.lower() != ".json" and short_stem(carrier.name) == short_stem(name):
        return carrier
    for folder in folders:
        for suffix in _SUFFIXES:
            place = folder / f"{name}{suffix}"
            if _is_file(place) or _is_zarr(place):
                return place
    return None


def load_image(path: Path, sha256_pixels: str) -> tuple[Image | None, str]:
    """Read an image for a picture, and say when its pixels are not those of the record.

    Returns
    -------
    image : Image or None
        None when it cannot be read.
    note : str
        A sentence; empty when all is well.
    """
    try:
        image = read_image(path)
    except (PyBridgeError, MemoryError) as error:
        return None, f"{str(path)!r} cannot be shown: {error}"
    if sha256_pixels and image.sha256_pixels() != sha256_pixels:
        return image, f"{str(path)!r} is not the image of the record: the hash of its pixels differs"
    return image, ""


def _moved(used: StoredInput, place: Path) -> str:
    """Say that an input lies elsewhere now; a relative path that was written in another working folder says so too."""
    named = None if not used.path else Path(used.path)
    if named is None or place == named or (not named.is_absolute() and place.parts[-len(named.parts) :] == named.parts):
        return ""
    return f"{used.name!r} was moved: it was {str(named)!r} and is {str(place)!r} now"


def _is_same(path: Path, used: StoredInput) -> bool | None:
    """Compare the hash of the bytes, else that of the pixels; None when neither can be done."""
    try:
        if used.sha256_file and _is_file(path):
            return sha256_of_file(path) == used.sha256_file
        return read_image(path).sha256_pixels() == used.sha256_pixels if used.sha256_pixels else None
    except (OSError, PyBridgeError, MemoryError):
        return None


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # a name that no file can have
        return False


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False


def _is_zarr(path: Path) -> bool:
    try:
        return is_zarr(path)
    except (OSError, ValueError):
        return False
