"""The pictures of a scored result: result, ground truth and errors, each once."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from pybridge.cli import main
from pybridge.core.image import Image
from pybridge.files.write import write_imagej_tiff, write_labels
from pybridge.reporting.evidence import gather_evidence
from pybridge.reporting.figures import draw_image, draw_strip
from pybridge.reporting.image_evidence import ImageEvidence
from pybridge.reporting.run_files import UNCHECKED, find_input
from pybridge.reporting.shown_plane import load_plane
from pybridge.reporting.stored_record import StoredInput, read_record

LABELS = np.zeros((40, 56), np.uint16)
LABELS[4:14, 4:16], LABELS[20:34, 30:44] = 1, 2


def images_of(folder: Path, *options: str) -> tuple[ImageEvidence, ...]:
    """Score the files of ``r`` against those of ``t``, and gather what a report shows."""
    out = folder / "out"
    assert main(["evaluate", str(folder / "r"), str(folder / "t"), "-o", str(out), *options]) == 0
    return gather_evidence([read_record(out)]).images


@pytest.fixture
def labelled(tmp_path: Path) -> tuple[ImageEvidence, ...]:
    for stem in ("a", "b"):
        write_labels(tmp_path / "t" / f"{stem}.tif", Image(LABELS, "YX"))
        write_labels(tmp_path / "r" / f"{stem}.tif", Image(LABELS * (LABELS == 1), "YX"))
    return images_of(tmp_path)


def test_scored_labels_are_shown_with_their_truth_and_no_picture_twice(labelled: tuple[ImageEvidence, ...]) -> None:
    pictures, notes = draw_image(labelled[0])
    assert notes == ()
    assert [picture.title for picture in pictures] == [
        "Result",
        "Ground truth",
        "Errors against the ground truth",
        "Worst cases",
        "Best cases",
    ]
    assert [picture.caption.partition(",")[0] for picture in pictures[:2]] == ["1 object", "2 objects"]
    assert len({picture.png for picture in pictures}) == 5


def test_a_strip_of_scored_labels_has_result_truth_and_errors(labelled: tuple[ImageEvidence, ...]) -> None:
    picture, _ = draw_strip(labelled[1], reason="worst")
    assert picture is not None
    assert picture.alt == "b.tif, worst: result in colour, ground truth, errors in colour."


def test_scored_labels_have_no_image_below_them(labelled: tuple[ImageEvidence, ...]) -> None:
    plane, _ = load_plane(labelled[0])
    assert plane is not None
    assert not plane.grey.any()
    assert plane.truth is not None
    assert int(plane.truth.max()) == 2


def test_a_restored_image_is_shown_beside_its_truth_even_when_its_pixels_are_whole_numbers(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    truth = rng.normal(300, 60, LABELS.shape).astype(np.uint16)
    write_imagej_tiff(tmp_path / "t" / "a.tif", Image(truth, "YX"))
    write_imagej_tiff(
        tmp_path / "r" / "a.tif", Image((truth + rng.integers(0, 9, truth.shape)).astype(np.uint16), "YX")
    )
    (image,) = images_of(tmp_path, "--task", "restore")
    pictures, _ = draw_image(image)
    assert [picture.title for picture in pictures] == ["Result", "Ground truth"]
    assert pictures[0].png != pictures[1].png


def test_the_map_of_the_error_says_that_it_is_taken_after_a_linear_fit(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    truth = rng.normal(300, 60, LABELS.shape).astype(np.float32)
    write_imagej_tiff(tmp_path / "t" / "a.tif", Image(truth, "YX"))
    write_imagej_tiff(tmp_path / "r" / "a.tif", Image(truth + np.float32(5) * (LABELS > 0), "YX"))
    (image,) = images_of(tmp_path, "--task", "restore", "--show-errors")
    picture, _ = draw_strip(image, reason="best")
    assert picture is not None
    named = r"error after a linear fit \(RSE\)"
    assert re.fullmatch(rf"a.tif, best: result, ground truth, {named}, [\d.]+ to [\d.]+\.", picture.alt)
    maps = [each for each in draw_image(image)[0] if "RSE" in each.title]
    assert [each.title for each in maps] == ["Error after a linear fit (RSE) against the ground truth"]
    assert "scaled and shifted to fit the truth" in maps[0].caption
    assert maps[0].alt.startswith("Map of the error after a linear fit (RSE) of a.tif")


def test_scored_classes_are_shown_with_the_pixels_that_differ(tmp_path: Path) -> None:
    for folder, classes in (("t", LABELS), ("r", np.where(LABELS == 2, 1, LABELS).astype(np.uint16))):
        write_labels(tmp_path / folder / "a.tif", Image(classes, "YX"))
    (image,) = images_of(tmp_path, "--task", "classify")
    pictures, _ = draw_image(image)
    assert [picture.title for picture in pictures] == ["Result", "Ground truth", "Errors against the ground truth"]
    assert pictures[2].caption.startswith("196 of 2,240 pixels are of another class; errors: green is the right class")
    strip, _ = draw_strip(image, reason="best")
    assert strip is not None
    assert strip.alt.endswith("result in colour, ground truth, errors in colour.")
    assert "vermilion another one" in strip.caption


def test_a_folder_of_frames_is_not_called_missing(tmp_path: Path) -> None:
    (tmp_path / "frames").mkdir()
    found = find_input(StoredInput(name="frames", path=str(tmp_path / "frames")), folder=tmp_path / "out", check=True)
    assert (found.path, found.state) == (None, UNCHECKED)
    assert "a folder of frames" in found.note
