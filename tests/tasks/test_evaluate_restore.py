"""``pybridge.evaluate`` on restored images: beside the raw one, channel by channel, with what JSON cannot hold."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from numpy.typing import NDArray

import pybridge
from pybridge.core.errors import ImageError, UsageError
from pybridge.core.image import Image
from tests.builders.squares import SIZE, cell, labels, squares


def noisy(seed: int, spread: float) -> NDArray[np.float32]:
    rng = np.random.default_rng(seed)
    smooth = np.add.outer(np.arange(50), np.arange(70)).astype(np.float32)
    return (smooth + rng.normal(0, spread, smooth.shape)).astype(np.float32)


def test_a_restored_image_is_scored_beside_the_raw_one() -> None:
    truth = Image(noisy(0, 0), "YX", "truth", SIZE)
    raw, restored = Image(noisy(1, 20), "YX", "raw", SIZE), Image(noisy(2, 2), "YX", "cell.tif", SIZE)
    scored = pybridge.evaluate(restored, truth, raw=raw, show_errors=True)
    assert scored.task == "restore"
    assert cell(scored, "RMSE") < 2.2 < 18 < cell(scored, "Raw RMSE")
    assert cell(scored, "SSIM") > cell(scored, "Raw SSIM")
    assert [(image.name, image.array.dtype, image.array.shape) for image in scored.maps] == [
        ("cell-rse", np.float32, (50, 70)),
        ("cell-ssim", np.float32, (50, 70)),
    ]
    assert not scored.record.warnings
    worse = pybridge.evaluate(raw, truth, raw=restored)
    assert any("not nearer to the truth" in each for each in worse.record.warnings)


def test_raw_belongs_to_restored_images() -> None:
    with pytest.raises(UsageError, match="the task is segment"):
        pybridge.evaluate(labels(squares()), labels(squares()), raw=labels(squares()))


def test_a_raw_image_that_does_not_fit_is_called_so() -> None:
    images = [Image(noisy(seed, 1), "YX", f"{seed}.tif") for seed in (0, 1)]
    with pytest.raises(ImageError, match=r"score 'raw.tif' against '1.tif': the raw image is YX 20×70"):
        pybridge.evaluate(*images, raw=Image(noisy(2, 5)[:20], "YX", "raw.tif"))


def test_equal_images_have_an_infinite_psnr_that_json_can_hold() -> None:
    same = Image(noisy(0, 3), "YX")
    scored = pybridge.evaluate(same, same)
    assert cell(scored, "PSNR") == math.inf
    assert json.loads(scored.record.to_json())["scores"]["pooled"]["psnr"] is None


def test_channels_are_scored_with_their_own_range() -> None:
    pixels = np.stack([noisy(0, 0), noisy(0, 0) * 100])
    found = pixels + np.array([1, 100], np.float32)[:, None, None]
    scored = pybridge.evaluate(Image(found, "CYX"), Image(pixels, "CYX"), show_errors=True)
    assert cell(scored, "NRMSE") == pytest.approx(1 / np.ptp(noisy(0, 0)), rel=1e-5)
    assert scored.maps[0].axes == "CYX"


def test_auto_says_so_when_it_cannot_tell() -> None:
    with pytest.raises(
        UsageError, match=r"'mine-labels.tif' looks like labels, the truth 'grey' like an image of intensities"
    ):
        pybridge.evaluate(labels(squares()), Image(noisy(0, 5), "YX", "grey", SIZE))
