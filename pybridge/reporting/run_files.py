"""Where the files that a run record names lie now, and whether they are still the same. Imports core and files."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator
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
    changed: Path | None = None
    is_folder = False
    for place, is_far in _places(used, folder):
        if not os.path.exists(place):
            continue
        if not (_is_file(place) or _is_zarr(place)):
            # What only has the title of the image is another folder.
            is_folder = is_folder or place.name in (Path(used.path or "").name, *_parts(used)[-1:])
            continue
        # So far from the record a name alone says little: the hash is compared in any case.
        same = _is_same(place, used) if check or is_far else None
        if same or (same is None and not is_far):
            return FoundFile(used.name, place, SAME if same else UNCHECKED, _moved(used, place))
        if changed is None and not is_far:
            changed = place
    if changed is not None:
        note = f"{str(changed)!r} is not the file of the record: its hash differs"
        return FoundFile(used.name, changed, CHANGED, note)
    if not used.path:
        return FoundFile(used.name, None, MISSING, f"{used.name!r} had no file, and none lies beside the record")
    named = str(Path(used.path))
    if is_folder:
        note = f"{named!r} is a folder of frames: it is neither shown nor compared with its hash"
        return FoundFile(used.name, None, UNCHECKED, note)
    return FoundFile(used.name, None, MISSING, f"{named!r} is not there any more, nor beside the record")


def _places(used: StoredInput, folder: Path) -> Collection[tuple[Path, bool]]:
    """Give each place of an input once, in the order of looking, and whether it is far from what the record says."""
    near = [] if not used.path else [Path(used.path)]
    if used.name:
        # Of a hostile name only its last part counts: a record cannot lead out of its folder.
        near.append(folder / Path(used.name.replace("\\", "/")).name)
    places: dict[Path, tuple[Path, bool]] = {}
    for place in near:
        places.setdefault(place.absolute(), (place, False))
    for place in places_near(used, folder=folder):
        places.setdefault(place, (place, True))
    return places.values()


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
    parts = _parts(used)
    around = [folder.absolute(), *folder.absolute().parents][:_DEEPEST]
    lengths = range(min(len(parts), _DEEPEST), 0, -1)
    # The end of one path can be the folder of another: what costs a look, or a hash, is given once.
    yield from dict.fromkeys(parent.joinpath(*parts[-length:]) for length in lengths for parent in around)


def _parts(used: StoredInput) -> list[str]:
    """Split the path of an input into its names, without the steps to where it begins."""
    return [part for part in re.split(r"[\\/]", used.path or "") if part not in ("", ".", "..") and "\0" not in part]


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
    if not used.path or place == (named := Path(used.path)):
        return ""
    parts = tuple(_parts(used))
    if not named.is_absolute() and parts and place.absolute().parts[-len(parts) :] == parts:
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


def _is_zarr(path: Path) -> bool:
    try:
        return is_zarr(path)
    except (OSError, ValueError):
        return False
