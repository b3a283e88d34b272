"""The decoder ``star_convex``: against a slow reference, in tiles, with ties, and with broken fields."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage.draw import polygon2mask

from pybridge.core.errors import ModelError
from pybridge.decode import field_for
from pybridge.decode.star_convex import LEAST_PROBABILITY
from pybridge.decode.star_convex_kernels import CELL_PX, RAY_UNIT, keep_best

THRESHOLDS = {"probability": 0.5, "overlap": 0.5, "min_size": 1}


def whole(shape):
    return tuple(slice(0, extent) for extent in shape)


def disc_outputs(shape, *discs, rays=16):
    """Outputs in which single pixels (y, x, radius, probability) are candidates, each of them a disc."""
    outputs = np.zeros((1 + rays, *shape), np.float32)
    for y, x, radius, probability in discs:
        outputs[0, y, x] = probability
        outputs[1:, y, x] = radius
    return outputs


def reference(rays, at, chance, overlap, shape):
    """Greedy suppression and painting, pixel by pixel: which candidates are taken, and which covers each pixel."""
    angles = 2 * np.pi * np.arange(rays.shape[1]) / rays.shape[1]
    group, masks, used = np.full(shape, -1), [], set()
    for index in sorted(range(len(at)), key=lambda i: (-int(chance.flat[at[i]]), at[i])):
        y, x = divmod(int(at[index]), shape[1])
        cell = (y // CELL_PX, x // CELL_PX)
        lengths = rays[index] / RAY_UNIT
        corners = np.column_stack([y + lengths * np.sin(angles), x + lengths * np.cos(angles)])
        mask = polygon2mask(shape, corners)
        is_free = cell not in used and mask.any()
        used.add(cell)
        if is_free and not any((mask & m).sum() > overlap * min(mask.sum(), m.sum()) for m in masks):
            group[mask & (group < 0)] = len(masks)
            masks.append(mask)
    return group, len(masks)


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    rays=st.sampled_from([3, 5, 8, 32]),
    count=st.integers(1, 60),
    overlap=st.sampled_from([0.0, 0.2, 0.5, 0.8, 1.0]),
)
def test_suppression_and_painting_equal_those_of_a_slow_reference(seed, rays, count, overlap):
    rng = np.random.default_rng(seed)
    shape = (43, 97)
    at = rng.choice(43 * 97, count, replace=False).astype(np.int32)
    # Odd steps of 1/64 pixel: no corner lies on a row or column of pixel centres, where the reference has its own way.
    lengths = rng.uniform(0.3, 12, (count, 1)) * rng.uniform(0.3, 1, (count, rays))
    stored = (lengths * RAY_UNIT).astype(np.uint16) | np.uint16(1)
    chance = rng.integers(0, 6, shape).astype(np.uint16)  # few values: many ties
    order = np.lexsort((at, -chance.reshape(-1)[at].astype(int)))
    group, scores = np.full(shape, -1, np.int32), np.zeros(shape, np.uint16)
    taken = keep_best(stored, at, order, chance, overlap, group, scores)
    expected, wanted = reference(stored, at, chance, overlap, shape)
    assert taken == wanted
    np.testing.assert_array_equal(group, expected)
    assert not scores[group < 0].any()


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), row=st.integers(1, 22), column=st.integers(1, 56))
def test_tiles_written_in_any_order_give_the_labels_of_the_whole(seed, row, column):
    rng = np.random.default_rng(seed)
    outputs = rng.uniform(0, 1, (9, 23, 57)).astype(np.float32)
    outputs[0] = np.rint(outputs[0] * 8) / 8  # ties, in cells that the tiles cut as well
    outputs[1:] *= 7
    single, tiled = field_for("star_convex", (23, 57)), field_for("star_convex", (23, 57))
    single.write((outputs,), whole((23, 57)))
    tiles = [
        (slice(*rows), slice(*columns)) for rows in ((0, row), (row, 23)) for columns in ((0, column), (column, 57))
    ]
    for index in rng.permutation(4):
        part = outputs[:, tiles[index][0], tiles[index][1]]
        tiled.write((part[:1], part[1:]), tiles[index])  # two tensors
    expected, found = single.labels(**THRESHOLDS), tiled.labels(**THRESHOLDS)
    np.testing.assert_array_equal(found.labels, expected.labels)
    np.testing.assert_array_equal(found.confidence, expected.confidence)
    np.testing.assert_array_equal(single.probability_map(), tiled.probability_map())


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), min_size=st.integers(0, 30), border=st.booleans())
def test_any_field_gives_whole_objects_large_enough(seed, min_size, border):
    rng = np.random.default_rng(seed)
    outputs = rng.uniform(0, 1, (7, 29, 43)).astype(np.float32)
    outputs[1:] = outputs[1:] ** 2 * 12
    field = field_for("star_convex", (29, 43))
    field.write((outputs,), whole((29, 43)))
    plane = field.labels(probability=0.6, overlap=0.3, min_size=min_size, exclude_border=border)
    areas = np.bincount(plane.labels.ravel())[1:]
    assert len(areas) == len(plane.confidence)
    assert (areas >= max(min_size, 1)).all()
    assert ((plane.confidence >= 0) & (plane.confidence <= 1)).all()
    edges = np.concatenate([plane.labels[[0, -1]].ravel(), plane.labels[:, [0, -1]].ravel()])
    assert not (border and edges.any())


def test_the_better_of_two_candidates_stays_and_gives_its_score(decode):
    outputs = disc_outputs((31, 47), (15, 14, 8, 0.7), (15, 18, 8, 0.9), (15, 38, 5, 0.6))
    plane = decode(outputs, decoder="star_convex")
    assert plane.labels.max() == 2
    assert plane.labels[15, 25] == plane.labels[15, 11] == 1
    assert plane.labels[15, 8] == 0
    np.testing.assert_allclose(plane.confidence, [0.9, 0.6], atol=1e-4)


def test_of_equal_candidates_the_first_in_raster_order_stays(decode):
    plane = decode(disc_outputs((31, 47), (15, 18, 8, 0.8), (15, 14, 8, 0.8)), decoder="star_convex")
    assert plane.labels.max() == 1
    assert plane.labels[15, 7] == 1
    assert plane.labels[15, 25] == 0
    upper = decode(disc_outputs((31, 47), (17, 16, 8, 0.8), (14, 19, 8, 0.8)), decoder="star_convex")
    assert upper.labels[14, 26] == 1
    assert upper.labels[24, 16] == 0


def test_where_two_objects_overlap_the_pixel_belongs_to_the_better(decode):
    outputs = disc_outputs((31, 47), (15, 14, 8, 0.7), (15, 26, 8, 0.9))
    labels = decode(outputs, decoder="star_convex", overlap=0.5).labels
    assert labels.max() == 2
    assert labels[15, 19] == labels[15, 21] == labels[15, 26] != labels[15, 14]
    assert decode(outputs, decoder="star_convex", overlap=0.05).labels.max() == 1


def test_what_a_better_object_cuts_off_goes_to_the_object_that_it_touches(decode):
    outputs = np.zeros((9, 31, 47), np.float32)
    outputs[:, 15, 21] = 0.7, 18, 3, 3, 3, 18, 3, 3, 3  # lies flat
    outputs[:, 15, 24] = 0.9, 3, 3, 13, 3, 3, 3, 13, 3  # stands across it
    plane = decode(outputs, decoder="star_convex")
    across, left, right = plane.labels[15, [24, 12, 36]]
    assert plane.labels.max() == 2
    assert across == right != left
    assert plane.confidence[left - 1] == pytest.approx(0.7, abs=1e-4)
    assert plane.confidence[across - 1] < 0.89


def test_a_small_object_within_a_large_one_is_left_out_at_any_overlap_below_one(decode):
    outputs = disc_outputs((41, 67), (20, 30, 16, 0.9), (20, 38, 3, 0.8))
    assert decode(outputs, decoder="star_convex", overlap=0.99).labels.max() == 1


def test_an_object_is_cut_at_the_image_border_and_can_be_left_out(decode):
    outputs = disc_outputs((31, 47), (1, 45, 6, 0.9), (16, 20, 6, 0.9))
    assert decode(outputs, decoder="star_convex").labels[0, 46] == 1
    labels = decode(outputs, decoder="star_convex", exclude_border=True).labels
    assert labels.max() == 1
    assert labels[16, 20] == 1


def test_rows_and_columns_are_not_swapped(decode):
    outputs = np.zeros((5, 5, 7), np.float32)
    outputs[:, 2, 2] = 0.9, 4.4, 1.4, 1.4, 1.4  # towards +x, +y, -x, -y
    labels = decode(outputs, decoder="star_convex").labels
    assert labels[2].tolist() == [0, 1, 1, 1, 1, 1, 1]
    assert labels[:, 2].tolist() == [0, 1, 1, 1, 0]


def test_a_threshold_below_the_floor_finds_what_the_floor_finds(decode):
    outputs = disc_outputs((31, 47), (15, 12, 5, LEAST_PROBABILITY), (15, 34, 5, LEAST_PROBABILITY - 0.01))
    assert decode(outputs, decoder="star_convex", probability=0.0).labels.max() == 1
    assert decode(outputs, decoder="star_convex", probability=LEAST_PROBABILITY).labels.max() == 1


def test_thresholds_may_change_after_decoding():
    field = field_for("star_convex", (31, 47))
    field.write((disc_outputs((31, 47), (15, 12, 6, 0.6), (15, 34, 6, 0.9)),), whole((31, 47)))
    assert field.labels(**THRESHOLDS | {"probability": 0.7}).labels.max() == 1
    assert field.labels(**THRESHOLDS).labels.max() == 2


def test_what_is_written_again_replaces_what_was_there():
    field = field_for("star_convex", (31, 47))
    field.write((disc_outputs((31, 47), (15, 12, 6, 0.6), (15, 34, 6, 0.9)),), whole((31, 47)))
    field.write((np.zeros((17, 31, 24), np.float32),), (slice(0, 31), slice(0, 24)))
    labels = field.labels(**THRESHOLDS).labels
    assert labels.max() == 1
    assert labels[15, 34] == 1


def test_rays_that_are_no_lengths_give_no_objects(decode):
    outputs = disc_outputs((31, 47), (15, 12, np.nan, 0.9), (15, 34, -4, 0.9), (5, 5, 6, np.nan))
    plane = decode(outputs, decoder="star_convex", probability=0.0)
    assert not plane.labels.any()
    assert plane.confidence.size == 0
    outputs[1:, 15, 12] = np.inf
    assert (decode(outputs, decoder="star_convex").labels == 1).all()


@pytest.mark.parametrize("written", [True, False])
def test_an_empty_field_has_no_objects(written):
    field = field_for("star_convex", (5, 7))
    if written:
        field.write((np.zeros((33, 5, 7), np.float32),), whole((5, 7)))
    plane = field.labels(**THRESHOLDS)
    assert plane.labels.shape == (5, 7)
    assert plane.labels.dtype == np.int32
    assert plane.confidence.shape == (0,)
    assert not plane.labels.any()


@pytest.mark.parametrize("channels", [1, 3])
def test_too_few_rays_are_an_error(channels):
    field = field_for("star_convex", (5, 7))
    with pytest.raises(ModelError, match=rf"object probability, ray 0, ray 1, ray 2.*\({channels}, 5, 7\)"):
        field.write((np.zeros((channels, 5, 7), np.float32),), whole((5, 7)))


def test_another_number_of_rays_than_before_is_an_error():
    field = field_for("star_convex", (5, 7))
    field.write((np.zeros((9, 5, 7), np.float32),), whole((5, 7)))
    with pytest.raises(ModelError, match=r"needs 9 channel.*\(10, 5, 7\)"):
        field.write((np.zeros((10, 5, 7), np.float32),), whole((5, 7)))
