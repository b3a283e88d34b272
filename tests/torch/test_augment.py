"""Augmentation: geometry moves pixels and labels together, and chance comes from one generator."""

import numpy as np
import pytest

from pybridge.training.augment import Augmentation
from pybridge.training.config import AugmentationConfig
from tests.builders.blobs import paint_blobs

GEOMETRY_ALONE = AugmentationConfig(geometry=1, object_brightness=0, background=0, gamma=0, blur=0, noise=0, gain=0)


@pytest.fixture(scope="module")
def labels():
    return paint_blobs(5, shape=(120, 150), count=20)


@pytest.mark.parametrize("seed", range(6))
def test_labels_go_where_their_pixels_go(labels, seed):
    pixels = (labels > 0).astype(np.float32)[None]
    crop, cut = Augmentation(GEOMETRY_ALONE, crop_px=64).draw(pixels, labels, np.random.default_rng(seed))
    # Pixels are interpolated and labels are not, so that they may differ on the border of an object alone.
    assert np.mean((crop[0] > 0.5) != (cut > 0)) < 0.02


def test_objects_are_numbered_without_gaps_and_in_one_piece(labels):
    from skimage.measure import label as regions

    _, cut = Augmentation(GEOMETRY_ALONE, crop_px=96).draw(
        np.zeros((1, 120, 150), np.float32), labels, np.random.default_rng(1)
    )
    assert sorted(np.unique(cut)) == list(range(int(cut.max()) + 1))
    assert all(regions(cut == each).max() == 1 for each in range(1, int(cut.max()) + 1))


def test_one_generator_gives_one_crop(labels):
    augmentation = Augmentation(AugmentationConfig(geometry=1, noise=1, blur=1), crop_px=64)
    pixels = np.random.default_rng(0).random((2, 120, 150), np.float32)
    first = augmentation.draw(pixels, labels, np.random.default_rng(3))
    again = augmentation.draw(pixels, labels, np.random.default_rng(3))
    other = augmentation.draw(pixels, labels, np.random.default_rng(4))
    assert np.array_equal(first[0], again[0])
    assert np.array_equal(first[1], again[1])
    assert not np.array_equal(first[0], other[0])


def test_an_image_smaller_than_the_crop_is_reflected():
    crop, cut = Augmentation(AugmentationConfig(), crop_px=64).draw(
        np.ones((1, 20, 31), np.float32), np.ones((20, 31), np.int32), np.random.default_rng(0)
    )
    assert crop.shape == (1, 64, 64)
    assert cut.shape == (64, 64)


def test_objects_get_larger_with_the_scale(labels):
    sizes = {}
    for scale in (0.5, 1.0, 1.9):
        config = GEOMETRY_ALONE.model_copy(update={"scale": (scale, scale), "elastic_px": 0.0, "stretch": 0.0})
        found = []
        for seed in range(8):
            _, cut = Augmentation(config, crop_px=96).draw(
                np.zeros((1, 120, 150), np.float32), labels, np.random.default_rng(seed)
            )
            inner = np.setdiff1d(cut, np.concatenate([cut[0], cut[-1], cut[:, 0], cut[:, -1]]))
            found += [np.sum(cut == each) for each in inner]
        sizes[scale] = np.median(found)
    assert sizes[0.5] == pytest.approx(sizes[1.0] / 4, rel=0.35)
    assert sizes[1.9] == pytest.approx(sizes[1.0] * 3.61, rel=0.35)


def test_intensities_change_and_labels_do_not(labels):
    config = AugmentationConfig(flips=False, geometry=0, object_brightness=1, background=1, gamma=1, blur=1, noise=1)
    pixels = np.random.default_rng(0).random((1, *labels.shape), np.float32)
    augmentation = Augmentation(config, crop_px=64)
    crop, cut = augmentation.draw(pixels, labels, np.random.default_rng(9))
    plain, same = Augmentation(GEOMETRY_ALONE.model_copy(update={"geometry": 0, "flips": False}), crop_px=64).draw(
        pixels, labels, np.random.default_rng(9)
    )
    assert np.array_equal(cut, same)
    assert np.isfinite(crop).all()
    assert not np.allclose(crop, plain, atol=0.05)
