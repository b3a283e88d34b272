"""``Evaluate_Folder.ijm``, run by a real ImageJ on real files."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

import pybridge
from pybridge.core.errors import MacroError
from pybridge.core.image import Calibration, Image
from pybridge.files.home import shipped_folder
from pybridge.files.read import read_image
from pybridge.files.write import write_labels
from pybridge.imagej import Gateway
from pybridge.reporting.roi_zip import write_roi_zip

pytestmark = pytest.mark.jvm

MACRO = shipped_folder("macros") / "Evaluate_Folder.ijm"
SIZE = Calibration(x=0.5, y=0.5, unit="µm")


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    """Three results and their truths: a mask, a label image and an archive of ROIs; names with a comma and accents."""
    results, truths = tmp_path / "results", tmp_path / "my truth è"
    for number, (name, role) in enumerate((("a b", "_mask.tif"), ("c, é", "-labels.tif"), ("d", "-rois.zip"))):
        _, truth = pybridge.samples.simulate_nuclei(shape=(90, 131), count=8, seed=number)
        array = np.asarray(truth.array).astype(np.uint16)
        image = Image(array, "YX", calibration=SIZE)
        if role.endswith(".zip"):
            truths.mkdir(exist_ok=True)
            write_roi_zip(truths / f"{name}{role}", image)
        else:
            write_labels(truths / f"{name}{role}", image)
        write_labels(results / f"{name}-labels.tif", Image(array * (array != 2), "YX", calibration=SIZE))
    return results, truths


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_a_folder_gives_a_row_and_a_picture_for_each_image(
    gateway: Gateway, folders: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    gateway.run_macro(MACRO, f"{folders[0]}|{folders[1]}|{out}")
    assert {path.name for path in out.iterdir()} == {"a b-errors.tif", "c, é-errors.tif", "d-errors.tif", "scores.csv"}
    rows = rows_of(out / "scores.csv")
    assert [(row["Image"], row["Missed"], row["Unit"]) for row in rows] == [
        (f"{name}-labels.tif", "1", "µm") for name in ("a b", "c, é", "d")
    ]
    python = pybridge.evaluate(folders[0] / "d-labels.tif", folders[1] / "d-rois.zip", show_errors=True)
    assert float(rows[2]["AP 0.75"]) == pytest.approx(float(python.table["AP 0.75"][0]), abs=6e-4)
    assert python.errors is not None
    np.testing.assert_array_equal(read_image(out / "d-errors.tif").array, python.errors.array)
    assert "2/3 c, é-labels.tif: F1" in capsys.readouterr().out
    with pytest.raises(MacroError, match=r"scores\.csv exists already"):
        gateway.run_macro(MACRO, f"{folders[0]}|{folders[1]}|{out}")


def test_a_pair_that_does_not_fit_is_named_and_the_others_are_done(
    gateway: Gateway, folders: tuple[Path, Path], tmp_path: Path
) -> None:
    small = Image(np.ones((5, 7), np.uint16), "YX", calibration=SIZE)
    write_labels(folders[1] / "a b_mask.tif", small, overwrite=True)
    out = tmp_path / "out"
    with pytest.raises(MacroError, match=r"1 of 3 pairs could not be scored: a b-labels\.tif\."):
        gateway.run_macro(MACRO, f"{folders[0]}|{folders[1]}|{out}")
    assert [row["Image"] for row in rows_of(out / "scores.csv")] == ["c, é-labels.tif", "d-labels.tif"]


def test_a_result_without_a_truth_stops_before_any_work(
    gateway: Gateway, folders: tuple[Path, Path], tmp_path: Path
) -> None:
    (folders[1] / "d-rois.zip").unlink()
    with pytest.raises(MacroError, match=r"no ground truth in .* for d-labels\.tif"):
        gateway.run_macro(MACRO, f"{folders[0]}|{folders[1]}|{tmp_path / 'out'}")
    assert not list((tmp_path / "out").iterdir())


@pytest.mark.parametrize("argument", ["", "a|b", "a|b|c|d"])
def test_without_a_display_the_argument_must_be_whole(gateway: Gateway, argument: str) -> None:
    with pytest.raises(MacroError, match=r"results\|truth\|output"):
        gateway.run_macro(MACRO, argument)


def test_what_is_not_scored_is_named_at_the_end(
    gateway: Gateway, folders: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    results, truths = folders
    for name in ("e.tif", "f_Labels.tif", "a b_seg.tif", "a b-errors.tif"):
        (results / name).write_bytes((results / "a b-labels.tif").read_bytes())
    for name in ("e_mask.tif", "f.tif", "g g.tif"):
        (truths / name).write_bytes((truths / "a b_mask.tif").read_bytes())
    gateway.run_macro(MACRO, f"{results}|{truths}|{tmp_path / 'out'}")
    told = capsys.readouterr().out
    assert "not taken as results, because others are named ...-labels: e.tif, f_Labels.tif\n" in told
    assert "no result for 3 truth file(s), which were not scored: e_mask.tif, f.tif, g g.tif\n" in told


def test_names_that_the_shell_pairs_are_paired(gateway: Gateway, folders: tuple[Path, Path], tmp_path: Path) -> None:
    (folders[1] / "a b_mask.tif").rename(folders[1] / "a b_cp_masks.tif")
    (folders[1] / "c, é-labels.tif").rename(folders[1] / "c, é-ground_truth.tif")
    gateway.run_macro(MACRO, f"{folders[0]}|{folders[1]}|{tmp_path / 'out'}")
    assert [row["Missed"] for row in rows_of(tmp_path / "out" / "scores.csv")] == ["1", "1", "1"]


def test_a_folder_that_is_scored_whole_names_nothing_as_left_out(
    gateway: Gateway, folders: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    gateway.run_macro(MACRO, f"{folders[0]}|{folders[1]}|{tmp_path / 'out'}")
    told = capsys.readouterr().out
    assert "3/3 d-labels.tif" in told
    assert "not taken" not in told
    assert "not scored" not in told


def test_the_table_has_all_digits_whatever_set_measurements_says(
    gateway: Gateway, folders: tuple[Path, Path], tmp_path: Path
) -> None:
    arguments = [f"{folders[0]}|{folders[1]}|{tmp_path / name}" for name in ("three", "none")]
    gateway.run_macro(MACRO, arguments[0])
    gateway.run_macro('run("Set Measurements...", "area mean redirect=None decimal=0");')
    try:
        gateway.run_macro(MACRO, arguments[1])
    finally:
        gateway.run_macro('run("Set Measurements...", "area mean redirect=None decimal=3");')
    rows = rows_of(tmp_path / "none" / "scores.csv")
    assert rows == rows_of(tmp_path / "three" / "scores.csv")
    python = pybridge.evaluate(folders[0] / "d-labels.tif", folders[1] / "d-rois.zip")
    for name in ("Truth", "F1", "Mean AP", "Dice", "HD95", "SEG"):
        assert float(rows[2][name]) == pytest.approx(float(python.table[name][0]), abs=1e-6)
    assert rows[2]["Truth"].isdigit()
