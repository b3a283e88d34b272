"""Copies of objects laid against others of the same crop."""

import numpy as np
import pytest

from pybridge.training.paste import paste_objects
from tests.builders.blobs import paint_blobs


def crop_of(seed):
    labels = paint_blobs(seed, shape=(90, 131), count=14)
    pixels = np.random.default_rng(seed).normal(0.1, 0.01, (2, *labels.shape)).astype(np.float32)
    pixels += (labels > 0).astype(np.float32) * np.array([1.0, 0.5], np.float32)[:, None, None]
    return pixels, labels


@pytest.mark.parametrize("seed", range(8))
def test_pixels_change_where_objects_were_pasted_and_nowhere_else(seed):
    from scipy.ndimage import binary_dilation

    pixels, labels = crop_of(seed)
    pasted, more = paste_objects(pixels, labels, np.random.default_rng(seed))
    new = more > labels.max()
    near = binary_dilation(new, iterations=8)
    assert np.array_equal(pasted[:, ~near], pixels[:, ~near])
    assert np.array_equal(more[~new], labels[~new])
    if new.any():
        # Pasted light is that of an object, of at least half the brightness, in every channel.
        assert pasted[0][new].mean() > 0.5
        assert pasted[1][new].mean() > 0.25


def test_most_pasted_objects_touch_another_and_none_is_hidden():
    touching = total = 0
    for seed in range(20):
        _, labels = crop_of(seed)
        _, more = paste_objects(*crop_of(seed), np.random.default_rng(seed))
        before, after = np.bincount(labels.ravel()), np.bincount(more.ravel(), minlength=labels.max() + 1)
        present = before[1:] > 0
        # Three copies at most can lie on one object.
        assert np.all(after[1 : before.size][present] >= 0.3 * before[1:][present] * (1 - 0.35) ** 2)
        for label in range(int(labels.max()) + 1, int(more.max()) + 1):
            ys, xs = np.nonzero(more == label)
            box = more[max(ys.min() - 2, 0) : ys.max() + 3, max(xs.min() - 2, 0) : xs.max() + 3]
            total += 1
            touching += bool(np.setdiff1d(box, [0, label]).size)
    assert total > 20
    assert touching > 0.7 * total


def test_the_input_stays_as_it_is_and_chance_comes_from_the_generator():
    pixels, labels = crop_of(1)
    kept = pixels.copy(), labels.copy()
    first = paste_objects(pixels, labels, np.random.default_rng(5))
    again = paste_objects(pixels, labels, np.random.default_rng(5))
    assert np.array_equal(pixels, kept[0])
    assert np.array_equal(labels, kept[1])
    assert np.array_equal(first[0], again[0])
    assert np.array_equal(first[1], again[1])


@pytest.mark.parametrize("labels", [np.zeros((40, 50), np.int32), np.ones((40, 50), np.int32)])
def test_a_crop_without_a_whole_object_stays_as_it_is(labels):
    pixels = np.random.default_rng(0).random((1, 40, 50), np.float32)
    pasted, more = paste_objects(pixels, labels, np.random.default_rng(0))
    assert np.array_equal(pasted, pixels)
    assert np.array_equal(more, labels)
