"""Curves of a run as tables, and what they say of over-fitting."""

import csv
import io

import pytest

from pybridge.training.curves import find_overfitting, training_to_csv, validation_to_csv
from pybridge.training.history import History
from tests.builders.records import history_of

RISING = [0.40, 0.52, 0.60, 0.62, 0.625, 0.625, 0.624, 0.625]


def test_the_tables_hold_every_row_of_the_run():
    history = history_of([0.5, 0.61234567, 0.6])
    training = list(csv.DictReader(io.StringIO(training_to_csv(history))))
    validation = list(csv.DictReader(io.StringIO(validation_to_csv(history))))
    assert [int(row["step"]) for row in training] == [row.step for row in history.training]
    assert [float(row["foreground_loss"]) for row in training] == [0.5] * 30
    assert [float(row["mean_ap"]) for row in validation] == [0.5, 0.612346, 0.6]
    assert [row["best"] for row in validation] == ["0", "1", "0"]


def test_a_run_without_rows_gives_headers_only():
    assert training_to_csv(History()) == "step,loss,learning_rate,elapsed_s\n"
    assert validation_to_csv(History()).count("\n") == 1


def test_a_run_that_settled_gives_no_reason_to_act():
    losses = [0.5, 0.4, 0.35, 0.33, 0.32, 0.322, 0.319, 0.321]
    assert find_overfitting(history_of(RISING, losses=losses, training=losses)) == ()


def test_learning_by_heart_is_told_with_its_numbers():
    losses = [0.5, 0.40, 0.32, 0.34, 0.36, 0.38, 0.39, 0.40]
    training = [0.6, 0.5, 0.4, 0.35, 0.3, 0.25, 0.22, 0.2]
    (found,) = find_overfitting(history_of(RISING, losses=losses, training=training))
    assert found.startswith("Over-fitting: the validation loss rose by 25% from its lowest (0.3200 at step 300)")
    assert "to 0.4000 at step 800, while the training loss fell from 0.4000 to 0.2000" in found


@pytest.mark.parametrize(
    ("losses", "training"),
    [
        # Both rise: a learning rate too high, not learning by heart.
        ([0.5, 0.4, 0.32, 0.36, 0.38, 0.4, 0.4, 0.4], [0.6, 0.5, 0.3, 0.32, 0.35, 0.4, 0.4, 0.45]),
        # One bad validation among good ones.
        ([0.5, 0.4, 0.32, 0.32, 0.32, 0.32, 0.32, 0.40], [0.6, 0.5, 0.4, 0.35, 0.3, 0.25, 0.22, 0.2]),
        # Within what two validations differ by.
        ([0.5, 0.4, 0.32, 0.325, 0.33, 0.33, 0.33, 0.33], [0.6, 0.5, 0.4, 0.35, 0.3, 0.25, 0.22, 0.2]),
    ],
)
def test_other_rises_of_the_validation_loss_are_not_called_learning_by_heart(losses, training):
    assert find_overfitting(history_of(RISING, losses=losses, training=training)) == ()


def test_a_score_past_its_best_is_told_with_its_numbers():
    (found,) = find_overfitting(history_of([0.5, 0.6, 0.642, 0.63, 0.621]))
    assert "mean AP was 0.642 at step 300 and 0.621 at the end (step 500), 0.021 lower" in found
    assert "the 200 steps after it did not help" in found


def test_a_score_that_still_rose_asks_for_a_longer_training():
    (found,) = find_overfitting(history_of([0.3, 0.4, 0.45, 0.5, 0.55, 0.6, 0.63, 0.66]))
    assert "from 0.600 at step 600 to 0.660 at step 800, the last. A longer training may do better." in found


def test_two_validations_are_too_few_to_judge_and_that_is_said():
    (found,) = find_overfitting(history_of([0.5, 0.4]))
    assert "2 validation(s)" in found
    assert "too few" in found


def test_scores_that_are_not_defined_are_passed_over():
    nan = float("nan")
    assert find_overfitting(history_of([nan, 0.6, nan, 0.6, 0.6, nan])) == ()
