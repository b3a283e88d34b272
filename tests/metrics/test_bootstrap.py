"""Intervals by bootstrap: they repeat, they cover, and where there is nothing to draw they are undefined."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from pybridge.core.errors import UsageError
from pybridge.metrics.bootstrap import (
    ENOUGH_IMAGES,
    HELD_PERCENT,
    bootstrap_draws,
    bootstrap_interval,
    few_images_text,
    mean_interval,
    percentile_interval,
)


def test_the_interval_equals_that_of_scipy_up_to_chance():
    values = np.random.default_rng(1).gamma(2, 1, 60)
    ours = bootstrap_interval(values, statistic=np.median, resamples=4000)
    theirs = stats.bootstrap((values,), np.median, method="percentile", n_resamples=4000, rng=5).confidence_interval
    assert ours == pytest.approx(tuple(theirs), abs=0.05)


def test_the_interval_covers_the_true_mean_nearly_as_often_as_it_says():
    rng = np.random.default_rng(2)
    hits = 0
    for _ in range(150):
        low, high = bootstrap_interval(rng.normal(3, 1, 40), statistic=np.mean, resamples=200)
        hits += low <= 3 <= high
    assert 0.86 * 150 <= hits <= 0.99 * 150


def test_rows_of_counts_are_drawn_whole():
    counts = np.array([(8, 2), (1, 9), (5, 5), (5, 5)])
    draws = bootstrap_draws(counts, statistic=lambda rows: rows.sum(0), resamples=50)
    assert draws.shape == (50, 2)
    assert (draws.sum(1) == 40).all()


def test_the_interval_repeats_and_depends_on_the_seed():
    values = np.arange(20.0)
    first = bootstrap_interval(values, statistic=np.mean)
    assert first == bootstrap_interval(values, statistic=np.mean)
    assert first != bootstrap_interval(values, statistic=np.mean, seed=1)


@pytest.mark.parametrize("values", [[], [0.4]])
def test_fewer_than_two_images_have_no_interval(values):
    assert all(math.isnan(bound) for bound in bootstrap_interval(values, statistic=np.mean))


def test_images_without_a_score_are_left_out():
    values = [0.2, float("nan"), 0.4, 0.9]
    assert mean_interval(values) == bootstrap_interval([0.2, 0.4, 0.9], statistic=np.mean)
    assert all(math.isnan(bound) for bound in mean_interval([float("nan"), 0.4]))


def test_draws_without_a_score_are_left_out():
    assert percentile_interval(np.array([1.0, np.nan, 1.0])) == (1.0, 1.0)
    assert all(math.isnan(bound) for bound in percentile_interval(np.array([np.nan])))


def test_no_resamples_are_an_error():
    with pytest.raises(UsageError, match="bootstrap with 0 resamples"):
        bootstrap_interval([1.0, 2.0], statistic=np.mean, resamples=0)


def test_infinite_scores_are_left_out() -> None:
    assert mean_interval([0.2, float("inf"), 0.4]) == mean_interval([0.2, 0.4])


@pytest.mark.parametrize("images", [2, 5, 10])
def test_intervals_from_few_images_hold_the_truth_as_seldom_as_it_is_said(images: int) -> None:
    scores = np.random.default_rng(3).beta(8, 2, (images, 600))
    draws = bootstrap_draws(scores, statistic=lambda rows: rows.mean(0))
    held = sum(low <= 0.8 <= high for low, high in map(percentile_interval, draws.T)) / 6
    assert abs(held - HELD_PERCENT[images]) < 10
    assert f"about {HELD_PERCENT[images]} % of them hold the true value" in few_images_text(images)


def test_only_few_images_are_warned_of() -> None:
    assert few_images_text(1).startswith("From 1 image there is no interval")
    assert "from 19 images are too narrow" in few_images_text(19)
    assert few_images_text(0) == few_images_text(ENOUGH_IMAGES) == ""
