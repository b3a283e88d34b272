"""Detection scores, against a brute-force matching written here, and in the cases where nothing is defined."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage
from scipy.optimize import linear_sum_assignment

from pybridge.core.errors import ImageError, UsageError
from pybridge.metrics import matching
from pybridge.metrics.detection import THRESHOLDS, Counts, match, overlaps, pool, scores_to_json
from tests.builders.scored_pairs import named_pair


def brute_force(truth, result, threshold):
    """Count pairs and sum their IoU over the full table of objects."""
    truth_ids, result_ids = (np.unique(labels[labels > 0]) for labels in (truth, result))
    iou = np.zeros((truth_ids.size, result_ids.size))
    for row, a in enumerate(truth_ids):
        for column, b in enumerate(result_ids):
            iou[row, column] = ((truth == a) & (result == b)).sum() / ((truth == a) | (result == b)).sum()
    worth = np.where(iou >= threshold, 1000 + iou, 0)
    rows, columns = linear_sum_assignment(worth, maximize=True)
    pairs = worth[rows, columns] > 0
    tp = int(pairs.sum())
    return tp, result_ids.size - tp, truth_ids.size - tp, float(iou[rows, columns][pairs].sum())


def random_labels(rng, shape, count):
    noise = ndimage.gaussian_filter(rng.random(shape), rng.uniform(0.3, 2))
    return np.digitize(noise, np.quantile(noise, np.linspace(0.3, 1, count + 1)[:-1]))


@settings(max_examples=80, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    count=st.integers(1, 9),
    change=st.sampled_from([0.0, 0.02, 0.1, 0.4]),
    low=st.sampled_from([0.05, 0.2, 0.5]),
)
def test_matching_equals_brute_force(seed, count, change, low):
    rng = np.random.default_rng(seed)
    truth = random_labels(rng, (9, 17), count)
    other = random_labels(rng, (9, 17), count + 1)
    result = np.where(rng.random(truth.shape) < change, other, truth)
    thresholds = (low, *THRESHOLDS)
    scores = match(overlaps(truth, result), thresholds=thresholds)
    for threshold, count_ in zip(thresholds, scores.counts, strict=True):
        tp, fp, fn, iou_sum = brute_force(truth, result, threshold)
        assert (count_.tp, count_.fp, count_.fn) == (tp, fp, fn)
        assert count_.iou_sum == pytest.approx(iou_sum)


# stardist 0.9.2, matching(truth, result, thresh=0.5, 0.55 … 0.95): (tp, fp, fn) at each, and then the mean IoU of the
# pairs and the panoptic quality at 0.5, which it computes from IoU in float32.
STARDIST = {
    "flat": (
        [(6, 8, 8), (5, 9, 9), (5, 9, 9), (4, 10, 10), (3, 11, 11), *[(1, 13, 13)] * 5],
        (0.7078630924224854, 0.3033698967524937),
    ),
    "crowd": (
        [
            *[(15, 13, 15), (13, 15, 17), (12, 16, 18), (11, 17, 19), (10, 18, 20), (8, 20, 22), (3, 25, 27)],
            *[(1, 27, 29), (0, 28, 30), (0, 28, 30)],
        ],
        (0.7199828465779622, 0.37240492064377356),
    ),
    "stack": (
        [(3, 19, 13), (1, 21, 15), (1, 21, 15), *[(0, 22, 16)] * 7],
        (0.551196018854777, 0.0870309503454911),
    ),
}


@pytest.mark.parametrize("name", STARDIST)
def test_matching_equals_that_of_stardist(name):
    counts, (sq, pq) = STARDIST[name]
    scores = match(overlaps(*named_pair(name)))
    assert [(count.tp, count.fp, count.fn) for count in scores.counts] == counts
    assert scores.counts[0].sq == pytest.approx(sq, abs=2e-7)
    assert scores.counts[0].pq == pytest.approx(pq, abs=2e-7)


def test_counts_pool_as_in_stardist():
    # stardist 0.9.2, matching_dataset of flat and crowd at 0.5: tp, fp, fn, accuracy (our AP), panoptic quality
    pooled = pool([match(overlaps(*named_pair(name))) for name in ("flat", "crowd")]).pooled.counts[0]
    assert (pooled.tp, pooled.fp, pooled.fn) == (21, 21, 23)
    assert pooled.ap == pytest.approx(0.3230769230769231, abs=1e-12)
    assert pooled.pq == pytest.approx(0.34992839014807414, abs=2e-7)


def test_panoptic_quality_equals_that_of_torchmetrics():
    # torchmetrics 1.9.0, panoptic_quality of flat with its foreground as one class of things: PQ, SQ, RQ in float32
    count = match(overlaps(*named_pair("flat"))).counts[0]
    assert (count.pq, count.sq, count.rq) == pytest.approx((0.3033698997, 0.7078630924, 0.4285714328), abs=1e-7)


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_other_ids_and_types_change_nothing(seed):
    rng = np.random.default_rng(seed)
    truth, result = random_labels(rng, (11, 23), 6), random_labels(rng, (11, 23), 5)
    far = np.concatenate([[0], rng.choice(2**31 - 1, 6, replace=False) + 1])[truth]
    few = np.concatenate([[0], rng.permutation(200)[:5] + 1])[result].astype(np.float32)
    assert match(overlaps(far, few)) == match(overlaps(truth, result))
    assert match(overlaps(truth.astype(np.uint64), result.astype(np.uint8))) == match(overlaps(truth, result))


def test_of_two_halves_only_one_matches():
    truth = np.array([[1, 1, 1, 1, 0, 2, 2, 2, 2]])
    result = np.array([[1, 1, 2, 2, 0, 3, 3, 3, 3]])
    first = match(overlaps(truth, result)).counts[0]
    assert (first.tp, first.fp, first.fn) == (2, 1, 0)
    assert first.iou_sum == 1.5


def test_ties_are_broken_so_that_most_objects_match():
    # Truth 1 could take result 1 or 2, truth 2 only result 2; taking the first pair that fits would lose one.
    truth = np.array([[1, 1, 1, 1, 2, 2, 2, 2]])
    result = np.array([[2, 2, 1, 1, 1, 1, 3, 3]])
    assert match(overlaps(truth, result), thresholds=(0.3,)).counts[0].tp == 2


def test_a_pair_at_the_threshold_matches():
    truth = np.concatenate([np.ones(20), np.zeros(20)]).astype(int)[None]
    for shared in range(10, 20):
        result = np.zeros_like(truth)
        result[0, :shared] = 1
        scores = match(overlaps(truth, result))
        assert sum(count.tp for count in scores.counts) == shared - 9


def test_nested_objects_do_not_match_at_half():
    truth = np.zeros((9, 15), int)
    truth[1:8, 2:13] = 1
    result = np.zeros_like(truth)
    result[3:6, 4:8] = 4
    count = match(overlaps(truth, result)).counts[0]
    assert (count.tp, count.fp, count.fn) == (0, 1, 1)


def test_one_pixel_is_an_object():
    labels = np.zeros((5, 7), np.uint8)
    labels[2, 3] = 9
    scores = match(overlaps(labels, labels))
    assert scores.mean_ap == 1
    assert scores.counts[-1].pq == 1


def test_scores_follow_from_the_counts():
    count = Counts(tp=6, fp=2, fn=4, iou_sum=4.5)
    assert count.precision == 0.75
    assert count.recall == 0.6
    assert count.f1 == count.rq == pytest.approx(2 * 0.75 * 0.6 / 1.35)
    assert count.ap == 0.5
    assert count.sq == 0.75
    assert count.pq == pytest.approx(count.sq * count.rq)


def test_nothing_found_where_nothing_is_has_no_score():
    empty = np.zeros((5, 7), np.uint8)
    scores = match(overlaps(empty, empty))
    assert math.isnan(scores.mean_ap)
    assert all(math.isnan(getattr(scores.counts[0], name)) for name in ("precision", "recall", "f1", "ap", "sq", "pq"))


@pytest.mark.parametrize("truth_is_empty", [True, False])
def test_one_empty_side_scores_zero_where_defined(truth_is_empty):
    empty, full = np.zeros((5, 7), np.uint8), np.ones((5, 7), np.uint8)
    count = match(overlaps(empty, full) if truth_is_empty else overlaps(full, empty)).counts[0]
    assert count.ap == count.f1 == count.pq == 0
    assert math.isnan(count.sq)
    assert math.isnan(count.recall) == truth_is_empty
    assert math.isnan(count.precision) != truth_is_empty


def test_a_stack_is_scored_as_a_whole():
    truth = np.zeros((5, 7, 11), int)
    truth[1:4, 2:5, 3:8] = 2
    assert match(overlaps(truth, truth)).counts[0] == Counts(tp=1, fp=0, fn=0, iou_sum=1.0)


def test_pooled_counts_are_sums_and_not_means_of_images():
    one, many = np.array([[1, 0, 0, 0]]), np.array([[1, 2, 3, 4]])
    scores = pool([match(overlaps(one, one), name="a"), match(overlaps(many, np.zeros_like(many)), name="b")])
    assert scores.pooled.counts[0] == Counts(tp=1, fp=0, fn=4, iou_sum=1.0)
    assert scores.pooled.mean_ap == pytest.approx(0.2)
    assert [image.name for image in scores.per_image] == ["a", "b"]


def test_the_interval_repeats_and_holds_the_pooled_score():
    rng = np.random.default_rng(4)
    images = []
    for _ in range(30):
        truth = random_labels(rng, (11, 23), 6)
        images.append(match(overlaps(truth, np.where(rng.random(truth.shape) < 0.1, 0, truth))))
    first, again = pool(images), pool(images)
    assert first.ap_interval == again.ap_interval
    for count, (low, high) in zip(first.pooled.counts, first.ap_interval, strict=True):
        assert low <= count.ap <= high
    low, high = first.mean_ap_interval
    assert low < first.pooled.mean_ap < high


def test_the_interval_of_equal_images_is_a_point_and_of_one_image_undefined():
    labels = np.array([[1, 0, 2]])
    scores = match(overlaps(labels, np.array([[1, 0, 0]])))
    assert pool([scores] * 5).ap_interval[0] == (0.5, 0.5)
    assert all(math.isnan(bound) for bound in pool([scores]).ap_interval[0])


def test_json_has_the_structure_of_the_interface():
    labels = np.array([[1, 0, 2]])
    scores = scores_to_json(pool([match(overlaps(labels, labels), name="x"), match(overlaps(labels * 0, labels * 0))]))
    text = json.loads(json.dumps(scores, allow_nan=False))
    keys = [f"{percent / 100:.2f}" for percent in range(50, 100, 5)]
    assert list(text) == ["images", "pooled", "mean_ap", "per_image", "ci95"]
    assert text["images"] == 2
    assert list(text["pooled"]) == keys
    assert set(text["pooled"]["0.50"]) == {"tp", "fp", "fn", "precision", "recall", "f1", "ap", "pq", "sq", "rq"}
    assert text["per_image"][0]["name"] == "x"
    assert text["per_image"][1]["mean_ap"] is None
    assert list(text["ci95"]) == [*keys, "mean_ap"]
    assert text["ci95"]["0.50"]["ap"] == [1.0, 1.0]


def test_images_of_different_shapes_are_an_error():
    with pytest.raises(ImageError, match=r"the result has shape \(7, 5\), the truth \(5, 7\)"):
        overlaps(np.zeros((5, 7), int), np.zeros((7, 5), int))


@pytest.mark.parametrize("value", [0.5, np.nan, np.inf])
def test_a_smoothed_mask_is_an_error(value):
    with pytest.raises(ImageError, match="the truth has values that are not whole numbers"):
        overlaps(np.full((5, 7), value), np.zeros((5, 7), int))


def test_values_below_zero_are_an_error():
    with pytest.raises(ImageError, match="the result is int64 with values below 0"):
        overlaps(np.zeros((5, 7), int), np.full((5, 7), -1))


@pytest.mark.parametrize(
    ("thresholds", "message"),
    [((), "no IoU threshold"), ((0.0,), "IoU 0.0: out of range"), ((0.5, 1.5), "IoU 1.5: out of range")],
)
def test_thresholds_out_of_range_are_an_error(thresholds, message):
    labels = np.array([[1]])
    with pytest.raises(UsageError, match=message):
        match(overlaps(labels, labels), thresholds=thresholds)


def test_pooling_nothing_or_unlike_scores_is_an_error():
    found = overlaps(np.array([[1]]), np.array([[1]]))
    with pytest.raises(UsageError, match="pool the scores of 0 images: none"):
        pool([])
    with pytest.raises(UsageError, match="different thresholds"):
        pool([match(found), match(found, thresholds=(0.5,))])


def drawn(name):
    """Draw small cases in which something is missing, nested, touching or in halves."""
    empty, full = np.zeros((9, 15), int), np.ones((9, 15), int)
    pixel, inner, outer = empty.copy(), empty.copy(), empty.copy()
    pixel[4, 3] = 7
    inner[3:6, 4:8], outer[1:8, 2:13] = 1, 4
    quarters, eighths = np.repeat(np.arange(1, 9), 4)[None], np.repeat(np.arange(1, 17), 2)[None]
    return {
        "empty": (empty, empty),
        "no truth": (empty, full),
        "no result": (full, empty),
        "one pixel": (pixel, pixel),
        "one pixel in all": (pixel, full),
        "nested": (outer, inner),
        "nested in both": (np.where(inner, 2, outer), np.where(inner, 9, outer)),
        "halves found": (quarters, eighths),
        "pairs found as one": (eighths, quarters),
        "touching": (np.repeat([[1, 2]], 4, 1), np.repeat([[8, 9]], (3, 5), 1)),
    }[name]


# stardist 0.9.2, matching(truth, result, thresh=…): (tp, fp, fn) at 0.5 and at 0.75
DRAWN = {
    "empty": [(0, 0, 0), (0, 0, 0)],
    "no truth": [(0, 1, 0), (0, 1, 0)],
    "no result": [(0, 0, 1), (0, 0, 1)],
    "one pixel": [(1, 0, 0), (1, 0, 0)],
    "one pixel in all": [(0, 1, 1), (0, 1, 1)],
    "nested": [(0, 1, 1), (0, 1, 1)],
    "nested in both": [(2, 0, 0), (2, 0, 0)],
    "halves found": [(8, 8, 0), (0, 16, 8)],
    "pairs found as one": [(8, 0, 8), (0, 8, 16)],
    "touching": [(2, 0, 0), (2, 0, 0)],
}


@pytest.mark.parametrize("name", DRAWN)
def test_degenerate_cases_match_as_in_stardist(name):
    counts = match(overlaps(*drawn(name)), thresholds=(0.5, 0.75)).counts
    assert [(count.tp, count.fp, count.fn) for count in counts] == DRAWN[name]


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), objects=st.sampled_from([1, 3, 8]))
def test_objects_that_compete_are_matched_in_blocks_as_well_as_all_at_once(seed, objects):
    rng = np.random.default_rng(seed)
    truth, result = random_labels(rng, (9, 17), 8), random_labels(rng, (9, 17), 9)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(matching, "_BLOCK_OBJECTS", objects)
        counts = match(overlaps(truth, result), thresholds=(0.02, 0.1)).counts
    for threshold, count in zip((0.02, 0.1), counts, strict=True):
        assert (count.tp, count.fp, count.fn) == brute_force(truth, result, threshold)[:3]
        assert count.iou_sum == pytest.approx(brute_force(truth, result, threshold)[3])


def test_twenty_thousand_objects_that_each_fit_two_are_matched_once():
    truth = np.repeat(np.arange(1, 20_001), 4).reshape(80, 1000)
    result = np.repeat(np.arange(1, 40_001), 2).reshape(80, 1000)
    count = match(overlaps(truth, result), thresholds=(0.5,)).counts[0]
    assert (count.tp, count.fp, count.fn, count.iou_sum) == (20_000, 20_000, 0, 10_000.0)


def test_one_object_against_seventy_thousand_keeps_no_full_table():
    small = 1 + np.arange(300 * 300).reshape(300, 300)
    found = overlaps(np.ones_like(small), small)
    assert (found.truth.size, found.result_ids.size) == (90_000, 90_000)
    count = match(found).counts[0]
    assert (count.tp, count.fp, count.fn) == (0, 90_000, 1)


LAYOUTS = {
    "big-endian": lambda a: a.astype(">i4"),
    "big-endian float": lambda a: a.astype(">f4"),
    "half float": lambda a: a.astype(np.float16),
    "long double": lambda a: a.astype(np.longdouble),
    "columns first": np.asfortranarray,
    "every second pixel": lambda a: np.repeat(np.repeat(a, 2, 0), 2, 1)[::2, ::2],
    "turned": lambda a: a[::-1, ::-1].copy()[::-1, ::-1],
    "uint32 above 2**31": lambda a: np.where(a, a.astype(np.uint32) + np.uint32(2**31 + 5), 0).astype(np.uint32),
    "uint64 above 2**62": lambda a: np.where(a, a.astype(np.uint64) + np.uint64(2**62), np.uint64(0)),
    "float above 2**31": lambda a: np.where(a, a + 2.0**40, 0),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_layout_and_size_of_ids_change_nothing(layout):
    truth, result = named_pair("flat")
    expected = match(overlaps(truth, result))
    changed = LAYOUTS[layout](truth), LAYOUTS[layout](result)
    for labels in changed:
        labels.flags.writeable = False
    assert match(overlaps(*changed)) == expected
    assert match(overlaps(changed[0], result)) == expected


@pytest.mark.parametrize(("kind", "bits"), [(np.float16, 11), (np.float32, 24), (np.float64, 53)])
def test_floating_point_ids_that_may_have_been_rounded_are_an_error(kind, bits):
    empty = np.zeros((5, 7), int)
    with pytest.raises(
        ImageError, match=rf"the truth is float\d\d with values above 2\*\*{bits}, where ids are rounded"
    ):
        overlaps(np.full((5, 7), 2**bits + 4, kind), empty)
    assert overlaps(np.full((5, 7), 2**bits, kind), empty).truth_ids.tolist() == [2**bits]
