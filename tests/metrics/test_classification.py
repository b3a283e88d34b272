"""Scores of classes, against scikit-learn, and the calibration error that torchmetrics gave."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics

from pybridge.core.errors import UsageError
from pybridge.metrics.classification import score_classes


def guesses(seed, items=200, classes=5):
    """True classes, of which the last never occurs, probabilities, and the most probable classes."""
    rng = np.random.default_rng(seed)
    truth = (rng.random(items) * (classes - 1)).astype(int)
    probabilities = rng.random((items, classes))
    probabilities[np.arange(items), truth] += rng.random(items)
    probabilities /= probabilities.sum(1, keepdims=True)
    return truth, probabilities, probabilities.argmax(1)


def test_confusion_and_calibration_equal_those_of_torchmetrics():
    # torchmetrics 1.9.0: multiclass_confusion_matrix; multiclass_calibration_error(n_bins=15, norm="l1"), in float32
    truth, probabilities, predicted = guesses(7)
    scores = score_classes(truth, predicted, probabilities=probabilities, classes=range(5))
    expected = [[35, 4, 2, 6, 4], [2, 32, 5, 3, 1], [2, 6, 41, 3, 2], [5, 3, 5, 35, 4], [0, 0, 0, 0, 0]]
    assert scores.confusion.tolist() == expected
    assert scores.ece == pytest.approx(0.3377852141857147, abs=1e-7)


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), items=st.integers(1, 60), named=st.booleans())
def test_scores_equal_those_of_scikit_learn(seed, items, named):
    truth, _, predicted = guesses(seed, items)
    names = np.array(["ana", "inter", "meta", "pro", "telo"] if named else range(5))
    truth, predicted = names[truth], names[predicted]
    scores = score_classes(truth, predicted, classes=names)
    assert scores.confusion.tolist() == metrics.confusion_matrix(truth, predicted, labels=names).tolist()
    assert scores.accuracy == pytest.approx(metrics.accuracy_score(truth, predicted), abs=1e-12)
    expected = metrics.precision_recall_fscore_support(truth, predicted, labels=names, zero_division=np.nan)
    assert scores.precision == pytest.approx(expected[0], abs=1e-12, nan_ok=True)
    assert scores.recall == pytest.approx(expected[1], abs=1e-12, nan_ok=True)
    assert scores.f1 == pytest.approx(expected[2], abs=1e-12, nan_ok=True)
    assert scores.support.tolist() == expected[3].tolist()
    assert scores.balanced_accuracy == pytest.approx(np.nanmean(expected[1]), abs=1e-12)
    assert scores.macro_precision == pytest.approx(np.nanmean(expected[0]), abs=1e-12)
    assert scores.macro_f1 == pytest.approx(np.nanmean(expected[2]), abs=1e-12)


def test_balanced_accuracy_equals_that_of_scikit_learn():
    truth, _, predicted = guesses(3)
    predicted = np.where(predicted == 4, 0, predicted)  # scikit-learn warns of classes that never occur
    expected = metrics.balanced_accuracy_score(truth, predicted)
    assert score_classes(truth, predicted).balanced_accuracy == pytest.approx(expected, abs=1e-12)


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), bins=st.integers(1, 20))
def test_the_reliability_curve_equals_brute_force(seed, bins):
    truth, probabilities, predicted = guesses(seed, 40)
    curve = score_classes(truth, predicted, probabilities=probabilities, classes=range(5), bins=bins).reliability
    gaps = 0.0
    for index in range(bins):
        stated = probabilities.max(1)
        inside = (stated > index / bins) & (stated <= (index + 1) / bins)
        assert curve.count[index] == inside.sum()
        if inside.any():
            assert curve.confidence[index] == pytest.approx(stated[inside].mean(), abs=1e-12)
            assert curve.accuracy[index] == pytest.approx((truth == predicted)[inside].mean(), abs=1e-12)
            gaps += inside.sum() * abs(stated[inside].mean() - (truth == predicted)[inside].mean())
        else:
            assert math.isnan(curve.accuracy[index])
    assert curve.ece == pytest.approx(gaps / 40, abs=1e-12)


def test_certain_and_right_is_calibrated_and_certain_and_wrong_is_not():
    sure = [[1.0, 0.0], [0.0, 1.0]]
    assert score_classes([0, 1], [0, 1], probabilities=sure, classes=(0, 1)).ece == 0.0
    assert score_classes([1, 0], [0, 1], probabilities=sure, classes=(0, 1)).ece == 1.0


def test_a_class_never_found_has_no_precision_and_one_that_never_occurs_no_recall():
    scores = score_classes(["a", "b"], ["a", "c"])
    assert scores.classes == ("a", "b", "c")
    assert scores.precision.tolist()[::2] == [1.0, 0.0]
    assert math.isnan(scores.precision[1])
    assert scores.recall.tolist()[:2] == [1.0, 0.0]
    assert math.isnan(scores.recall[2])
    assert scores.f1.tolist() == [1.0, 0.0, 0.0]
    assert scores.balanced_accuracy == 0.5


def test_without_items_nothing_is_defined():
    scores = score_classes([], [], classes=("a", "b"), probabilities=np.zeros((0, 2)))
    values = (scores.accuracy, scores.balanced_accuracy, scores.macro_f1, scores.ece)
    assert all(math.isnan(value) for value in values)
    assert math.isnan(score_classes(["a"], ["a"]).ece)


def test_classes_keep_the_order_they_are_given_in_and_are_sorted_otherwise():
    assert score_classes([10, 9], [9, 2]).classes == (2, 9, 10)
    assert score_classes(["b", "a"], ["a", "a"], classes=("b", "a")).confusion.tolist() == [[0, 1], [0, 1]]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"truth": [1], "predicted": [1, 2]}, "2 items, and 1 in the truth"),
        ({"truth": ["a"], "predicted": ["b"], "classes": ("a",)}, "'b' occurs too"),
        ({"truth": ["a"], "predicted": ["a"], "classes": ("a", "a")}, "one is there twice"),
        ({"truth": ["a"], "predicted": ["a"], "probabilities": [[0.5, 0.5]]}, r"shape \(1, 2\), not \(1, 1\)"),
        ({"truth": ["a"], "predicted": ["a"], "probabilities": [[1.5]]}, "values out of 0 to 1"),
        ({"truth": ["a"], "predicted": ["a"], "probabilities": [[1.0]], "bins": 0}, "0 bins: fewer than 1"),
    ],
)
def test_wrong_input_is_an_error(arguments, message):
    truth, predicted = arguments.pop("truth"), arguments.pop("predicted")
    with pytest.raises(UsageError, match=message):
        score_classes(truth, predicted, **arguments)


def test_numbers_of_numpy_are_those_of_python():
    listed = score_classes([np.int64(10), np.int64(9)], [np.int64(2), np.uint8(9)])
    assert listed.classes == (2, 9, 10)
    assert [type(name) for name in listed.classes] == [int] * 3
    assert score_classes(np.array(["b", "a"]), ["a", "a"], classes=("a", "b")).confusion.tolist() == [[1, 0], [1, 0]]


@pytest.mark.parametrize("make", [list, np.array])
def test_an_item_without_a_class_is_an_error(make):
    with pytest.raises(UsageError, match=r"1 items have no class \(NaN\)"):
        score_classes(make([np.nan, 1.0]), make([1.0, 1.0]))
    with pytest.raises(UsageError, match=r"shape \(2, 2\)"):
        score_classes(np.ones((2, 2)), np.ones((2, 2)))
    with pytest.raises(UsageError, match=r"shape \(0,\), not \(2, 1\)"):
        score_classes([1, 1], [1, 1], probabilities=[[0.5], [0.5, 0.5]])


def test_probabilities_at_the_edge_of_a_bin_belong_to_the_lower_one_as_in_scikit_learn():
    from sklearn.calibration import calibration_curve

    stated = np.arange(16) / 15
    probabilities = np.stack([stated, 1 - stated], 1)
    truth = np.arange(16) % 2
    curve = score_classes(truth, np.zeros(16, int), probabilities=probabilities, classes=(0, 1)).reliability
    right, mean = calibration_curve(truth == 0, stated, n_bins=15)
    assert curve.count.tolist() == [2] + [1] * 14
    assert curve.accuracy == pytest.approx(right, abs=1e-12)
    assert curve.confidence == pytest.approx(mean, abs=1e-12)
