"""``pybridge.evaluate``: what fits together, what is refused and why, and numbers that can be counted by hand."""

from __future__ import annotations

import dataclasses
import json
import math
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import roifile
from PIL import Image as Pillow

import pybridge
from pybridge.core.errors import ImageError, OutputExistsError, UsageError
from pybridge.core.image import Calibration, Image
from pybridge.core.record import record_sha256
from pybridge.files.read import read_image
from pybridge.files.write import write_labels
from pybridge.tasks.evaluate_checks import looks_like_labels
from tests.builders.squares import SIZE, cell, labels, squares


def test_the_same_labels_are_right_in_everything() -> None:
    same = pybridge.evaluate(labels(squares()), labels(squares(), "truth"))
    assert same.task == "segment"
    for name in ("Precision", "Recall", "F1", "AP 0.50", "AP 0.75", "Mean AP", "PQ", "Mean IoU", "Dice", "IoU", "SEG"):
        assert cell(same, name) == 1.0
    for name in ("FP", "FN", "Split", "Merged", "Missed", "Spurious", "Count error", "HD95", "ASSD"):
        assert cell(same, name) == 0
    assert (cell(same, "Image"), cell(same, "Unit"), cell(same, "TP")) == ("mine-labels.tif", "µm", 3)


def test_each_kind_of_error_is_counted_by_its_name() -> None:
    truth, found = squares(), squares()
    found[found == 1] = 0  # missed
    found[10:20, 31:37] = 9  # the second in two halves
    found[30:40, 5:10] = 7  # spurious
    truth[30:40, 30:40], truth[30:40, 40:50] = 4, 5
    found[30:40, 30:50] = 6  # two as one
    scored = pybridge.evaluate(labels(found), labels(truth))
    names = ("Truth", "Found", "Missed", "Spurious", "Split", "Merged", "Count error")
    assert [cell(scored, name) for name in names] == [5, 5, 1, 1, 1, 1, 0]
    assert scored.details is not None
    kinds = {(truth, result): kind for truth, result, kind, *_ in scored.details.rows()}
    assert (kinds[1, 0], kinds[0, 7], kinds[3, 3]) == ("missed", "spurious", "right")
    assert {kind for (truth, _), kind in kinds.items() if truth == 2} == {"split"}
    assert {kind for (truth, _), kind in kinds.items() if truth in (4, 5)} == {"merged"}


def test_distances_are_in_calibrated_units_along_each_axis() -> None:
    across, down = np.roll(squares(), 1, axis=1), np.roll(squares(), 1, axis=0)
    assert cell(pybridge.evaluate(labels(across), labels(squares())), "HD95") == 0.5
    assert cell(pybridge.evaluate(labels(down), labels(squares())), "HD95") == 0.25


def test_ids_need_not_be_consecutive() -> None:
    one = pybridge.evaluate(labels(squares(ids=(7, 4000, 12))), labels(squares(ids=(3, 1, 60000))))
    assert cell(one, "F1") == 1.0
    large = squares().astype(np.float32) * 100_003
    assert cell(pybridge.evaluate(labels(large), labels(squares())), "F1") == 1.0


@pytest.mark.parametrize("ids", [(3_000_000_000, 7, 2**40), (2**63 + 5, 2**64 - 1, 1)], ids=["2**40", "2**64 - 1"])
def test_ids_of_any_size_are_scored_and_their_new_numbers_said(ids: tuple[int, int, int]) -> None:
    far = np.zeros(squares().shape, np.uint64)
    for number, each in enumerate(ids, start=1):
        far[squares() == number] = each
    found = pybridge.evaluate(labels(squares()), labels(far))
    assert (cell(found, "F1"), cell(found, "Mean IoU")) == (1.0, 1.0)
    warning = rf"ids of the truth .* go up to {max(ids)}: its objects were numbered from 1, in that order"
    assert any(re.search(warning, each) for each in found.record.warnings)


@pytest.mark.parametrize(
    ("found", "truth", "undefined", "defined"),
    [
        (0, 0, ("Precision", "Recall", "F1", "AP 0.50", "Mean AP", "PQ", "Dice", "IoU", "SEG", "HD95"), {}),
        (0, 1, ("Precision", "Mean IoU", "HD95", "ASSD"), {"Recall": 0, "F1": 0, "SEG": 0, "Dice": 0, "Missed": 3}),
        (1, 0, ("Recall", "Mean IoU", "SEG", "HD95", "ASSD"), {"Precision": 0, "F1": 0, "Dice": 0, "Spurious": 3}),
    ],
)
def test_what_is_undefined_is_neither_0_nor_1(
    found: int, truth: int, undefined: tuple[str, ...], defined: dict[str, int]
) -> None:
    scored = pybridge.evaluate(labels(squares() * found), labels(squares() * truth))
    assert all(math.isnan(cell(scored, name)) for name in undefined)
    assert {name: cell(scored, name) for name in defined} == defined
    written = json.loads(scored.record.to_json())["scores"]
    if not (found or truth):
        assert written["pooled"]["0.50"]["ap"] is None
        assert written["pixels"]["dice"] is None
    assert "NaN" not in scored.record.to_json()


@pytest.mark.parametrize(
    ("truth", "message"),
    [
        (labels(squares((50, 71))), r"the result is YX 50×70, the truth YX 50×71.*same pixels"),
        (labels(squares((50, 70)).T.copy()), r"the truth YX 70×50.*turned by 90 degrees: turn it back"),
        (
            labels(squares(), size=Calibration(x=0.6, y=0.25, unit="µm")),
            r"x is 0.5 µm .* 0.6 µm in the truth",
        ),
        (labels(squares(), size=Calibration(x=0.5, y=0.25, unit="mm")), r"0.5 µm in the result, 0.5 mm"),
        (labels(np.stack([squares()] * 2), axes="CYX"), r"truth CYX.*give one channel"),
        (labels(np.stack([squares()] * 2), axes="ZYX"), r"truth ZYX.*give the same slices and frames of both"),
    ],
    ids=["size", "turned", "pixel size", "unit", "channels", "slices"],
)
def test_pairs_that_do_not_match_are_refused(truth: Image, message: str) -> None:
    with pytest.raises(ImageError, match=message):
        pybridge.evaluate(labels(squares()), truth)


def test_slices_are_no_frames() -> None:
    stack = np.stack([squares()] * 5)
    with pytest.raises(ImageError, match=r"ZYX 5×50×70.*TYX 5×50×70.*give both the same axes"):
        pybridge.evaluate(labels(stack, axes="ZYX"), labels(stack, axes="TYX"))


def test_the_same_size_in_other_units_is_the_same() -> None:
    nanometres = Calibration(x=500, y=250, unit="nm")
    assert cell(pybridge.evaluate(labels(squares()), labels(squares(), size=nanometres)), "F1") == 1.0


@pytest.mark.parametrize(("one", "other"), [("mil", "µm"), ("µm", "mil"), ("mil", "thou")])
def test_units_that_cannot_be_compared_are_refused_in_either_order(one: str, other: str) -> None:
    images = [labels(squares(), size=Calibration(x=0.5, y=0.25, unit=unit)) for unit in (one, other)]
    with pytest.raises(ImageError, match=rf"the result is measured in {one}, the truth in {other}, and 'mil' is no"):
        pybridge.evaluate(*images)


def test_an_unknown_unit_of_both_is_fine() -> None:
    image = labels(squares(), size=Calibration(x=0.5, y=0.25, unit="mil"))
    assert cell(pybridge.evaluate(image, image), "Unit") == "mil"


def test_of_two_images_one_may_lack_the_pixel_size() -> None:
    scored = pybridge.evaluate(labels(np.roll(squares(), 1, 1)), labels(squares(), "bare.tif", size=Calibration()))
    assert (cell(scored, "HD95"), cell(scored, "Unit")) == (0.5, "µm")
    assert "bare.tif has no pixel size; that of mine-labels.tif was used" in scored.record.warnings


def test_an_rgb_mask_is_no_truth() -> None:
    colours = np.array([(0, 0, 0), (255, 0, 0), (0, 255, 0), (0, 0, 255)], np.uint8)[squares()]
    with pytest.raises(ImageError, match=r"use 'mask.png' as labels: an RGB image: colours are not ids"):
        pybridge.evaluate(labels(squares()), Image(colours, "YXS", "mask.png", SIZE))


def test_a_smoothed_mask_is_no_truth() -> None:
    from scipy import ndimage

    smooth = np.rint(ndimage.gaussian_filter((squares() > 0) * 255.0, 1.0)).astype(np.uint8)
    with pytest.raises(ImageError, match=r"only seams.*smoothed, resized or turned with interpolation"):
        pybridge.evaluate(labels(squares()), labels(smooth, "smooth.tif"), task="segment")
    with pytest.raises(ImageError, match="not all of them whole numbers"):
        pybridge.evaluate(labels(squares()), labels(squares() * 0.5, "half.tif"), task="segment")


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda ids: ids * 0.5, r"values from 0.0 to 1.5, not all of them whole numbers"),
        (lambda ids: np.where(ids == 1, -1, ids.astype(np.int16)), r"values from -1 to 3"),
        (lambda ids: np.where(ids == 1, np.nan, ids), r"120 pixels that are NaN or infinite"),
    ],
    ids=["fractions", "negative", "NaN"],
)
@pytest.mark.parametrize("role", ["result", "truth"])
def test_without_a_task_too_it_is_said_why_these_are_no_labels(
    make: Callable[[Any], Any], reason: str, role: str
) -> None:
    wrong, right = labels(make(squares()), "wrong.tif"), labels(squares(), "right.tif")
    pair = (wrong, right) if role == "result" else (right, wrong)
    with pytest.raises(
        UsageError,
        match=rf"'right.tif' looks like labels, the {role} 'wrong.tif' .* \({reason}\).*if both are images, say",
    ):
        pybridge.evaluate(*pair)


def test_whole_numbers_of_a_32_bit_image_are_ids() -> None:
    scored = pybridge.evaluate(labels(squares()), labels(squares().astype(np.float32)))
    assert (cell(scored, "F1"), scored.record.warnings) == (1.0, ())


def test_a_truth_that_is_the_result_itself_is_said(tmp_path: Path) -> None:
    same = labels(squares())
    write_labels(tmp_path / "a.tif", same)
    (tmp_path / "copy.tif").write_bytes((tmp_path / "a.tif").read_bytes())
    told = "result and truth are one and the same"
    assert told in str(pybridge.evaluate(tmp_path / "a.tif", tmp_path / ".." / tmp_path.name / "a.tif").record.warnings)
    assert told in str(pybridge.evaluate(same, same).record.warnings)
    assert pybridge.evaluate(tmp_path / "a.tif", tmp_path / "copy.tif").record.warnings == ()


def test_an_open_image_and_the_file_it_came_from_are_one(tmp_path: Path) -> None:
    write_labels(tmp_path / "a.tif", labels(squares()))
    told = "result and truth are one and the same"
    opened = read_image(tmp_path / "a.tif")
    scored = pybridge.evaluate(opened, tmp_path / "a.tif")
    assert any(told in warning for warning in scored.record.warnings)
    # What was opened and then changed is a result like others.
    changed = dataclasses.replace(opened, array=np.where(opened.array == 1, 0, opened.array))
    scored = pybridge.evaluate(changed, tmp_path / "a.tif")
    assert not any(told in warning for warning in scored.record.warnings)


def test_a_result_in_scattered_pixels_is_scored_as_bad_as_it_is() -> None:
    scattered = np.zeros((50, 70), np.uint16)
    for number in range(1, 6):
        scattered[number::11, number::7] = number
    with pytest.raises(ImageError, match="only seams"):
        pybridge.evaluate(labels(squares()), labels(scattered, "truth.tif"))
    assert cell(pybridge.evaluate(labels(scattered), labels(squares())), "F1") == 0


def test_a_jpeg_is_no_truth(tmp_path: Path) -> None:
    Pillow.fromarray(((squares() > 0) * 255).astype(np.uint8)).save(tmp_path / "mask.jpg")
    with pytest.raises(ImageError, match=r"a JPEG file: its compression changes values"):
        pybridge.evaluate(labels(squares()), tmp_path / "mask.jpg")


@pytest.mark.parametrize("value", [1, 255])
def test_a_mask_is_no_truth_of_objects_and_no_result(value: int) -> None:
    mask = labels((squares() > 0).astype(np.uint8) * value, "mask.tif")
    told = rf"a mask: its only value, {value}, lies in 3 separate pieces of like size.*Count Masks.*task=classify"
    with pytest.raises(ImageError, match=rf"the truth 'mask.tif'.*{told}"):
        pybridge.evaluate(labels(squares()), mask)
    with pytest.raises(ImageError, match=rf"the result 'mask.tif'.*{told}"):
        pybridge.evaluate(mask, labels(squares()))
    pixels = pybridge.evaluate(mask, mask, task="classify")
    assert cell(pixels, "Accuracy") == 1


def test_one_object_may_lie_in_two_pieces_and_that_is_said() -> None:
    cut = np.zeros((30, 40), np.uint16)
    cut[5:15, 5:15] = cut[5:15, 17:27] = 1
    scored = pybridge.evaluate(labels(cut), labels(cut, "cut.tif"))
    assert cell(scored, "F1") == 1
    assert any("cut.tif has a single value, in 2 separate pieces" in each for each in scored.record.warnings)


def test_one_object_with_specks_around_it_is_no_mask() -> None:
    speckled = np.zeros((40, 60), np.uint8)
    speckled[10:30, 10:40] = 1
    speckled[[1, 5, 35, 38], [50, 55, 3, 20]] = 1
    scored = pybridge.evaluate(labels(speckled, "drawn.tif"), labels(speckled > 0, "gold.tif"))
    assert cell(scored, "F1") == 1
    assert any("drawn.tif has a single value, in 5 separate pieces" in each for each in scored.record.warnings)


def test_a_branching_object_in_a_volume_is_no_mask() -> None:
    branches = np.zeros((6, 30, 40), np.uint16)
    branches[0] = 1
    for column in (2, 12, 22, 32):
        branches[1:, 5:25, column : column + 4] = 1
    scored = pybridge.evaluate(Image(branches, "ZYX", "found"), Image(branches, "ZYX", "truth"))
    assert cell(scored, "F1") == 1


def test_rois_are_a_truth_and_overlapping_ones_are_refused(tmp_path: Path) -> None:
    rois = [roifile.ImagejRoi.frompoints([[x, 10], [x + 12, 10], [x + 12, 20], [x, 20]]) for x in (5, 25, 45)]
    roifile.roiwrite(tmp_path / "RoiSet.zip", rois)
    scored = pybridge.evaluate(labels(squares()), tmp_path / "RoiSet.zip")
    assert cell(scored, "Mean IoU") == 1.0
    assert scored.record.inputs[1].path == str(tmp_path / "RoiSet.zip")
    rois.append(roifile.ImagejRoi.frompoints([[8, 10], [20, 10], [20, 20], [8, 20]]))
    roifile.roiwrite(tmp_path / "twice.zip", rois)
    with pytest.raises(ImageError, match="ROIs overlap"):
        pybridge.evaluate(labels(squares()), tmp_path / "twice.zip")
    with zipfile.ZipFile(tmp_path / "masks.zip", "w") as archive:
        archive.writestr("a_mask.tif", b"")
    with pytest.raises(ImageError, match=r"masks.zip': no ROI is in it, but a_mask.tif.*ROI Manager"):
        pybridge.evaluate(labels(squares()), tmp_path / "masks.zip")
    with pytest.raises(UsageError, match="both are ROIs"):
        pybridge.evaluate(tmp_path / "RoiSet.zip", tmp_path / "RoiSet.zip")


def test_an_object_through_slices_is_one_object() -> None:
    volume = np.zeros((5, 50, 70), np.uint16)
    volume[1:4] = squares()
    found = np.zeros_like(volume)
    found[1:3] = squares()
    scored = pybridge.evaluate(labels(found, axes="ZYX"), labels(volume, axes="ZYX"))
    assert (cell(scored, "Truth"), cell(scored, "TP")) == (3, 3)
    assert cell(scored, "Mean IoU") == pytest.approx(2 / 3)
    assert cell(scored, "HD95") == 2.0  # one slice, whose distance is that of z


def test_labels_made_slice_by_slice_are_scored_so() -> None:
    planes = np.stack([squares(), squares(ids=(4, 5, 6)), squares(ids=(7, 8, 9))])
    scored = pybridge.evaluate(labels(planes, axes="ZYX"), labels(np.stack([squares()] * 3), "cells", axes="ZYX"))
    assert (cell(scored, "Truth"), cell(scored, "TP")) == (9, 9)
    assert any("scored slice by slice" in each for each in scored.record.warnings)


def test_frames_are_scored_one_by_one_and_added_up() -> None:
    frames = np.stack([squares(), np.roll(squares(), 6, axis=1) * 0])
    scored = pybridge.evaluate(labels(frames, axes="TYX"), labels(np.stack([squares()] * 2), axes="TYX"))
    assert [cell(scored, name) for name in ("Truth", "TP", "FN", "Missed")] == [6, 3, 3, 3]
    assert scored.details is not None
    assert scored.details["Frame"].tolist() == [1, 1, 1, 2, 2, 2]


def test_the_record_says_what_was_compared() -> None:
    record = pybridge.evaluate(labels(squares()), labels(squares(), "truth"), show_errors=True).record
    written = json.loads(record.to_json())
    assert written["command"] == "PyBridge Evaluate"
    assert [(each["role"], each["name"]) for each in written["inputs"]] == [
        ("result", "mine-labels.tif"),
        ("truth", "truth"),
    ]
    assert written["parameters"]["task"] == "segment"
    assert [made["role"] for made in written["outputs"]] == ["errors"]
    assert written["record_sha256"] == record_sha256(written)
    assert written["model"] is None


def test_the_record_is_written_and_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "é" / "record.json"
    pybridge.evaluate(labels(squares()), labels(squares()), record=path)
    assert json.loads(path.read_text(encoding="utf-8"))["scores"]["pooled"]["0.50"]["tp"] == 3
    with pytest.raises(OutputExistsError, match="record.json"):
        pybridge.evaluate(labels(squares()), labels(squares()), record=path)


def test_without_a_table_there_are_scores_all_the_same() -> None:
    scored = pybridge.evaluate(labels(squares()), labels(squares()), table=False)
    assert len(scored.table) == 0
    assert scored.details is None
    assert scored.record.scores is not None


@pytest.mark.parametrize("make", [np.zeros_like, lambda a: a, lambda a: (a > 0).astype(np.uint8)])
def test_labels_look_like_labels(make: Callable[[Any], Any]) -> None:
    assert looks_like_labels(labels(make(squares())))
    assert not looks_like_labels(Image(np.random.default_rng(0).integers(0, 4000, (50, 70)), "YX"))


def test_an_empty_record_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    found = pybridge.evaluate(labels(squares()), labels(squares()), record="")
    assert cell(found, "F1") == 1.0
    assert not list(tmp_path.iterdir())
