"""What evaluate says of its two images: which one is meant, and what it looks like."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pytest

import pybridge
from pybridge.core.errors import ImageError, UsageError
from pybridge.core.image import Image

SQUARES = np.kron(np.arange(1, 13).reshape(3, 4), np.pad(np.ones((7, 9), int), 2)).astype(np.uint16)
NOISE = np.random.default_rng(0).normal(100, 9, (33, 52)).astype(np.float32)


def test_of_two_arrays_it_is_said_which_is_which() -> None:
    with pytest.raises(UsageError, match="the result 'image' looks like labels, the truth 'image' like an image of"):
        pybridge.evaluate(SQUARES, NOISE)
    with pytest.raises(UsageError, match="the truth 'image' looks like labels, the result 'image' like an image of"):
        pybridge.evaluate(NOISE, SQUARES)


def test_the_image_that_holds_nan_is_named_by_its_role() -> None:
    hole = NOISE.copy()
    hole[3, 5] = np.nan
    with pytest.raises(ImageError, match=r"score against the truth 'image': 1 of its pixels are NaN"):
        pybridge.evaluate(NOISE, hole, task="restore")
    with pytest.raises(ImageError, match=r"score the result 'image': 1 of its pixels are NaN"):
        pybridge.evaluate(hole, NOISE, task="restore")
    with pytest.raises(ImageError, match=r"score the raw image 'image': 1 of its pixels are NaN"):
        pybridge.evaluate(NOISE, NOISE + 1, raw=hole, task="restore")


def test_two_colour_photographs_are_images_not_labels() -> None:
    colours = [np.random.default_rng(seed).integers(0, 255, (33, 52, 3)).astype(np.uint8) for seed in (0, 1)]
    with pytest.raises(ImageError, match="score the result 'a': an RGB image: colours are no grey values"):
        pybridge.evaluate(*(Image(each, "YXS", name) for each, name in zip(colours, "ab", strict=True)))


def test_a_microscope_image_as_truth_is_called_one() -> None:
    image = np.random.default_rng(0).integers(90, 4000, SQUARES.shape).astype(np.uint16)
    for call in (
        lambda: pybridge.evaluate(SQUARES, image, task="segment"),
        lambda: pybridge.segment(image, model="baseline:otsu-watershed", truth=image),
        lambda: pybridge.compare(image, model=["baseline:otsu-watershed"], truth=image, task="segment"),
    ):
        with pytest.raises(ImageError, match="as labels: it looks like an image of intensities"):
            call()


def test_class_masks_are_refused_by_every_door_to_a_truth() -> None:
    classes = np.where(SQUARES > 0, 2, 1).astype(np.uint8)
    image = np.where(SQUARES > 0, 200, 10).astype(np.uint8)
    for call in (
        lambda: pybridge.evaluate(SQUARES, classes),
        lambda: pybridge.segment(image, model="baseline:otsu-watershed", truth=classes),
        lambda: pybridge.compare(image, model=["baseline:otsu-watershed"], truth=classes),
    ):
        with pytest.raises(ImageError, match="as labels: its 2 values lie in .*classes of pixels, not objects"):
            call()
    warnings = pybridge.evaluate(classes, SQUARES).record.warnings
    assert any("the result image may not be labels of objects: its 2 values lie in" in each for each in warnings)


def test_an_archive_without_rois_is_a_warning(tmp_path: Path) -> None:
    zipfile.ZipFile(tmp_path / "none.zip", "w").close()
    warnings = pybridge.evaluate(SQUARES, tmp_path / "none.zip").record.warnings
    assert "the truth none.zip holds no ROI" in warnings
