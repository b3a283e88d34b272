"""Paired test, correction and ranks, against scipy and counting by hand."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from pybridge.core.errors import UsageError
from pybridge.metrics.ranking import holm, places_of, rank_of, signed_rank, smallest_p, spearman

scores = st.lists(st.integers(-6, 6), min_size=1, max_size=9)


@pytest.mark.parametrize("count", [1, 5, 6, 12, 25])
def test_without_ties_the_p_value_is_scipys_exact_one(count: int) -> None:
    rng = np.random.default_rng(count)
    first, second = rng.random(count), rng.random(count) + 0.1
    expected = stats.wilcoxon(first, second, mode="exact")
    found = signed_rank(first, second)
    assert found.p == pytest.approx(expected.pvalue, abs=1e-12)
    assert min(found.rank_sum, count * (count + 1) / 2 - found.rank_sum) == pytest.approx(expected.statistic)


@settings(max_examples=60, deadline=None)
@given(scores)
def test_with_ties_every_choice_of_signs_is_counted(differences: list[int]) -> None:
    found = signed_rank(np.array(differences) / 8, np.zeros(len(differences)))
    known = [each for each in differences if each]
    assert (found.pairs, found.differing) == (len(differences), len(known))
    if not known:
        assert found.p == 1.0
        return
    ranks = stats.rankdata(np.abs(known))
    observed = ranks[np.array(known) > 0].sum()
    sums = np.array([ranks @ np.array(signs) for signs in itertools.product((0, 1), repeat=len(known))])
    expected = min(1.0, 2 * min((sums <= observed + 1e-9).mean(), (sums >= observed - 1e-9).mean()))
    assert found.p == pytest.approx(expected, abs=1e-12)


def test_many_images_use_the_normal_approximation() -> None:
    rng = np.random.default_rng(0)
    # Exact in binary, so that equal differences are equal to scipy too.
    first, second = rng.integers(0, 64, 400) / 64, rng.integers(4, 68, 400) / 64
    expected = stats.wilcoxon(first, second, mode="approx", correction=False)
    assert signed_rank(first, second).p == pytest.approx(expected.pvalue, abs=1e-9)


def test_an_image_without_a_score_is_no_pair() -> None:
    found = signed_rank([0.5, np.nan, 0.7], [0.4, 0.2, np.nan])
    assert (found.pairs, found.p) == (1, 1.0)
    assert np.isnan(signed_rank([np.nan], [1.0]).p)


def test_rounding_is_no_difference() -> None:
    assert signed_rank([0.1 + 0.2, 0.5], [0.3, 0.5]).differing == 0


def test_five_images_can_never_show_a_difference() -> None:
    assert signed_rank(np.ones(5), np.zeros(5)).p == smallest_p(5) == 0.0625
    assert signed_rank(np.ones(6), np.zeros(6)).p == smallest_p(6) < 0.05


def test_holm_is_the_step_down_rule() -> None:
    assert holm([0.01, 0.02, 0.04, 0.5]).tolist() == pytest.approx([0.04, 0.06, 0.08, 0.5])
    assert holm([0.9, 0.8]).tolist() == [1.0, 1.0]
    assert np.isnan(holm([np.nan, 0.03])[0])
    assert holm([np.nan, 0.03])[1] == 0.03
    assert holm([]).size == 0


@settings(deadline=None)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=8))
def test_holm_never_lowers_and_keeps_the_order(p: list[float]) -> None:
    corrected = holm(p)
    assert (corrected >= np.array(p) - 1e-15).all()
    order = np.argsort(p, kind="stable")
    assert (np.diff(corrected[order]) >= 0).all()


@settings(deadline=None)
@given(st.lists(st.integers(0, 5), min_size=1, max_size=12))
def test_ranks_are_scipys(values: list[int]) -> None:
    assert rank_of(values).tolist() == stats.rankdata(values).tolist()


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=3, max_size=12))
def test_spearman_is_scipys(pairs: list[tuple[int, int]]) -> None:
    first, second = (list(side) for side in zip(*pairs, strict=True))
    if len(set(first)) == 1 or len(set(second)) == 1:
        assert np.isnan(spearman(first, second))
    else:
        assert spearman(first, second) == pytest.approx(stats.spearmanr(first, second).statistic, abs=1e-12)


def test_places_are_those_of_a_race() -> None:
    assert places_of([0.5, 0.7, 0.7, np.nan, 0.1]) == (3, 1, 1, None, 4)


def test_an_infinite_score_differs_most_and_two_do_not_differ() -> None:
    found = signed_rank([np.inf, np.inf, 0.5, 0.9], [np.inf, 30.0, 0.6, 0.7])
    assert (found.pairs, found.differing, found.rank_sum) == (4, 3, 5.0)
    assert signed_rank([-np.inf], [1.0]).rank_sum == 0.0


def test_lists_of_different_lengths_are_an_error() -> None:
    for compare in (signed_rank, spearman):
        with pytest.raises(UsageError, match=r"shapes \(3,\) and \(1,\)"):
            compare([1, 2, 3], [1])


def test_holm_is_that_of_statsmodels() -> None:
    # statsmodels 0.15.0, multipletests(…, method="holm")
    assert holm([0.001, 0.04, 0.04, 0.2, 0.013, 0.6]) == pytest.approx([0.006, 0.16, 0.16, 0.4, 0.065, 0.6], abs=1e-12)
