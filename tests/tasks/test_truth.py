"""Ground truth of Segment: ROIs are taken, and what is no label image is refused before the network runs."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow

import pybridge
from pybridge.cli import main
from pybridge.core.errors import ImageError, UsageError
from pybridge.core.image import Calibration, Image
from pybridge.files.write import write_imagej_tiff
from pybridge.reporting.roi_zip import write_roi_zip
from pybridge.samples import simulate_nuclei
from pybridge.tasks.truth import list_truths, open_truth, truth_labels

MODEL = "baseline:otsu-watershed"


@pytest.fixture(scope="module")
def pair() -> tuple[Image, Image]:
    return simulate_nuclei(shape=(96, 128), count=8, seed=3)


def test_outlines_are_a_truth_like_the_labels_they_were_drawn_from(pair: tuple[Image, Image], tmp_path: Path) -> None:
    image, truth = pair
    write_roi_zip(tmp_path / "cells-rois.zip", truth)
    drawn = pybridge.segment(image, model=MODEL, truth=tmp_path / "cells-rois.zip").record
    labelled = pybridge.segment(image, model=MODEL, truth=truth).record
    assert drawn.scores == labelled.scores
    assert drawn.inputs[1].path == str(tmp_path / "cells-rois.zip")


def test_the_shell_takes_a_folder_of_outlines_and_does_it_again(pair: tuple[Image, Image], tmp_path: Path) -> None:
    image, truth = pair
    write_imagej_tiff(tmp_path / "in" / "cells.tif", image)
    (tmp_path / "drawn").mkdir()
    write_roi_zip(tmp_path / "drawn" / "cells.zip", truth)
    out = tmp_path / "out"
    asked = ["segment", str(tmp_path / "in"), "--model", MODEL, "--truth", str(tmp_path / "drawn"), "-o", str(out)]
    assert main(asked) == 0
    assert json.loads((out / "scores.json").read_text(encoding="utf-8"))["mean_ap"] > 0.5
    assert main(["rerun", str(out / "run-record.json"), "--check"]) == 0


def test_a_mask_is_no_truth(pair: tuple[Image, Image]) -> None:
    image, truth = pair
    mask = Image((np.asarray(truth.array) > 0).astype(np.uint8) * 255, "YX", "mask.tif")
    with pytest.raises(ImageError, match=r"the truth 'mask.tif'.*a mask: its only value, 255"):
        pybridge.segment(image, model=MODEL, truth=mask)


def test_colours_jpegs_and_mixed_values_are_no_truth(pair: tuple[Image, Image], tmp_path: Path) -> None:
    image, truth = pair
    labels = np.asarray(truth.array).astype(np.uint8)
    Pillow.fromarray(labels * 20).save(tmp_path / "truth.jpg")
    with pytest.raises(ImageError, match="a JPEG file"):
        pybridge.segment(image, model=MODEL, truth=tmp_path / "truth.jpg")
    colours = np.stack([labels, labels * 2, labels * 3], axis=-1)
    with pytest.raises(ImageError, match="colours are not ids"):
        pybridge.segment(image, model=MODEL, truth=Image(colours, "YXS", "colours.png"))
    smooth = Pillow.fromarray((np.asarray(truth.array) * 20.0).astype(np.float32)).resize((64, 48)).resize((128, 96))
    with pytest.raises(ImageError, match="not all of them whole"):
        pybridge.segment(image, model=MODEL, truth=Image(np.asarray(smooth), "YX", "smooth.tif"))


def test_what_is_odd_about_a_truth_is_a_warning_of_the_record(pair: tuple[Image, Image]) -> None:
    image, _ = pair
    cut = np.zeros((96, 128), np.uint16)
    cut[5:15, 5:15] = cut[5:15, 17:27] = 4
    warnings = pybridge.segment(image, model=MODEL, truth=Image(cut, "YX", "cut.tif")).record.warnings
    assert any("cut.tif has a single value, in 2 separate pieces" in each for each in warnings)


def test_ids_need_not_be_consecutive(pair: tuple[Image, Image]) -> None:
    image, truth = pair
    other = Image(np.asarray(truth.array).astype(np.int32) * 1000, "YX", "gaps.tif")
    labels, _ = truth_labels(other, like=image)
    assert set(np.unique(labels)) == {0, *(1000 * np.unique(truth.array)[1:])}
    assert (
        pybridge.segment(image, model=MODEL, truth=other).record.scores
        == pybridge.segment(image, model=MODEL, truth=truth).record.scores
    )


@pytest.mark.parametrize(
    ("size", "message"),
    [
        (Calibration(x=2, y=2, unit="µm"), r"a pixel's x is 0.5 µm in the image, 2 µm in the truth"),
        (Calibration(x=0.5, y=0.5, unit="mil"), r"in µm, the truth in mil, and 'mil' is no unit"),
    ],
)
def test_a_truth_of_other_pixel_sizes_is_refused(pair: tuple[Image, Image], size: Calibration, message: str) -> None:
    image = dataclasses.replace(pair[0], calibration=Calibration(x=0.5, y=0.5, unit="µm"))
    truth = dataclasses.replace(pair[1], calibration=size)
    with pytest.raises(ImageError, match=message):
        pybridge.segment(image, model=MODEL, truth=truth)
    with pytest.raises(ImageError, match=message):
        pybridge.compare(image, model=MODEL, truth=truth)


def test_the_same_pixel_size_in_another_unit_or_none_is_no_error(pair: tuple[Image, Image]) -> None:
    image = dataclasses.replace(pair[0], calibration=Calibration(x=0.5, y=0.5, unit="µm"))
    truth = dataclasses.replace(pair[1], name="truth", calibration=Calibration(x=500, y=500, unit="nm"))
    assert truth_labels(truth, like=image)[1] == ()
    bare = dataclasses.replace(truth, calibration=Calibration())
    assert truth_labels(bare, like=image)[1] == (f"truth has no pixel size; that of {image.name} was used",)


def test_the_truth_in_place_of_the_image_is_refused(pair: tuple[Image, Image], tmp_path: Path) -> None:
    _, truth = pair
    write_imagej_tiff(tmp_path / "a.tif", truth)
    write_imagej_tiff(tmp_path / "truth.tif", truth)
    said = "the image is its own ground truth: both have the same pixels. To do: .* select the image first"
    for image in (truth, tmp_path / "a.tif", np.asarray(truth.array, np.float32)):
        with pytest.raises(ImageError, match=said):
            pybridge.segment(image, model=MODEL, truth=tmp_path / "truth.tif")
    with pytest.raises(ImageError, match=said):
        pybridge.compare(truth, model=[MODEL, "baseline:li-watershed"], truth=truth)
    assert len(pybridge.segment(truth, model=MODEL).objects) > 0  # without a truth, labels are an image like others


def test_one_image_of_several_that_is_its_own_truth_stops_no_comparison(pair: tuple[Image, Image]) -> None:
    image, truth = pair
    other = dataclasses.replace(truth, name="slip")
    compared = pybridge.compare([image, other], model=MODEL, truth=[truth, truth])
    assert [each.image for each in compared.comparison.failures] == ["slip"]


def test_a_place_without_objects_is_no_truth_of_itself() -> None:
    black = Image(np.zeros((50, 70), np.uint8), "YX", "black")
    record = pybridge.segment(black, model=MODEL, truth=black).record
    assert not any("its own" in each for each in record.warnings)


@pytest.mark.parametrize(
    ("axes", "cut", "to_do"),
    [
        ("TYX", (slice(None),), "what is slices in one is frames or channels in the other"),
        ("YX", (0,), "give the same slices and frames of both"),
        ("ZYX", (slice(None), slice(5, None)), "a crop or a resized one cannot be scored"),
    ],
)
def test_a_truth_that_does_not_fit_is_told_how_to(axes: str, cut: tuple[slice | int, ...], to_do: str) -> None:
    labels = np.zeros((3, 70, 110), np.uint16)
    labels[:, 7:20, 11:30] = 1
    stack = Image(labels * 100 + np.arange(110, dtype=np.uint16), "ZYX", "stack")
    with pytest.raises(ImageError, match=f"the image is ZYX 3×70×110, the truth {axes} .*{to_do}"):
        truth_labels(Image(labels[cut], axes, "truth"), like=stack)


def test_arrays_cannot_be_paired_with_a_folder(pair: tuple[Image, Image], tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="arrays without names"):
        list_truths(tmp_path, [np.zeros((5, 7))])


def test_an_image_at_hand_is_taken_as_it_is(pair: tuple[Image, Image]) -> None:
    assert open_truth(pair[1], like=pair[0]) is pair[1]
