"""The targets of the head ``boundary``, and back to the labels through the decoder."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage
from skimage.segmentation import find_boundaries

from pybridge.core.errors import ImageError
from pybridge.decode import field_for
from pybridge.training.targets import boundary
from tests.builders.blobs import paint_blobs, worst_match


def decoded(labels, **thresholds):
    targets, _ = boundary.targets_of(labels)
    field = field_for("boundary", labels.shape)
    field.write((targets,), tuple(slice(0, extent) for extent in labels.shape))
    return field.labels(**{"probability": 0.5, "overlap": 0.5, "min_size": 1} | thresholds)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_channels_equal_those_of_scipy_and_scikit_image(seed):
    labels = paint_blobs(seed, shape=(41, 67))
    targets, _ = boundary.targets_of(labels)
    np.testing.assert_array_equal(targets[0], labels > 0)
    for label in range(1, labels.max() + 1):
        mine = labels == label
        distance = ndimage.distance_transform_edt(mine)
        np.testing.assert_allclose(targets[1][mine], distance[mine] / distance.max(), rtol=1e-6)
    outermost = find_boundaries(labels, connectivity=1, mode="inner")
    np.testing.assert_array_equal(targets[2], ndimage.binary_dilation(outermost))


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_objects_come_back_through_the_decoder(seed):
    labels = paint_blobs(seed)
    plane = decoded(labels)
    assert plane.labels.max() == labels.max()
    # A small object takes a line of pixels, where they touch, from one that is much larger.
    assert worst_match(labels, plane.labels) >= 0.7
    np.testing.assert_array_equal(plane.labels > 0, labels > 0)
    np.testing.assert_array_equal(plane.confidence, 1)


@pytest.mark.parametrize("width", [3, 5, 12])
def test_a_touching_pair_stays_apart(width):
    labels = np.zeros((width + 2, 2 * width + 4), np.int32)
    labels[1:-1, 2 : 2 + width], labels[1:-1, 2 + width : 2 + 2 * width] = 1, 2
    np.testing.assert_array_equal(decoded(labels).labels, labels)


@pytest.mark.parametrize("turn", [0, 0.3, 0.6, 1.05])
def test_a_slanted_rod_stays_whole(turn):
    yy, xx = np.mgrid[-20:21, -25:26]
    along, across = np.cos(turn) * xx + np.sin(turn) * yy, np.cos(turn) * yy - np.sin(turn) * xx
    labels = ((np.abs(along) < 17) & (np.abs(across) < 2.6)).astype(np.int32)
    np.testing.assert_array_equal(decoded(labels).labels, labels)


def test_an_object_at_the_border_has_no_boundary_there():
    labels = np.zeros((9, 13), np.int32)
    labels[:, 6:] = 4
    targets, _ = boundary.targets_of(labels)
    assert targets[2, 4].tolist() == [0, 0, 0, 0, 0, 1, 1, 1, 0, 0, 0, 0, 0]
    assert targets[1, 4, 12] == 1
    np.testing.assert_array_equal(decoded(labels).labels, labels > 0)


def test_one_object_that_fills_the_image():
    targets, _ = boundary.targets_of(np.ones((5, 7), np.int32))
    assert (targets[:2] == 1).all()
    assert not targets[2].any()
    assert (decoded(np.ones((5, 7), np.int32)).labels == 1).all()


def test_an_image_without_objects_has_no_targets():
    targets, weights = boundary.targets_of(np.zeros((5, 7), np.int32))
    assert targets.shape == weights.shape == (3, 5, 7)
    assert targets.dtype == weights.dtype == np.float32
    assert not targets.any()
    assert (weights[[0, 2]] == 1).all()
    assert not weights[1].any()


def test_pixels_of_small_objects_weigh_more():
    labels = np.zeros((30, 60), np.int32)
    labels[2:28, 2:28], labels[10:12, 40:42] = 1, 2
    _, weights = boundary.targets_of(labels)
    assert weights[:, 11, 40].tolist() == [3, 3, 3]
    assert (weights[:, 15, 15] < 1).all()
    assert weights[:, 0, 0].tolist() == [1, 0, 1]


def test_labels_that_are_none_are_an_error():
    with pytest.raises(ImageError, match="not all of them whole numbers"):
        boundary.targets_of(np.full((5, 7), 0.5, np.float32))
