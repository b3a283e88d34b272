"""The decoder ``offsets``: from perfect, noisy and broken fields to labels."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from pybridge.decode import field_for

WHOLE = (slice(0, 5), slice(0, 7))


def in_raster_order(labels):
    ids, first = np.unique(labels, return_index=True)
    ids, first = ids[ids > 0], first[ids > 0]
    number = np.zeros(int(labels.max()) + 1, np.int32)
    number[ids[np.argsort(first)]] = np.arange(1, ids.size + 1)
    return number[labels]


def test_a_perfect_field_gives_back_the_objects_whatever_their_size(perfect_outputs, decode, paint_ellipses):
    truth = paint_ellipses(
        (250, 331),
        (120, 110, 100, 100, 0),  # 200 pixels across
        (8, 8, 2.3, 2.3, 0),  # 5 pixels across
        (9, 14, 2.3, 2.3, 0),
        (60, 260, 40, 8, 0.4),
        (60, 281, 40, 8, 0.4),  # beside it, along its long side
        (200, 270, 15, 15, 0),
        (200, 299, 15, 15, 0),  # touching
    )
    plane = decode(perfect_outputs(truth))
    np.testing.assert_array_equal(plane.labels, in_raster_order(truth))
    np.testing.assert_array_equal(plane.confidence, 1)


def test_labels_are_numbered_in_raster_order_of_their_first_pixels(perfect_outputs, decode, paint_ellipses):
    truth = paint_ellipses((41, 67), (30, 10, 5, 5, 0), (9, 50, 7, 7, 0), (10, 20, 5, 5, 0))
    labels = decode(perfect_outputs(truth)).labels
    first = [np.flatnonzero(labels.ravel() == number)[0] for number in (1, 2, 3)]
    assert first == sorted(first)
    assert labels.max() == 3


def test_offsets_with_noise_still_lead_to_the_objects(perfect_outputs, decode, paint_ellipses):
    rng = np.random.default_rng(5)
    spots = [(15 + 26 * row, 15 + 26 * column, 11, 9, rng.uniform(0, 3)) for row in range(4) for column in range(6)]
    truth = paint_ellipses((108, 160), *spots)
    outputs = perfect_outputs(truth)
    outputs[1:] += ndimage.gaussian_filter(rng.normal(0, 1, outputs[1:].shape), (0, 1.5, 1.5)) * 8
    plane = decode(outputs, min_size=8)
    assert plane.labels.max() == len(spots)
    assert (plane.labels == in_raster_order(truth)).mean() > 0.99
    assert plane.confidence.min() > 0.5
    assert plane.confidence.max() <= 1


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), shift=st.integers(0, 40))
def test_tiles_written_in_any_order_give_the_labels_of_the_whole(seed, shift):
    rng = np.random.default_rng(seed)
    outputs = rng.normal(0.5, 2, (3, 23, 57)).astype(np.float32)
    whole, tiled = field_for("offsets", (23, 57)), field_for("offsets", (23, 57))
    whole.write((outputs,), (slice(0, 23), slice(0, 57)))
    tiles = [(slice(0, 11), slice(0, 57)), (slice(11, 23), slice(0, shift + 1)), (slice(11, 23), slice(shift + 1, 57))]
    for index in rng.permutation(3):
        part = outputs[:, tiles[index][0], tiles[index][1]]
        tiled.write((part[:1], part[1:]), tiles[index])  # two tensors, together three channels
    thresholds = {"probability": 0.4, "overlap": 0.5, "min_size": 2}
    np.testing.assert_array_equal(whole.labels(**thresholds).labels, tiled.labels(**thresholds).labels)
    np.testing.assert_array_equal(whole.probability_map(), tiled.probability_map())


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), size_px=st.floats(0, 6), min_size=st.integers(0, 30), border=st.booleans())
def test_any_field_gives_whole_clean_objects(seed, size_px, min_size, border):
    rng = np.random.default_rng(seed)
    noise = ndimage.gaussian_filter(rng.normal(0, 1, (3, 29, 43)), (0, 1.5, 1.5))
    outputs = (noise * [[[8]], [[6 * size_px]], [[6 * size_px]]]).astype(np.float32)
    field = field_for("offsets", (29, 43))
    field.write((outputs,), (slice(0, 29), slice(0, 43)))
    plane = field.labels(probability=0.3, overlap=0.4, min_size=min_size, exclude_border=border)
    count = len(plane.confidence)
    assert sorted(np.unique(plane.labels[plane.labels > 0])) == list(range(1, count + 1))
    np.testing.assert_array_equal(plane.labels, in_raster_order(plane.labels))
    assert ((plane.confidence >= 0) & (plane.confidence <= 1)).all()
    gaps, number_of_gaps = ndimage.label(plane.labels == 0)
    for label in range(1, count + 1):
        mask = plane.labels == label
        assert ndimage.label(mask, np.ones((3, 3)))[1] == 1
        assert mask.sum() >= min_size
        assert not (border and (mask[[0, -1]].any() or mask[:, [0, -1]].any()))
    for gap in range(1, number_of_gaps + 1):
        mask = gaps == gap
        around = plane.labels[ndimage.binary_dilation(mask) & ~mask]
        at_border = mask[[0, -1]].any() or mask[:, [0, -1]].any()
        assert at_border or np.unique(around).size != 1


def test_the_same_field_decodes_the_same_again(decode):
    outputs = np.random.default_rng(0).normal(0.5, 3, (3, 61, 47)).astype(np.float32)
    first, second = decode(outputs), decode(outputs)
    np.testing.assert_array_equal(first.labels, second.labels)
    np.testing.assert_array_equal(first.confidence, second.confidence)


def test_thresholds_may_change_after_decoding(perfect_outputs, paint_ellipses):
    truth = paint_ellipses((31, 47), (12, 12, 8, 8, 0), (20, 35, 6, 6, 0))
    outputs = perfect_outputs(truth)
    outputs[0] *= np.where(truth == 1, 0.6, 0.9)
    field = field_for("offsets", truth.shape)
    field.write((outputs,), (slice(0, 31), slice(0, 47)))
    assert field.labels(probability=0.7, overlap=0.5, min_size=1).labels.max() == 1
    assert field.labels(probability=0.5, overlap=0.5, min_size=1).labels.max() == 2


def test_candidates_that_overlap_more_than_asked_are_one_object(decode):
    outputs = np.zeros((3, 31, 43), np.float32)
    yy, xx = np.mgrid[:31, :43]
    disc = (yy - 15) ** 2 + (xx - 21) ** 2 <= 12**2
    outputs[0] = disc
    # The left half points 4 pixels left of the middle, the right half 4 pixels right of it: two halves, or one disc?
    outputs[1] = np.where(disc, 15 - yy, 0)
    outputs[2] = np.where(disc, np.where(xx < 21, 17, 25) - xx, 0)
    assert decode(outputs, overlap=0.2).labels.max() == 1
    assert decode(outputs, overlap=0.8).labels.max() == 2


def test_a_pixel_at_the_threshold_belongs_to_the_object(decode):
    outputs = np.zeros((3, 5, 7), np.float32)
    outputs[0, 2, 3] = 0.35
    assert decode(outputs, probability=0.35).labels[2, 3] == 1
    assert decode(outputs, probability=0.3501).labels.max() == 0


def test_objects_that_touch_the_border_can_be_left_out(perfect_outputs, decode, paint_ellipses):
    truth = paint_ellipses((31, 47), (0, 12, 8, 8, 0), (16, 30, 6, 6, 0), (20, 45, 4, 4, 0))
    labels = decode(perfect_outputs(truth), exclude_border=True).labels
    np.testing.assert_array_equal(labels > 0, truth == 2)


def test_small_objects_are_left_out_unless_they_touch_another(perfect_outputs, decode, paint_ellipses):
    truth = paint_ellipses((31, 47), (14, 12, 8, 8, 0), (14, 22, 1.6, 1.6, 0), (14, 35, 1.6, 1.6, 0))
    labels = decode(perfect_outputs(truth), min_size=12).labels
    np.testing.assert_array_equal(labels, (truth == 1) | (truth == 2))


def test_a_hole_in_one_object_is_filled_and_a_gap_between_two_is_not(perfect_outputs, decode, paint_ellipses):
    truth = paint_ellipses((41, 67), (20, 15, 12, 12, 0), (20, 39, 12, 12, 0))
    outputs = perfect_outputs(truth)
    outputs[0, 18:21, 13:17] = 0  # inside the first
    plane = decode(outputs)
    np.testing.assert_array_equal(plane.labels, truth)
    assert plane.confidence[0] < plane.confidence[1] == 1

    outputs = perfect_outputs(np.where(np.indices((5, 7))[1] < 4, 1, 2))
    outputs[0, 2, 3:5] = 0  # between both
    assert (decode(outputs).labels[2, 3:5] == 0).all()


def test_stray_pieces_go_to_the_neighbour_they_touch(perfect_outputs, decode, paint_ellipses):
    truth = paint_ellipses((41, 67), (20, 15, 12, 12, 0), (20, 45, 12, 12, 0))
    outputs = perfect_outputs(truth)
    patch = (slice(19, 22), slice(52, 55))  # in the second object, but it points to the first
    outputs[2][patch] = 15 - np.arange(52, 55)
    plane = decode(outputs)
    np.testing.assert_array_equal(plane.labels, truth)
    assert plane.confidence[1] == pytest.approx(1 - 9 / (truth == 2).sum())


def test_two_large_pieces_of_one_candidate_are_two_objects(decode, paint_ellipses):
    truth = paint_ellipses((31, 67), (15, 12, 9, 9, 0), (15, 50, 9, 9, 0))
    outputs = np.zeros((3, 31, 67), np.float32)
    yy, xx = np.mgrid[:31, :67]
    outputs[:] = truth > 0, 15 - yy, 31 - xx  # all point to one place between them
    np.testing.assert_array_equal(decode(outputs).labels, truth)


def test_an_empty_field_has_no_objects():
    plane = field_for("offsets", (5, 7)).labels(probability=0.0, overlap=0.5, min_size=0)
    assert plane.labels.shape == (5, 7)
    assert plane.labels.dtype == np.int32
    assert plane.confidence.shape == (0,)
    assert not plane.labels.any()


def test_values_that_are_no_numbers_count_as_background(decode):
    outputs = np.full((3, 5, 7), np.nan, np.float32)
    outputs[0, 1:4, 2:5] = 1
    outputs[1:, 1:4, 2:5] = np.inf
    labels = decode(outputs, probability=0.0).labels
    np.testing.assert_array_equal(labels > 0, outputs[0] == 1)


def test_offsets_that_leave_the_image_land_on_its_border(decode):
    outputs = np.ones((3, 5, 7), np.float32)
    outputs[1:] = -1e9
    plane = decode(outputs)
    assert (plane.labels == 1).all()


def test_the_probability_map_is_what_was_written():
    field = field_for("offsets", (5, 7))
    outputs = np.random.default_rng(1).random((3, 5, 4)).astype(np.float32)
    field.write((outputs,), (slice(0, 5), slice(3, 7)))
    chances = field.probability_map()
    assert chances.dtype == np.float32
    np.testing.assert_allclose(chances[:, 3:], outputs[0], atol=1e-5)
    assert not chances[:, :3].any()
