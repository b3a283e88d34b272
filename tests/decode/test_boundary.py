"""The decoder ``boundary``: seeds, valleys and what parts two objects."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from pybridge.decode import field_for
from tests.builders.blobs import number_in_raster_order

THRESHOLDS = {"probability": 0.5, "overlap": 0.5, "min_size": 1}


def whole(shape):
    return tuple(slice(0, extent) for extent in shape)


def ridge(*heights, boundary=0.0):
    """Outputs whose distance changes along x only, 5 rows high; all of it is foreground."""
    outputs = np.ones((3, 5, len(heights)), np.float32)
    outputs[1], outputs[2] = heights, boundary
    return outputs


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), row=st.integers(1, 22), column=st.integers(1, 56))
def test_tiles_written_in_any_order_give_the_labels_of_the_whole(seed, row, column):
    rng = np.random.default_rng(seed)
    outputs = np.rint(rng.uniform(0, 1, (3, 23, 57)) * 8).astype(np.float32) / 8  # many ties
    single, tiled = field_for("boundary", (23, 57)), field_for("boundary", (23, 57))
    single.write((outputs,), whole((23, 57)))
    tiles = [
        (slice(*rows), slice(*columns)) for rows in ((0, row), (row, 23)) for columns in ((0, column), (column, 57))
    ]
    for index in rng.permutation(4):
        part = outputs[:, tiles[index][0], tiles[index][1]]
        tiled.write((part[:2], part[2:]), tiles[index])
    expected, found = single.labels(**THRESHOLDS), tiled.labels(**THRESHOLDS)
    np.testing.assert_array_equal(found.labels, expected.labels)
    np.testing.assert_array_equal(found.confidence, expected.confidence)
    np.testing.assert_array_equal(single.probability_map(), tiled.probability_map())


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), overlap=st.floats(0, 1), min_size=st.integers(0, 20), border=st.booleans())
def test_any_field_gives_whole_objects_within_the_foreground(seed, overlap, min_size, border):
    rng = np.random.default_rng(seed)
    noise = ndimage.gaussian_filter(rng.normal(0, 1, (3, 29, 43)), (0, 1.5, 1.5))
    outputs = np.clip(noise * 4 + 0.5, 0, 1).astype(np.float32)
    field = field_for("boundary", (29, 43))
    field.write((outputs,), whole((29, 43)))
    plane = field.labels(probability=0.5, overlap=overlap, min_size=min_size, exclude_border=border)
    np.testing.assert_array_equal(plane.labels, number_in_raster_order(plane.labels))
    assert len(plane.confidence) == plane.labels.max()
    for label in range(1, len(plane.confidence) + 1):
        mask = plane.labels == label
        assert ndimage.label(mask, np.ones((3, 3)))[1] == 1
        assert mask.sum() >= min_size
        assert not (border and (mask[[0, -1]].any() or mask[:, [0, -1]].any()))
        filled = ndimage.binary_fill_holes(mask)  # what is no foreground is in an object only as its hole
        assert not (mask & ~(ndimage.binary_fill_holes(outputs[0] >= 0.49) & filled)).any()


@pytest.mark.parametrize(("overlap", "objects"), [(0.3, 1), (0.35, 1), (0.45, 2), (0.9, 2)])
def test_overlap_is_the_saddle_that_still_parts_two_peaks(decode, overlap, objects):
    outputs = ridge(0.2, 0.9, 1.0, 0.6, 0.32, 0.6, 0.8, 0.2)  # the saddle is 0.4 of the lower peak
    assert decode(outputs, decoder="boundary", overlap=overlap).labels.max() == objects


def test_a_saddle_of_just_the_share_asked_for_parts(decode):
    for step in (0.25, 0.3, 1 / 3):  # whatever the rounding of the fixed point
        outputs = ridge(step, 2 * step, step, step, 2 * step, step)
        assert decode(outputs, decoder="boundary", overlap=0.5).labels.max() == 2


def test_a_boundary_deepens_the_valley(decode):
    heights = (0.3, 0.8, 1.0, 0.7, 0.55, 0.7, 1.0, 0.3)
    assert decode(ridge(*heights), decoder="boundary").labels.max() == 1
    line = np.array([0, 0, 0, 0.8, 1, 0.8, 0, 0], np.float32)
    assert decode(ridge(*heights, boundary=line), decoder="boundary").labels.max() == 2


def test_a_ripple_in_a_valley_is_no_seed(decode):
    outputs = ridge(0.5, 1.0, 0.5, 0.02, 0.1, 0.02, 0.5, 1.0, 0.5)
    plane = decode(outputs, decoder="boundary")
    assert plane.labels[0, [0, 1, 2]].tolist() == [1, 1, 1]
    assert plane.labels[0, [6, 7, 8]].tolist() == [2, 2, 2]
    assert plane.labels.max() == 2


def test_a_flat_top_is_one_object_at_any_overlap(decode):
    outputs = np.zeros((3, 9, 13), np.float32)
    outputs[0, 1:8, 1:12] = outputs[1, 1:8, 1:12] = 1
    outputs[1, 1:4, 5:8] = 0.4  # a bay: the top is U-shaped
    assert decode(outputs, decoder="boundary", overlap=1.0).labels.max() == 1


def test_a_foreground_without_distance_is_still_an_object(decode):
    outputs = np.zeros((3, 5, 7), np.float32)
    outputs[0, 1:4, 1:3] = outputs[0, 1:4, 5:7] = 0.8
    plane = decode(outputs, decoder="boundary")
    np.testing.assert_array_equal(plane.labels > 0, outputs[0] > 0)
    np.testing.assert_allclose(plane.confidence, [0.8, 0.8], atol=1e-4)


def test_values_that_are_no_numbers_count_as_nothing(decode):
    outputs = np.full((3, 5, 7), np.nan, np.float32)
    outputs[0, 1:4, 2:5] = 1
    np.testing.assert_array_equal(decode(outputs, decoder="boundary").labels, outputs[0] == 1)
