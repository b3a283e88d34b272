"""What became of each object: against plain loops over masks, and where nothing is there."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pybridge.core.errors import ImageError, UsageError
from pybridge.metrics.detection import match
from pybridge.metrics.object_errors import find_object_errors
from pybridge.metrics.overlaps import overlaps
from tests.builders.scored_pairs import paint_balls, spoil


def brute_force(truth, result):
    """Say which labels are split and merged, with the labels of their parts, by looking at each pair of masks."""

    def gathering(inner, outer):
        holders = {}
        for label in np.unique(inner[inner > 0]):
            mask = inner == label
            for other in np.unique(outer[outer > 0]):
                if (mask & (outer == other)).sum() / mask.sum() > 0.5:
                    holders.setdefault(int(other), []).append(int(label))
        several = {holder: parts for holder, parts in holders.items() if len(parts) > 1}
        return sorted(several), sorted(part for parts in several.values() for part in parts)

    return gathering(result, truth), gathering(truth, result)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), shape=st.sampled_from([(23, 31), (7, 13, 17)]), count=st.integers(1, 9))
def test_splits_and_merges_equal_brute_force(seed, shape, count):
    truth = paint_balls(seed, shape=shape, count=count)
    result = spoil(truth, seed + 1)
    errors = find_object_errors(overlaps(truth, result))
    (split, pieces), (merged, swallowed) = brute_force(truth, result)
    assert errors.truth_ids[errors.split].tolist() == split
    assert errors.result_ids[errors.pieces].tolist() == pieces
    assert errors.result_ids[errors.merged].tolist() == merged
    assert errors.truth_ids[errors.swallowed].tolist() == swallowed


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), threshold=st.sampled_from([0.2, 0.5, 0.75, 1.0]))
def test_every_object_is_accounted_for(seed, threshold):
    truth = paint_balls(seed, shape=(31, 43), count=12)
    found = overlaps(truth, spoil(truth, seed + 1))
    errors = find_object_errors(found, threshold=threshold)
    counts = match(found, thresholds=(threshold,)).counts[0]
    assert errors.matched_count == counts.tp
    assert errors.matched_iou.sum() == pytest.approx(counts.iou_sum, abs=1e-12)
    assert errors.count_error == counts.fp - counts.fn
    explained = set(errors.matched_truth) | set(errors.split) | set(errors.swallowed)
    assert set(errors.missed) == set(range(errors.truth_count)) - explained
    explained = set(errors.matched_result) | set(errors.merged) | set(errors.pieces)
    assert set(errors.spurious) == set(range(errors.result_count)) - explained


def test_the_pairs_are_the_objects_that_overlap():
    truth = np.array([[9, 9, 9, 0, 4, 4, 4, 4]])
    result = np.array([[2, 2, 2, 0, 7, 7, 7, 0]])
    errors = find_object_errors(overlaps(truth, result))
    pairs = zip(errors.truth_ids[errors.matched_truth], errors.result_ids[errors.matched_result], strict=True)
    assert [(int(a), int(b)) for a, b in pairs] == [(4, 7), (9, 2)]
    assert errors.matched_iou.tolist() == [0.75, 1.0]
    assert errors.mean_matched_iou == 0.875


def test_a_split_object_may_still_be_matched_and_its_pieces_are_not_spurious():
    truth = np.array([[1, 1, 1, 1, 1, 0, 0]])
    result = np.array([[1, 1, 1, 2, 2, 0, 3]])
    errors = find_object_errors(overlaps(truth, result))
    assert (errors.matched_count, errors.split_count, errors.missed_count) == (1, 1, 0)
    assert errors.pieces.tolist() == [0, 1]
    assert errors.result_ids[errors.spurious].tolist() == [3]


def test_touching_objects_found_as_one_are_merged_and_not_missed():
    truth = np.array([[1, 1, 1, 2, 2, 2, 0, 5]])
    result = np.array([[4, 4, 4, 4, 4, 4, 0, 0]])
    errors = find_object_errors(overlaps(truth, result), threshold=0.6)
    assert errors.result_ids[errors.merged].tolist() == [4]
    assert errors.truth_ids[errors.swallowed].tolist() == [1, 2]
    assert errors.truth_ids[errors.missed].tolist() == [5]
    assert (errors.spurious_count, errors.count_error) == (0, -2)


def test_a_border_set_a_little_off_is_neither_split_nor_merge():
    truth = np.array([[1, 1, 1, 1, 2, 2, 2, 2]])
    result = np.array([[1, 1, 1, 1, 1, 2, 2, 2]])
    errors = find_object_errors(overlaps(truth, result))
    assert (errors.split_count, errors.merged_count, errors.matched_count) == (0, 0, 2)


def test_exactly_half_lies_in_nothing():
    truth = np.array([[1, 1, 2, 2, 0, 0]])
    result = np.array([[0, 3, 3, 3, 3, 0]])
    errors = find_object_errors(overlaps(truth, result))
    assert errors.merged_count == 0


def test_an_object_nested_in_another_result_is_no_split():
    truth = np.zeros((9, 15), int)
    truth[1:8, 2:13] = 1
    result = truth.copy()
    result[3:5, 4:6] = 2
    truth[3:5, 4:6] = 6  # nested in both
    errors = find_object_errors(overlaps(truth, result))
    assert (errors.matched_count, errors.split_count, errors.merged_count) == (2, 0, 0)


@pytest.mark.parametrize(("truth", "result"), [(0, 0), (0, 1), (1, 0)])
def test_empty_sides_have_errors_of_one_kind(truth, result):
    errors = find_object_errors(overlaps(np.full((5, 7), truth), np.full((5, 7), result)))
    assert (errors.missed_count, errors.spurious_count) == (truth, result)
    assert (errors.matched_count, errors.split_count, errors.merged_count) == (0, 0, 0)
    assert errors.count_error == result - truth
    assert math.isnan(errors.mean_matched_iou)


def test_seventy_thousand_objects_with_gaps_between_their_ids():
    truth = np.zeros((530, 540), np.int64)
    truth[::2, ::2] = 7 * np.arange(1, 265 * 270 + 1).reshape(265, 270)
    result = truth.copy()
    result[0, :20] = 0
    result[4, 4:7] = truth[4, 4]
    errors = find_object_errors(overlaps(truth, result))
    assert errors.truth_count == 71550
    assert errors.truth_ids[errors.missed].tolist() == list(range(7, 77, 7))
    assert errors.result_ids[errors.merged].tolist() == [truth[4, 4]]
    assert errors.matched_count == 71550 - 10 - 2


@pytest.mark.parametrize("kind", [np.uint16, np.int64, np.uint64, np.float32, np.bool_])
def test_ids_are_those_of_the_images(kind):
    ids = [1] if kind is np.bool_ else [3, 60001] if kind is np.uint16 else [3, 2**24]
    labels = np.zeros((5, 7), kind)
    labels[1, 1], labels[3, 3:5] = ids[0], ids[-1]
    found = overlaps(labels, labels)
    assert found.truth_ids.tolist() == found.result_ids.tolist() == ids
    assert found.truth_ids.dtype == np.int64


def test_ids_far_apart_are_kept():
    labels = np.array([[0, 2**40, 5]])
    full = np.array([[2**33 + 7, 2**40, 5]])
    assert overlaps(labels, full).truth_ids.tolist() == [5, 2**40]
    assert overlaps(labels, full).result_ids.tolist() == [5, 2**33 + 7, 2**40]


def test_ids_beyond_int64_are_an_error():
    labels = np.array([[0, 2**63 + 5]], np.uint64)
    with pytest.raises(ImageError, match=r"the result has values of 2\*\*63 and above"):
        overlaps(np.zeros((1, 2), int), labels)


def test_a_threshold_out_of_range_is_an_error():
    found = overlaps(np.array([[1]]), np.array([[1]]))
    with pytest.raises(UsageError, match=r"match objects at IoU 1\.2: out of range"):
        find_object_errors(found, threshold=1.2)
