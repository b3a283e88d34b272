"""Evaluate on tracks: themselves, corrupted copies, stacks without a table, damaged tables."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import pybridge
from pybridge.core.errors import ImageError
from pybridge.core.image import Image
from pybridge.files.write import write_imagej_tiff, write_labels
from tests.builders.squares import cell
from tests.builders.tracks import CORRUPTIONS, Tracked, two_cells


@pytest.fixture
def truth_folder(tmp_path: Path) -> Path:
    return two_cells().write(tmp_path / "01_GT" / "TRA", table="man_track.txt", prefix="man_track").parent


def test_tracks_against_themselves_are_perfect(truth_folder: Path, tmp_path: Path) -> None:
    scored = pybridge.evaluate(two_cells().write(tmp_path / "01_RES"), truth_folder)
    assert scored.task == "track"
    assert [cell(scored, name) for name in ("DET", "SEG", "TRA", "LNK")] == [1, 1, 1, 1]
    assert [cell(scored, name) for name in ("Truth tracks", "Found tracks", "Missed")] == [4, 4, 0]


LOWERED = {
    "without_an_object": {"DET", "SEG", "TRA", "LNK"},
    "with_a_spurious_object": {"DET", "TRA"},
    "with_merged_objects": {"DET", "SEG", "TRA", "LNK"},
    "without_a_link": {"TRA", "LNK"},
    "without_a_parent": {"TRA", "LNK"},
    "with_a_wrong_link": {"TRA", "LNK"},
    "with_thin_objects": {"SEG"},
}


@pytest.mark.parametrize("corrupt", CORRUPTIONS, ids=lambda each: each.__name__)
def test_each_error_of_tracks_lowers_what_it_should(
    truth_folder: Path, tmp_path: Path, corrupt: Callable[[Tracked], Tracked]
) -> None:
    scored = pybridge.evaluate(corrupt(two_cells()).write(tmp_path / "01_RES"), truth_folder)
    lowered = {name for name in ("DET", "SEG", "TRA", "LNK") if cell(scored, name) < 1}
    assert lowered == LOWERED[corrupt.__name__]


def test_a_stack_without_a_table_has_tracks_and_no_parents(truth_folder: Path, tmp_path: Path) -> None:
    write_imagej_tiff(tmp_path / "tracked.tif", Image(two_cells().frames, "TYX"))
    scored = pybridge.evaluate(tmp_path / "tracked.tif", truth_folder)
    assert cell(scored, "Missing links") == 2
    assert cell(scored, "DET") == 1
    assert any("no table of tracks" in each for each in scored.record.warnings)


def test_whole_objects_beside_the_markers_give_seg(truth_folder: Path, tmp_path: Path) -> None:
    found = two_cells()
    seg = np.where(np.isin(found.frames[2], (1,)), 9, 0).astype(np.uint16)
    seg[:, 30:] = 0
    write_labels(truth_folder / "SEG" / "man_seg002.tif", Image(seg, "YX"))
    scored = pybridge.evaluate(found.write(tmp_path / "01_RES"), truth_folder)
    assert cell(scored, "SEG") == 1.0
    short = np.roll(seg, 1, axis=1)
    write_labels(truth_folder / "SEG" / "man_seg003.tif", Image(np.where(found.frames[3] == 2, 5, 0), "YX"))
    write_labels(truth_folder / "SEG" / "man_seg002.tif", Image(short, "YX"), overwrite=True)
    assert cell(pybridge.evaluate(tmp_path / "01_RES", truth_folder), "SEG") == pytest.approx((1 + 72 / 88) / 2)


def test_a_damaged_table_of_tracks_is_named(truth_folder: Path, tmp_path: Path) -> None:
    folder = two_cells().write(tmp_path / "01_RES")
    (folder / "res_track.txt").write_text("1 0 x 0\n")
    with pytest.raises(ImageError, match=r"res_track.txt.*not four whole numbers"):
        pybridge.evaluate(folder, truth_folder)
    (folder / "res_track.txt").write_text("1 0 7 0\n")
    with pytest.raises(ImageError, match=r"only in the image"):
        pybridge.evaluate(folder, truth_folder)
    (folder / "mask003.tif").unlink()
    with pytest.raises(ImageError, match=r"not each one from 0 on"):
        pybridge.evaluate(folder, truth_folder)
