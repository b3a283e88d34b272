"""Tracked frames as the Cell Tracking Challenge keeps them: label images whose ids are tracks, and a table of tracks.

The table has a line ``label first last parent`` for each track, frames from 0, parent 0 for none. Imports core and
files.
"""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pybridge.core.errors import ImageError, ImageFileError, list_some
from pybridge.core.image import Image
from pybridge.core.record import InputUsed, input_used

TABLES = ("man_track.txt", "res_track.txt")
_FRAME = re.compile(r"(\d+)(?=\.tiff?$)", re.IGNORECASE)
_SLICE = re.compile(r"^man_seg_?(\d+)_(\d+)\.tiff?$", re.IGNORECASE)

_WHOLE_NUMBER = re.compile(r"-?[0-9]{1,18}")


@dataclass(frozen=True, slots=True)
class WholeObjects:
    """A label image of whole objects, as the challenge keeps them in its folder SEG.

    Parameters
    ----------
    path : Path
    frame : int
        From 0.
    z : int or None
        The slice that it is of, from 0, in a sequence of volumes (``man_seg_TTT_ZZZ.tif``); None for all of the frame.
    """

    path: Path
    frame: int
    z: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Tracks:
    """Tracked objects.

    Parameters
    ----------
    image : Image
        Labels, axes T(Z)YX: the id is that of the track.
    table : ndarray of int64, shape (N, 4)
        Label, first frame, last frame, parent (0 for none).
    segmented : tuple of WholeObjects
        Frames or single slices that have a label image of whole objects besides.
    warnings : tuple of str
    sha256_table : str or None
        The hash of the table in a folder of frames; None for a stack.
    """

    image: Image
    table: NDArray[np.int64]
    segmented: tuple[WholeObjects, ...] = ()
    warnings: tuple[str, ...] = ()
    sha256_table: str | None = None

    def used(self, *, role: str) -> InputUsed:
        """Describe the labels for a run record; of a folder of frames the hash of the file is that of its table."""
        described = input_used(self.image, role=role)
        return dataclasses.replace(described, sha256_file=described.sha256_file or self.sha256_table)


def is_sequence(path: Path) -> bool:
    """Say whether a folder holds tracked frames: a table of tracks in it or in its folder TRA."""
    return path.is_dir() and find_track_table(path) is not None


def find_track_table(path: Path) -> Path | None:
    """Give the table of a folder of tracked frames, which lies in it or in its folder TRA; None when there is none."""
    return next(
        (folder / name for folder in (path, path / "TRA") for name in TABLES if (folder / name).is_file()),
        None,
    )


def open_tracks(source: Image | Path) -> Tracks:
    """Read tracked frames.

    Parameters
    ----------
    source : Image or Path
        A folder of the challenge's form, a stack with its table beside it, or a stack alone: then the tracks are
        what the labels say, and none has a parent.

    Raises
    ------
    ImageFileError
        If frames or table are missing or damaged.
    ImageError
        If there are no frames. Whether labels and table fit is seen when they are scored.
    """
    if isinstance(source, Image):
        path = None if source.path is None else Path(source.path)
        return _with_table(source, None if path is None else _table_beside(path))
    if not source.is_dir():
        from pybridge.files.read import read_image

        return _with_table(read_image(source), _table_beside(source))
    table = find_track_table(source)
    if table is None:
        raise ImageFileError(
            f"read the tracks {str(source)!r}",
            found=f"no table of tracks in it ({' or '.join(TABLES)})",
            do="give a folder of the Cell Tracking Challenge's form, or a stack of labels",
        )
    from pybridge.files.read import sha256_of_file

    folder = table.parent
    tracks = _with_table(_read_frames(folder, name=source.name), table)
    beside = folder.parent / "SEG" if folder.name == "TRA" else folder / "SEG"
    segmented = _whole_objects_of(beside) if beside.is_dir() else ()
    return dataclasses.replace(tracks, segmented=segmented, sha256_table=sha256_of_file(table))


def _table_beside(path: Path) -> Path | None:
    named = (f"{path.stem}_track.txt", f"{path.stem}-track.txt", f"{path.stem}-tracks.txt", f"{path.stem}.txt")
    return next((path.with_name(name) for name in (*named, *TABLES) if path.with_name(name).is_file()), None)


def _frames_of(folder: Path) -> list[tuple[int, Path]]:
    """List the frames of a folder by number."""
    found = [(match, file) for file in folder.iterdir() if (match := _FRAME.search(file.name))]
    return sorted((int(match[1]), file) for match, file in found if not file.name.startswith("."))


def _whole_objects_of(folder: Path) -> tuple[WholeObjects, ...]:
    slices = [
        WholeObjects(file, int(match[1]), int(match[2]))
        for file in sorted(folder.iterdir())
        if (match := _SLICE.match(file.name))
    ]
    of_slices = {each.path for each in slices}
    frames = [WholeObjects(file, number) for number, file in _frames_of(folder) if file not in of_slices]
    return (*frames, *slices)


def _read_frames(folder: Path, *, name: str) -> Image:
    from pybridge.files.read import read_image

    frames = _frames_of(folder)
    numbers = [number for number, _ in frames]
    asked = f"read the tracks {str(folder)!r}"
    if numbers != list(range(len(numbers))) or not numbers:
        raise ImageFileError(
            asked,
            found=f"frames {list_some([str(number) for number in numbers], most=5)}, not each one from 0 on",
            do="give every frame once, numbered from 000 (mask000.tif, mask001.tif …)",
        )
    images = [read_image(file) for _, file in frames]
    sizes = {(image.axes, image.array.shape) for image in images}
    if len(sizes) > 1 or "T" in images[0].axes:
        raise ImageError(asked, found="its frames differ in size, or are stacks in time", do="export them again")
    array = np.stack([image.array for image in images])
    stack = images[0].replace(array=array, axes="T" + images[0].axes, name=name)
    return dataclasses.replace(stack, path=str(folder))


def _with_table(image: Image, table: Path | None) -> Tracks:
    warnings: list[str] = []
    if "T" not in image.axes and image.size_of("Z") > 1:
        image = dataclasses.replace(image, axes=image.axes.replace("Z", "T"))
        warnings.append(f"{image.name}: its slices were taken as frames")
    if image.size_of("T") < 2 or image.is_rgb or image.size_of("C") > 1:
        raise ImageError(
            f"use {image.name!r} as tracks",
            found=f"axes {image.axes}, shape {image.array.shape}",
            do="give labels of several frames, one channel, whose ids are tracks",
        )
    if table is None:
        warnings.append(f"{image.name} has no table of tracks: they are what its labels say, and none has a parent")
        return Tracks(image, _tracks_of_labels(image), warnings=tuple(warnings))
    return Tracks(image, _read_table(table), warnings=tuple(warnings))


def _read_table(path: Path) -> NDArray[np.int64]:
    asked, do = f"read the tracks {str(path)!r}", "write plain text, a line for each track: label first last parent"
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ImageFileError(asked, found="it is no plain text (UTF-8)", do=do) from error
    rows = []
    for number, line in enumerate(text.splitlines(), 1):
        words = line.split()
        if words and (len(words) != 4 or not all(_WHOLE_NUMBER.fullmatch(word) for word in words)):
            raise ImageFileError(asked, found=f"line {number} is {line.strip()!r}, not four whole numbers", do=do)
        if words:
            rows.append([int(word) for word in words])
    return np.array(rows, np.int64).reshape(len(rows), 4)


def _tracks_of_labels(image: Image) -> NDArray[np.int64]:
    """Give label, first and last frame, and no parent of every id."""
    first: dict[int, int] = {}
    last: dict[int, int] = {}
    for t, view in enumerate(image.tzcyx()):
        frame = np.asarray(view)
        for label in np.unique(frame[np.isfinite(frame)]).astype(np.int64).tolist():  # what is no id is refused later
            if label:
                if last.get(label, t) < t - 1:
                    raise ImageError(
                        f"use {image.name!r} as tracks",
                        found=f"track {label} is in frame {last[label]} and again in frame {t} (frames from 0), not in "
                        "between",
                        do="after a gap let a new track begin, and say with a table of tracks whose child it is",
                    )
                first.setdefault(label, t)
                last[label] = t
    rows = [(label, first[label], last[label], 0) for label in sorted(first)]
    return np.array(rows, np.int64).reshape(len(rows), 4)
