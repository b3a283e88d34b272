"""Distances between outlines: against a table of all distances, and the numbers that other programs gave."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from pybridge.core.errors import ImageError, UsageError
from pybridge.metrics import boundary
from pybridge.metrics.boundary import score_boundaries, score_object_boundaries
from pybridge.metrics.object_errors import find_object_errors
from pybridge.metrics.overlaps import overlaps
from tests.builders.scored_pairs import SPACING_UM, named_pair, paint_balls, spoil

# On the masks (above 0) with SPACING_UM. Hausdorff and ASSD: MedPy 0.5.2, hd and assd, in float64. HD95: MONAI 1.6.1,
# compute_hausdorff_distance with percentile=95, in float32. (HD95 of MedPy and seg-metrics is one percentile of both
# directions together; seg-metrics 1.2.8 measures its msd to outlines of 8- or 26-connected pixels: other conventions.)
OTHERS = {
    "flat": (11.715374513859981, 9.23934268951416, 1.0482016397503189),
    "crowd": (4.810405388322278, 1.7999999523162842, 0.46055843702082483),
    "stack": (6.185466837676846, 2.0832667350769043, 0.48173690666685676),
}


def brute_force(truth, result, spacing):
    """Erode for the outlines, and measure every pixel of one against every pixel of the other."""
    outlines = [np.argwhere(mask & ~ndimage.binary_erosion(mask)) * spacing for mask in (truth, result)]
    table = np.sqrt(((outlines[0][:, None] - outlines[1][None]) ** 2).sum(-1))
    there, back = table.min(1), table.min(0)
    both = np.concatenate([there, back])
    return both.max(), max(np.percentile(there, 95), np.percentile(back, 95)), both.mean()


@pytest.mark.parametrize("name", OTHERS)
def test_distances_equal_those_of_other_programs(name):
    truth, result = named_pair(name)
    scores = score_boundaries(truth, result, spacing=SPACING_UM[truth.ndim])
    hausdorff, hd95, assd = OTHERS[name]
    assert scores.hausdorff == pytest.approx(hausdorff, abs=1e-9)
    assert scores.hd95 == pytest.approx(hd95, rel=1e-6)
    assert scores.assd == pytest.approx(assd, abs=1e-9)


@settings(max_examples=30, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    shape=st.sampled_from([(23, 31), (5, 7, 11), (60, 90)]),
    spacing=st.sampled_from([(1.0, 1.0, 1.0), (2.0, 0.5, 0.3)]),
)
def test_distances_equal_brute_force(seed, shape, spacing):
    truth = paint_balls(seed, shape=shape, count=5) > 0
    result = spoil(truth.astype(np.int32), seed + 1) > 0
    if not truth.any() or not result.any():
        return
    spacing = spacing[-len(shape) :]
    scores = score_boundaries(truth, result, spacing=spacing)
    assert (scores.hausdorff, scores.hd95, scores.assd) == pytest.approx(brute_force(truth, result, spacing), abs=1e-9)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), shape=st.sampled_from([(43, 61), (7, 13, 17)]))
def test_each_pair_of_objects_equals_brute_force(seed, shape):
    truth = paint_balls(seed, shape=shape, count=9)
    result = spoil(truth, seed + 1)
    errors = find_object_errors(overlaps(truth, result), threshold=0.3)
    spacing = SPACING_UM[truth.ndim]
    scores = score_object_boundaries(truth, result, errors, spacing=spacing)
    assert scores.assd.size == errors.matched_count
    for index in range(errors.matched_count):
        true = truth == errors.truth_ids[errors.matched_truth[index]]
        found = result == errors.result_ids[errors.matched_result[index]]
        ours = (scores.hausdorff[index], scores.hd95[index], scores.assd[index])
        assert ours == pytest.approx(brute_force(true, found, spacing), abs=1e-9)
    if errors.matched_count:
        assert scores.mean.hd95 == pytest.approx(scores.hd95.mean())


def test_large_outlines_equal_small_ones_moved():
    truth = np.zeros((300, 410), bool)
    truth[20:280, 30:380] = True
    scores = score_boundaries(truth, np.roll(truth, 4, 1), spacing=(1.0, 0.25))
    assert scores.hausdorff == 1.0
    assert 0 < scores.assd < scores.hd95 == 1.0


def test_each_axis_has_its_own_pixel_size():
    truth = np.zeros((5, 7, 11), bool)
    truth[2, 3, 5] = True
    for axis, size in enumerate((2.0, 0.5, 0.3)):
        moved = np.roll(truth, 2, axis)
        scores = score_boundaries(truth, moved, spacing=(2.0, 0.5, 0.3))
        assert scores.hausdorff == scores.hd95 == scores.assd == pytest.approx(2 * size)


def test_equal_masks_are_no_distance_apart_at_the_border_too():
    full = np.ones((5, 7), np.uint8)
    scores = score_boundaries(full, full, spacing=1)
    assert (scores.hausdorff, scores.hd95, scores.assd) == (0.0, 0.0, 0.0)


def test_an_axis_of_length_one_counts_as_none():
    truth, result = named_pair("flat")
    plane = score_boundaries(truth, result, spacing=(0.5, 0.3))
    assert score_boundaries(truth[None], result[None], spacing=(9.0, 0.5, 0.3)) == plane
    one = np.ones((1, 1), int)
    assert score_boundaries(one, one, spacing=1).assd == 0.0
    assert score_object_boundaries(one, one, find_object_errors(overlaps(one, one)), spacing=1).mean.assd == 0.0


@pytest.mark.parametrize(("truth", "result"), [(0, 0), (0, 1), (1, 0)])
def test_an_empty_mask_has_no_distances(truth, result):
    truth, result = np.full((5, 7), truth), np.full((5, 7), result)
    scores = score_boundaries(truth, result, spacing=1)
    assert all(math.isnan(value) for value in (scores.hausdorff, scores.hd95, scores.assd))
    objects = score_object_boundaries(truth, result, find_object_errors(overlaps(truth, result)), spacing=1)
    assert objects.assd.size == 0
    assert math.isnan(objects.mean.assd)


def test_touching_objects_have_outlines_of_their_own():
    truth = np.array([[1, 1, 1, 1, 2, 2, 2, 2]] * 3)
    result = np.array([[8, 8, 8, 9, 9, 9, 9, 9]] * 3)
    errors = find_object_errors(overlaps(truth, result))
    scores = score_object_boundaries(truth, result, errors, spacing=2.0)
    assert scores.hausdorff.tolist() == [2.0, 2.0]
    assert score_boundaries(truth, result, spacing=2.0).hausdorff == 0.0


def test_ids_far_apart_are_found():
    truth, result = named_pair("flat")
    errors = find_object_errors(overlaps(truth, result))
    expected = score_object_boundaries(truth, result, errors, spacing=1.0)
    truth, result = np.where(truth > 0, truth.astype(np.int64) * 10**12, 0), result.astype(np.float32)
    scores = score_object_boundaries(truth, result, find_object_errors(overlaps(truth, result)), spacing=1.0)
    assert np.array_equal(scores.assd, expected.assd)


@pytest.mark.parametrize("spacing", [(1.0, 0.0), (1.0, -1.0), (1.0, float("nan")), (1.0,), (1.0, 1.0, 1.0), 0])
def test_pixel_sizes_that_do_not_fit_are_an_error(spacing):
    mask = np.ones((5, 7))
    with pytest.raises(UsageError, match="not 2 numbers above 0"):
        score_boundaries(mask, mask, spacing=spacing)


def test_masks_of_different_shapes_are_an_error():
    with pytest.raises(ImageError, match=r"the result has shape \(7, 5\), the truth \(5, 7\)"):
        score_boundaries(np.ones((5, 7)), np.ones((7, 5)), spacing=1)


def drawn(name):
    """Draw small masks: one pixel, nested ones, ones at the border, boxes in a volume."""
    pixel, inner, outer, edge = (np.zeros((9, 15), int) for _ in range(4))
    pixel[4, 3], inner[3:6, 4:8], outer[1:8, 2:13], edge[:, :4] = 1, 1, 1, 1
    one, other = np.zeros((5, 9, 15), int), np.zeros((5, 9, 15), int)
    one[1:4, 2:7, 3:9], other[2:5, 3:8, 3:12] = 1, 1
    return {
        "pixel and all": (pixel, np.ones_like(pixel)),
        "pixel and box": (pixel, inner),
        "nested": (inner, outer),
        "border": (edge, outer),
        "volume": (one, other),
    }[name]


# MedPy 0.5.2, hd and assd; MONAI 1.6.1, compute_hausdorff_distance with percentile=95 (float32); pixels of 2 × 0.5 and
# 3 × 0.5 × 0.25.
DRAWN = {
    "pixel and all": (9.7082439194738, 9.433980941772461, 7.360126897434343),
    "pixel and box": (2.8284271247461903, 2.8284270763397217, 2.0229178027372385),
    "nested": (4.716990566028302, 4.582320213317871, 3.105106070925559),
    "border": (4.5, 4.5, 1.7980600292706896),
    "volume": (3.132491021535417, 3.062337636947632, 1.37851235319708),
}


@pytest.mark.parametrize("name", DRAWN)
def test_small_masks_are_as_far_apart_as_other_programs_say(name):
    truth, result = drawn(name)
    scores = score_boundaries(truth, result, spacing=(2.0, 0.5) if truth.ndim == 2 else (3.0, 0.5, 0.25))
    hausdorff, hd95, assd = DRAWN[name]
    assert (scores.hausdorff, scores.assd) == pytest.approx((hausdorff, assd), abs=1e-9)
    assert scores.hd95 == pytest.approx(hd95, rel=1e-6)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=50))
def test_the_percentile_is_that_of_numpy(distances):
    distances = np.array(distances)
    assert boundary._percentile_95(distances) == pytest.approx(np.percentile(distances, 95), rel=1e-12, abs=1e-12)


def test_a_mask_with_nan_is_an_error_and_one_without_pixels_has_no_distances():
    mask = np.ones((5, 7))
    with pytest.raises(ImageError, match="1 pixels of a mask are NaN"):
        score_boundaries(mask, np.where(np.eye(5, 7) * np.eye(5, 7)[0] > 0, np.nan, 1.0), spacing=1)
    assert math.isnan(score_boundaries(np.ones((0, 7)), np.ones((0, 7)), spacing=1).assd)


def test_pixel_sizes_that_are_no_numbers_are_an_error():
    with pytest.raises(UsageError, match="pixel sizes 'fine': not 2 numbers above 0"):
        score_boundaries(np.ones((5, 7)), np.ones((5, 7)), spacing="fine")
