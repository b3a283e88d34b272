"""The targets of the head ``star_convex``: exact rays, and back to the labels through the decoder."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from pybridge.core.errors import ImageError, UsageError
from pybridge.decode import field_for
from pybridge.training.targets import star_convex
from tests.builders.blobs import paint_blobs, worst_match


def decoded(labels, **thresholds):
    targets, _ = star_convex.targets_of(labels)
    field = field_for("star_convex", labels.shape)
    field.write((targets,), tuple(slice(0, extent) for extent in labels.shape))
    return field.labels(**{"probability": 0.5, "overlap": 0.5, "min_size": 8} | thresholds)


def test_rays_end_where_a_fine_walk_leaves_the_object():
    labels = np.random.default_rng(3).integers(0, 3, (3, 4)).repeat(4, 0).repeat(5, 1)[:11, :17].astype(np.int32)
    targets, _ = star_convex.targets_of(labels, rays=7)
    walk_px = np.arange(0, 20, 0.001)
    for y, x in np.argwhere(labels > 0)[::3]:
        for ray in range(7):
            angle = 2 * np.pi * ray / 7
            rows = np.floor(y + walk_px * np.sin(angle) + 0.5).astype(int)
            columns = np.floor(x + walk_px * np.cos(angle) + 0.5).astype(int)
            is_in_image = (rows >= 0) & (rows < 11) & (columns >= 0) & (columns < 17)
            rows, columns = np.clip(rows, 0, 10), np.clip(columns, 0, 16)
            left = np.argmax(~is_in_image | (labels[rows, columns] != labels[y, x]))
            assert targets[1 + ray, y, x] == pytest.approx(walk_px[left], abs=0.002)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), share=st.floats(0.05, 0.95))
def test_the_probability_is_the_distance_over_the_largest_of_the_object(seed, share):
    labels = (np.random.default_rng(seed).random((13, 29)) < share).astype(np.int32)
    labels[:, 15:] *= 2  # touches the other object
    labels[0, 0] = 0
    probability = star_convex.targets_of(labels, rays=3)[0][0]
    for label in (1, 2):
        mine = labels == label
        if mine.any() and not mine.all():
            distance = ndimage.distance_transform_edt(mine)
            np.testing.assert_allclose(probability[mine], distance[mine] / distance.max(), rtol=1e-6)
    assert not probability[labels == 0].any()


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_objects_come_back_through_the_decoder(seed):
    labels = paint_blobs(seed)
    plane = decoded(labels)
    assert plane.labels.max() == labels.max()
    assert worst_match(labels, plane.labels) >= 0.9
    np.testing.assert_allclose(plane.confidence, 1, atol=1e-4)


def test_a_touching_pair_stays_apart():
    labels = np.zeros((21, 37), np.int32)
    labels[4:16, 5:17], labels[4:16, 17:31] = 1, 2
    plane = decoded(labels)
    assert plane.labels.max() == 2
    assert worst_match(labels, plane.labels) >= 0.95


@pytest.mark.parametrize("rows", [slice(0, 9), slice(0, 13)])
def test_an_object_at_the_border_comes_back(rows):
    labels = np.zeros((13, 29), np.int32)
    labels[rows, 20:29] = 5
    plane = decoded(labels)
    np.testing.assert_array_equal(plane.labels, labels > 0)
    assert decoded(labels, exclude_border=True).labels.max() == 0


def test_one_object_that_fills_the_image():
    targets, weights = star_convex.targets_of(np.ones((5, 7), np.int32), rays=4)
    assert targets[:, 1, 2].tolist() == [1, 4.5, 3.5, 2.5, 1.5]
    assert (decoded(np.ones((5, 7), np.int32)).labels == 1).all()
    assert (weights > 0).all()


def test_a_single_pixel_has_rays_of_half_a_pixel_and_more():
    labels = np.zeros((5, 7), np.int32)
    labels[2, 4] = 9
    targets, _ = star_convex.targets_of(labels, rays=8)
    np.testing.assert_allclose(targets[:, 2, 4], [1, *[0.5, 0.5**0.5] * 4], rtol=1e-6)
    assert targets.sum() == pytest.approx(targets[:, 2, 4].sum())


def test_an_image_without_objects_has_no_targets():
    targets, weights = star_convex.targets_of(np.zeros((5, 7), np.int32))
    assert targets.shape == (33, 5, 7)
    assert targets.dtype == weights.dtype == np.float32
    assert not targets.any()
    assert (weights[0] == 1).all()
    assert not weights[1].any()


def test_pixels_of_small_objects_weigh_more():
    labels = np.zeros((60, 90), np.int32)
    yy, xx = np.mgrid[:60, :90]
    labels[(yy - 30) ** 2 + (xx - 30) ** 2 <= 25**2] = 1
    labels[(yy - 30) ** 2 + (xx - 80) ** 2 <= 5**2] = 2
    _, weights = star_convex.targets_of(labels)
    assert weights[0, 30, 30] == pytest.approx(0.6)
    assert weights[0, 30, 80] == pytest.approx(9 / (np.sum(labels == 2) / np.pi) ** 0.5)
    assert weights[0, 0, 0] == 1
    assert weights[1, 30, 80] > 10 * weights[1, 30, 30] > 0
    assert weights[1, 30, 6] < weights[1, 30, 30]  # rays from the rim are used less


def test_fewer_than_three_rays_are_an_error():
    with pytest.raises(UsageError, match="rays=2"):
        star_convex.targets_of(np.zeros((5, 7), np.int32), rays=2)


def test_labels_that_are_none_are_an_error():
    with pytest.raises(ImageError, match="not a plane"):
        star_convex.targets_of(np.zeros((2, 5, 7), np.int32))
    with pytest.raises(ImageError, match="values from -1"):
        star_convex.targets_of(np.full((5, 7), -1, np.int32))
