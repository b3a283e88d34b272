"""Tracked frames as the Cell Tracking Challenge keeps them, and each kind of error put into a copy."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import tifffile
from numpy.typing import NDArray


@dataclass
class Tracked:
    """Frames (T, Y, X) and rows of label, first, last, parent."""

    frames: NDArray[np.uint16]
    table: list[list[int]]

    def copy(self) -> Tracked:
        return Tracked(self.frames.copy(), [list(row) for row in self.table])

    def write(self, folder: Path, *, table: str = "res_track.txt", prefix: str = "mask") -> Path:
        folder.mkdir(parents=True)
        for t, frame in enumerate(self.frames):
            tifffile.imwrite(folder / f"{prefix}{t:03d}.tif", frame, compression="zlib")
        text = "".join(" ".join(map(str, row)) + "\n" for row in self.table)
        (folder / table).write_text(text)
        return folder

    def row(self, label: int) -> list[int]:
        return next(row for row in self.table if row[0] == label)


def two_cells(frames: int = 8) -> Tracked:
    """One cell that divides in the middle and one that walks beside it."""
    stack = np.zeros((frames, 40, 60), np.uint16)
    half = frames // 2
    for t in range(frames):
        stack[t, 28:36, 5 + t : 15 + t] = 1
        if t < half:
            stack[t, 5:17, 20:32] = 2
        else:
            stack[t, 5:17, 12:22], stack[t, 5:17, 30:40] = 3, 4
    return Tracked(
        stack, [[1, 0, frames - 1, 0], [2, 0, half - 1, 0], [3, half, frames - 1, 2], [4, half, frames - 1, 2]]
    )


def read_sequence(folder: Path, *, table: str = "man_track.txt") -> Tracked:
    """Read frames and table of a folder."""
    frames = np.stack([tifffile.imread(file) for file in sorted(folder.glob("*.tif"))])
    return Tracked(frames, [[int(word) for word in line.split()] for line in (folder / table).read_text().splitlines()])


def long_track(found: Tracked) -> list[int]:
    return max(found.table, key=lambda row: row[2] - row[1])


def without_an_object(found: Tracked) -> Tracked:
    """The last object of the longest track is gone."""
    made = found.copy()
    row = made.row(long_track(found)[0])
    made.frames[row[2]][made.frames[row[2]] == row[0]] = 0
    row[2] -= 1
    return made


def with_a_spurious_object(found: Tracked) -> Tracked:
    """A small object in a corner of the background of the first frame, which is no cell."""
    made = found.copy()
    new = max(row[0] for row in made.table) + 1
    empty = np.argwhere(made.frames[0] == 0)[0]
    made.frames[0][empty[0], empty[1]] = new
    made.table.append([new, 0, 0, 0])
    return made


def with_merged_objects(found: Tracked) -> Tracked:
    """Two objects of the last frame have one label."""
    made = found.copy()
    last = len(made.frames) - 1
    alive = [row for row in made.table if row[2] == last and row[1] < last]
    one, other = alive[0], alive[1]
    made.frames[last][made.frames[last] == other[0]] = one[0]
    other[2] -= 1
    return made


def without_a_link(found: Tracked) -> Tracked:
    """The longest track is cut in two, without a link between them."""
    made = found.copy()
    row = made.row(long_track(found)[0])
    middle = (row[1] + row[2]) // 2 + 1
    new = max(each[0] for each in made.table) + 1
    later = made.frames[middle:]
    later[later == row[0]] = new
    for each in made.table:
        if each[3] == row[0]:
            each[3] = new
    made.table.append([new, middle, row[2], 0])
    row[2] = middle - 1
    return made


def without_a_parent(found: Tracked) -> Tracked:
    """A daughter does not know its parent."""
    made = found.copy()
    next(row for row in made.table if row[3])[3] = 0
    return made


def with_a_wrong_link(found: Tracked) -> Tracked:
    """The longest track is cut, and the second part said to be the daughter of the first."""
    made = without_a_link(found)
    made.table[-1][3] = long_track(found)[0]
    return made


def with_thin_objects(found: Tracked) -> Tracked:
    """Larger objects lost their left column of pixels: still found, and less well outlined."""
    made = found.copy()
    for before, frame in zip(found.frames, made.frames, strict=True):
        large = np.isin(before, np.flatnonzero(np.bincount(before.ravel()) > 60))
        frame[:, 1:][large[:, 1:] & (before[:, 1:] > 0) & (before[:, :-1] != before[:, 1:])] = 0
    return made


CORRUPTIONS: Sequence[Callable[[Tracked], Tracked]] = (
    without_an_object,
    with_a_spurious_object,
    with_merged_objects,
    without_a_link,
    without_a_parent,
    with_a_wrong_link,
    with_thin_objects,
)
