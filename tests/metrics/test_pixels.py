"""Pixel scores, against scikit-learn, and the numbers that torchmetrics and seg-metrics gave."""

from __future__ import annotations

import csv
import math

import numpy as np
import pytest
import tifffile
from sklearn.metrics import f1_score, jaccard_score

from pybridge.core.errors import ImageError, UsageError
from pybridge.metrics.pixels import PixelCounts, pool_pixels, score_pixels
from tests.builders.scored_pairs import named_pair

# seg-metrics 1.2.8, computeQualityMeasures(result > 0, truth > 0): dice, jaccard, TP, FP, FN. torchmetrics 1.9.0,
# dice_score and mean_iou of the foreground, gives the same to the seven digits of its float32.
SEG_METRICS = {
    "flat": (0.735810534912209, 0.5820413436692506, 901, 335, 312),
    "crowd": (0.8372632392732895, 0.7200797872340425, 2166, 235, 607),
    "stack": (0.7346218857940766, 0.5805552328958067, 4998, 1508, 2103),
}


@pytest.mark.parametrize("name", SEG_METRICS)
def test_the_foreground_scores_as_in_seg_metrics(name):
    scores = score_pixels(*named_pair(name))
    dice, iou, tp, fp, fn = SEG_METRICS[name]
    assert scores.foreground == PixelCounts(tp, fp, fn)
    assert scores.dice == pytest.approx(dice, abs=1e-12)
    assert scores.iou == pytest.approx(iou, abs=1e-12)


def test_classes_score_as_in_scikit_learn():
    rng = np.random.default_rng(3)
    truth, result = rng.integers(0, 4, (2, 11, 23))
    scores = score_pixels(truth, result, classes=(0, 1, 2, 3))
    dice = f1_score(truth.ravel(), result.ravel(), average=None)
    iou = jaccard_score(truth.ravel(), result.ravel(), average=None)
    assert [counts.dice for counts in scores.per_class] == pytest.approx(dice, abs=1e-12)
    assert [counts.iou for counts in scores.per_class] == pytest.approx(iou, abs=1e-12)


def test_annotators_score_against_gold_as_their_index_says(shared_data):
    folder = shared_data / "multi_annotator"
    with (folder / "index.csv").open() as lines:
        rows = list(csv.DictReader(lines))
    assert len(rows) == 28
    for row in rows[:10]:
        gold = tifffile.imread(folder / "gold" / f"{row['name']}.tif")
        people = tifffile.imread(folder / "annotators" / f"{row['name']}.tif")
        stated = [float(row[name]) for name in row if name.startswith("iou_gold_Person")]
        assert [score_pixels(gold, person).iou for person in people] == pytest.approx(stated, abs=5.1e-5)


def test_all_classes_are_those_of_either_image():
    scores = score_pixels(np.array([[0, 1, 1]]), np.array([[0, 1, 5]]), classes="all")
    assert scores.classes == (1, 5)
    assert scores.per_class == (PixelCounts(1, 0, 1), PixelCounts(0, 1, 0))


def test_objects_have_no_classes():
    scores = score_pixels(np.array([[0, 1, 2]]), np.array([[0, 7, 9]]))
    assert (scores.iou, scores.per_class) == (1.0, ())


def test_what_is_nowhere_has_no_score():
    empty = np.zeros((5, 7), np.uint8)
    scores = score_pixels(empty, empty, classes=(1,))
    assert all(math.isnan(value) for value in (scores.dice, scores.iou, scores.per_class[0].dice))
    assert math.isnan(scores.foreground.precision)
    assert math.isnan(scores.foreground.recall)


@pytest.mark.parametrize("truth_is_empty", [True, False])
def test_one_empty_side_scores_zero(truth_is_empty):
    empty, full = np.zeros((5, 7), np.uint8), np.ones((5, 7), np.uint8)
    scores = score_pixels(empty, full) if truth_is_empty else score_pixels(full, empty)
    assert (scores.dice, scores.iou) == (0.0, 0.0)
    assert math.isnan(scores.foreground.recall) == truth_is_empty


def test_pooled_pixels_are_added_and_not_averaged():
    one = score_pixels(np.array([[1, 1, 1, 0]]), np.array([[1, 0, 0, 0]]), classes="all")
    other = score_pixels(np.array([[2]]), np.array([[2]]), classes="all")
    pooled = pool_pixels([one, other])
    assert pooled.foreground == PixelCounts(2, 0, 2)
    assert pooled.classes == (1, 2)
    assert pooled.per_class == (PixelCounts(1, 0, 2), PixelCounts(1, 0, 0))


def test_wrong_input_is_an_error():
    with pytest.raises(ImageError, match=r"the result has shape \(7, 5\), the truth \(5, 7\)"):
        score_pixels(np.zeros((5, 7)), np.zeros((7, 5)))
    with pytest.raises(UsageError, match="score the classes 'some': no such choice"):
        score_pixels(np.zeros((5, 7)), np.zeros((5, 7)), classes="some")
    with pytest.raises(UsageError, match="one is there twice"):
        score_pixels(np.zeros((5, 7)), np.zeros((5, 7)), classes=(1, 1))
    with pytest.raises(UsageError, match="pool the pixel scores of 0 images"):
        pool_pixels([])


@pytest.mark.parametrize(
    ("value", "message"),
    [(np.nan, "not whole numbers"), (0.5, "not whole numbers"), (-1, "int64 with values below 0")],
)
def test_values_that_are_no_class_are_an_error(value, message):
    wrong, zeros = np.array([[value, 1, 0]]), np.zeros((1, 3), np.uint8)
    with pytest.raises(ImageError, match=f"the truth .* {message}"):
        score_pixels(wrong, zeros, classes="all")
    with pytest.raises(ImageError, match=f"the result .* {message}"):
        score_pixels(zeros, wrong)


@pytest.mark.parametrize("classes", [(1.5,), (-1,)])
def test_classes_that_no_pixel_can_have_are_an_error(classes):
    with pytest.raises(UsageError, match="not whole numbers from 0"):
        score_pixels(np.zeros((5, 7), int), np.zeros((5, 7), int), classes=classes)


def test_thousands_of_classes_are_counted_at_once():
    truth = np.arange(90_000).reshape(300, 300)
    scores = score_pixels(truth, np.roll(truth, 1), classes="all")
    assert len(scores.classes) == 89_999
    assert {counts.iou for counts in scores.per_class} == {0.0}
    assert score_pixels(truth, truth, classes=(0, 5)).per_class == (PixelCounts(1, 0, 0),) * 2
