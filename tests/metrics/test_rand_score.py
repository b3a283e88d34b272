"""The Rand F-score against counting pairs of pixels, and its degenerate cases."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pybridge.metrics.overlaps import overlaps
from pybridge.metrics.rand_score import rand_score
from tests.builders.blobs import paint_blobs

labels = st.lists(st.integers(0, 3), min_size=12, max_size=12)


def counted(first: np.ndarray, second: np.ndarray) -> float:
    """Count the pairs (a pixel with itself among them) one by one."""
    together = [(one[:, None] == one[None, :]) & (one[:, None] > 0) & (one[None, :] > 0) for one in (first, second)]
    both, all_pairs = (together[0] & together[1]).sum(), together[0].sum() + together[1].sum()
    return 2 * both / all_pairs if all_pairs else float("nan")


@settings(deadline=None)
@given(labels, labels)
def test_it_is_the_share_of_pixel_pairs(first: list[int], second: list[int]) -> None:
    one, other = np.array(first), np.array(second)
    found = rand_score(overlaps(one.reshape(3, 4), other.reshape(3, 4)))
    assert found == pytest.approx(counted(one, other), abs=1e-12, nan_ok=True)


def test_it_is_symmetric_and_one_for_renumbered_labels() -> None:
    first, second = paint_blobs(1), paint_blobs(2)
    assert rand_score(overlaps(first, second)) == pytest.approx(rand_score(overlaps(second, first)))
    assert rand_score(overlaps(first, np.where(first > 0, 100 - first, 0))) == 1.0


def test_scikit_image_agrees_where_the_foreground_is_the_same() -> None:
    from skimage.metrics import adapted_rand_error

    first = paint_blobs(3)
    second = np.where(first > 0, first // 2 + 1, 0)  # merged two by two
    error = adapted_rand_error(first, second)[0]
    # scikit-image leaves out the pair of a pixel with itself: with objects of hundreds of pixels the two are close.
    assert rand_score(overlaps(first, second)) == pytest.approx(1 - error, abs=5e-3)


def test_nothing_against_nothing_is_undefined_and_against_something_is_zero() -> None:
    empty = np.zeros((5, 7), int)
    assert np.isnan(rand_score(overlaps(empty, empty)))
    assert rand_score(overlaps(empty, np.eye(5, 7, dtype=int))) == 0.0


def test_a_pixel_makes_a_pair_with_itself_as_it_does_not_in_scikit_image() -> None:
    from skimage.metrics import adapted_rand_error

    first, second = np.array([[1, 1, 2, 2]]), np.array([[5, 5, 5, 5]])
    assert rand_score(overlaps(first, second)) == pytest.approx(2 / 3)
    assert 1 - adapted_rand_error(first, second)[0] == pytest.approx(0.5)
    assert rand_score(overlaps(first[:, :1], second[:, :1])) == 1.0  # one pixel, which makes no other pair
