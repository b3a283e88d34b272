"""Reading tracked frames: tables of any text editor, stacks without a table, slices of whole objects."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pybridge.core.errors import ImageError, ImageFileError
from pybridge.core.image import Image
from pybridge.files.track_files import WholeObjects, open_tracks
from pybridge.files.write import write_labels
from tests.builders.tracks import two_cells

TEXT = "".join(" ".join(map(str, row)) + "\n" for row in two_cells().table)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return two_cells().write(tmp_path / "01_RES")


@pytest.mark.parametrize(
    "text",
    [
        TEXT.encode(),
        b"\xef\xbb\xbf" + TEXT.encode(),
        TEXT.replace("\n", "\r\n").encode(),
        TEXT.replace(" ", "\t").encode(),
    ],
    ids=["plain", "byte order mark", "Windows", "tabs"],
)
def test_tables_of_any_text_editor_are_read(folder: Path, text: bytes) -> None:
    (folder / "res_track.txt").write_bytes(text)
    assert open_tracks(folder).table.tolist() == [list(row) for row in two_cells().table]


@pytest.mark.parametrize(
    "text",
    [
        TEXT.encode("utf-16"),
        b"1 0 7 \xe9\n",
        b"99999999999999999999 0 7 0\n",
        b"1.0 0 7 0\n",
        b"1 0 7\n",
        b"1 0 7 0 1\n1\n",
    ],
    ids=["UTF-16", "Latin", "beyond 64 bits", "fractions", "three", "ragged"],
)
def test_tables_that_are_none_are_named(folder: Path, text: bytes) -> None:
    (folder / "res_track.txt").write_bytes(text)
    with pytest.raises(
        ImageFileError, match=r"res_track.txt.*(line 1 is .*, not four whole numbers|it is no plain text)"
    ):
        open_tracks(folder)


def test_a_track_with_a_gap_needs_a_table() -> None:
    frames = two_cells().frames.copy()
    frames[3][frames[3] == 1] = 0
    with pytest.raises(ImageError, match="track 1 is in frame 2 and again in frame 4 .* not in between"):
        open_tracks(Image(frames, "TYX", "tracked.tif"))


def test_pixels_that_are_no_ids_are_no_tracks() -> None:
    frames = two_cells().frames.astype(np.float32)
    frames[0, 0, :2] = np.nan, np.inf
    found = open_tracks(Image(frames, "TYX", "tracked.tif"))
    assert found.table[:, 0].tolist() == [1, 2, 3, 4]


def test_whole_objects_are_of_frames_or_of_slices(tmp_path: Path) -> None:
    truth = two_cells().write(tmp_path / "01_GT" / "TRA", table="man_track.txt", prefix="man_track").parent
    names = ("man_seg003.tif", "man_seg_002_016.tif", "man_seg001_04.tif", ".man_seg_001_001.tif", "notes.txt")
    for name in names[:-1]:
        write_labels(truth / "SEG" / name, Image(two_cells().frames[0], "YX"))
    (truth / "SEG" / names[-1]).write_text("1")
    seg = truth / "SEG"
    assert set(open_tracks(truth).segmented) == {
        WholeObjects(seg / "man_seg003.tif", 3),
        WholeObjects(seg / "man_seg_002_016.tif", 2, 16),
        WholeObjects(seg / "man_seg001_04.tif", 1, 4),
    }
