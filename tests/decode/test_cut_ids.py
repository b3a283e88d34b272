"""Ids cut off at 255 or 65,535 are no objects; an image that really has 255, or whose id 255 is in parts, is taken."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tifffile
from numpy.typing import NDArray

import pybridge
from pybridge.core.errors import ImageError
from pybridge.core.image import Image
from pybridge.decode.cut_ids import find_cut_ids
from pybridge.decode.label_doubts import check_objects
from pybridge.decode.label_pieces import number_ids

Labels = NDArray[np.int32]


def squares(count: int, *, gap: int = 3) -> Labels:
    """Squares in rows of 21, numbered row by row."""
    ids = np.zeros(-(-count // 21) * 21, np.int32)
    ids[:count] = np.arange(1, count + 1)
    return np.kron(ids.reshape(-1, 21), np.pad(np.ones((7, 8), np.int32), (0, gap))).astype(np.int32)


def look(labels: Labels, *, refuses: bool = True) -> tuple[str, ...]:
    frame = labels if labels.ndim == 3 else labels[None]
    return check_objects(frame[None].astype(np.int32), name="t.tif", asked="use 't.tif'", refuses=refuses)


@pytest.mark.parametrize(("cut", "bits"), [(255, 8), (65_535, 16)])
def test_a_truth_that_was_cut_off_is_refused_and_a_result_warned_of(cut: int, bits: int) -> None:
    whole = np.where(squares(420) > 0, squares(420) + cut - 255, 0)
    labels = np.minimum(whole, cut)
    said = f"{cut}, the highest number that {bits} bits hold, is the value of 166 separate objects"
    with pytest.raises(ImageError, match=f"{said}.*cut off. To do: save the labels again in 16 bit"):
        look(labels)
    (warning,) = look(labels, refuses=False)
    assert said in warning


def test_evaluate_says_so_of_truth_and_result() -> None:
    whole = Image(squares(420).astype(np.uint16), "YX", "whole.tif")
    cut = Image(np.minimum(squares(420), 255).astype(np.uint8), "YX", "cut.tif")
    with pytest.raises(ImageError, match="use 'cut.tif' as labels: 255, the highest number"):
        pybridge.evaluate(whole, cut)
    assert any("the result cut.tif may not be labels" in each for each in pybridge.evaluate(cut, whole).record.warnings)


def test_a_few_objects_beyond_the_highest_are_a_warning() -> None:
    for count in (257, 260):
        (warning,) = look(np.minimum(squares(count), 255))
        assert f"is the value of {count - 254} separate objects" in warning


def test_a_number_for_what_is_not_scored_is_no_cut_and_a_warning_only() -> None:
    void = np.where(squares(24) > 12, 255, squares(24))
    (warning,) = look(void)
    assert "is the value of 12 separate objects" in warning
    assert "or when it marks what is not to be scored (set it to 0 then)" in warning


def test_neighbours_that_became_one_are_a_warning() -> None:
    (warning,) = look(np.minimum(squares(420, gap=0), 255))
    assert "covers 166 times as much as the largest other object" in warning


def test_a_volume_that_was_cut_off_is_refused_though_its_last_slices_hold_one_id_only() -> None:
    slices = np.stack([squares(84) + 84 * z * (squares(84) > 0) for z in range(6)])
    with pytest.raises(ImageError, match="is the value of 84 separate objects on one slice"):
        look(np.minimum(slices, 255))
    assert look(np.stack([squares(255)] * 3)) == ()


def test_an_image_of_exactly_255_objects_is_taken() -> None:
    assert look(squares(255)) == ()
    assert look(squares(255, gap=0)) == ()
    in_two = np.where(squares(255) == 1, 255, squares(255))
    assert look(in_two) == ()


def test_the_last_of_objects_in_parts_is_one_of_them() -> None:
    dots = np.kron(squares(255), np.pad(np.ones((2, 2), np.int32), (0, 2))).astype(np.int32)
    assert look(dots) == ()


def test_specks_are_no_objects() -> None:
    specks = squares(255)
    specks[8::10, 9::11] = 255
    assert look(specks) == ()


def test_no_id_of_a_true_mask_looks_cut_off_were_it_the_highest(shared_data: Path) -> None:
    files = [file for name in ("nuclei/*/masks", "multi_annotator/gold") for file in shared_data.glob(f"{name}/*.tif")]
    for file in sorted(files)[::12]:
        labels = tifffile.imread(file)
        ids, number = number_ids((labels if labels.ndim == 3 else labels[None]).astype(np.int32))
        for one in range(1, min(len(ids), 9)):
            assert find_cut_ids(np.where(number == one, 255, number % 255)) is None, (file.name, one)
