"""Which of several methods is better on the same images: paired test, correction, ranks, correlation of ranks.

The test is Wilcoxon's signed-rank test (Biometrics Bulletin 1, 1945) over images, two-sided, and the correction for
several pairs is Holm's (Scandinavian Journal of Statistics 6, 1979). Undefined values are NaN. Imports core and numpy.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pybridge.core.errors import UsageError

_MOST_EXACT = 300
# Differences this small are rounding of scores that are the same.
_SAME = 1e-12


@dataclass(frozen=True, slots=True)
class SignedRank:
    """A Wilcoxon signed-rank test.

    Parameters
    ----------
    pairs : int
        Images on which both methods have a score.
    differing : int
        Those on which the scores differ; the others say nothing about which is better, and are left out.
    rank_sum : float
        Sum of the ranks of the images on which the first method is better.
    p : float
        Two-sided p value; 1 when no image differs, NaN without a pair.
    """

    pairs: int
    differing: int
    rank_sum: float
    p: float

    @property
    def favours_first(self) -> bool:
        """Whether the first method is the better one by its ranks."""
        return self.rank_sum > self.differing * (self.differing + 1) / 4


def signed_rank(first: ArrayLike, second: ArrayLike) -> SignedRank:
    """Test whether two methods differ on the same images.

    The p value is exact up to 300 images that differ, ties among the differences included: all ways to give the
    differences their signs are counted, where scipy's exact p takes ranks without ties. Beyond, it is that of the
    normal approximation, corrected for ties, without a correction for continuity.

    Parameters
    ----------
    first, second : array_like, shape (N,)
        A score of each method on each image; images where one is NaN are left out. An infinite score, as the PSNR of
        equal images, differs most of all, and two of them do not differ.

    Raises
    ------
    UsageError
        If one list is longer.

    Examples
    --------
    >>> signed_rank([0.9, 0.8, 0.7, 0.9, 0.6, 0.8], [0.5, 0.3, 0.1, 0.2, 0.1, 0.2]).p
    0.03125
    """
    one, other = _paired(first, second)
    difference = np.subtract(one, other, out=np.zeros(one.shape), where=one != other)  # two infinite ones are equal
    difference = difference[~np.isnan(difference)]
    pairs = difference.size
    difference = difference[np.abs(difference) > _SAME]
    if not pairs:
        return SignedRank(0, 0, float("nan"), float("nan"))
    if not difference.size:
        return SignedRank(pairs, 0, 0.0, 1.0)
    # Twice the mid-ranks are whole numbers, so that their sums can be counted.
    doubled = np.rint(2 * rank_of(np.round(np.abs(difference), 12))).astype(np.int64)
    better = int(doubled[difference > 0].sum())
    p = _exact_p(doubled, better) if difference.size <= _MOST_EXACT else _normal_p(doubled, better)
    return SignedRank(pairs, difference.size, better / 2, p)


def smallest_p(differing: int) -> float:
    """Give the smallest two-sided p value that so many images can reach, however large the difference.

    Examples
    --------
    >>> smallest_p(5), smallest_p(6)
    (0.0625, 0.03125)
    """
    return min(1.0, math.ldexp(1.0, 1 - differing))


def holm(p_values: ArrayLike) -> NDArray[np.float64]:
    """Correct p values for having made several tests (Holm's step-down method); NaN is no test, and stays.

    Examples
    --------
    >>> holm([0.01, 0.04, 0.03]).tolist()
    [0.03, 0.06, 0.06]
    """
    p = np.asarray(p_values, np.float64)
    corrected = np.full(p.shape, np.nan)
    tests = np.flatnonzero(~np.isnan(p))
    order = tests[np.argsort(p[tests], kind="stable")]
    steps = p[order] * (tests.size - np.arange(tests.size))
    corrected[order] = np.minimum(1.0, np.maximum.accumulate(steps)) if tests.size else steps
    return corrected


def rank_of(values: ArrayLike) -> NDArray[np.float64]:
    """Rank values from the smallest (1) up; equal ones share the mean of their ranks. NaN stays NaN.

    Examples
    --------
    >>> rank_of([0.2, 0.9, 0.2]).tolist()
    [1.5, 3.0, 1.5]
    """
    numbers = np.asarray(values, np.float64)
    ranks = np.full(numbers.shape, np.nan)
    known = ~np.isnan(numbers)
    _, place, count = np.unique(numbers[known], return_inverse=True, return_counts=True)
    last = np.cumsum(count)
    ranks[known] = (last - (count - 1) / 2)[place]
    return ranks


def places_of(scores: ArrayLike) -> tuple[int | None, ...]:
    """Give places as in a race: the highest score is 1, equal ones share the better place, an undefined one has none.

    Examples
    --------
    >>> places_of([0.7, 0.9, float("nan"), 0.7])
    (2, 1, None, 2)
    """
    numbers = np.asarray(scores, np.float64)
    return tuple(None if math.isnan(one) else 1 + int((numbers > one + _SAME).sum()) for one in numbers.tolist())


def spearman(first: ArrayLike, second: ArrayLike) -> float:
    """Correlate two rankings of the same things (Spearman's rho); NaN when one of them does not rank at all.

    Things without a score (NaN) on one side are left out.

    Raises
    ------
    UsageError
        If one list is longer.

    Examples
    --------
    >>> spearman([1, 2, 3], [10, 30, 20])
    0.5
    """
    one, other = _paired(first, second)
    both = ~(np.isnan(one) | np.isnan(other))
    one, other = rank_of(one[both]), rank_of(other[both])
    if one.size < 2 or np.ptp(one) == 0 or np.ptp(other) == 0:
        return float("nan")
    one, other = one - one.mean(), other - other.mean()
    return float(one @ other / math.sqrt((one @ one) * (other @ other)))


def _paired(first: ArrayLike, second: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    one, other = np.asarray(first, np.float64), np.asarray(second, np.float64)
    if one.shape != other.shape or one.ndim != 1:
        raise UsageError(
            "compare two lists of scores", found=f"shapes {one.shape} and {other.shape}", do="give one score an image"
        )
    return one, other


def _exact_p(doubled: NDArray[np.int64], better: int) -> float:
    """Count the ways to give signs: the chance of each sum, one rank after the other."""
    chance = np.zeros(int(doubled.sum()) + 1)
    chance[0] = 1.0
    for rank in doubled.tolist():
        chance = 0.5 * chance + 0.5 * np.concatenate([np.zeros(rank), chance[:-rank]])
    return float(min(1.0, 2 * min(chance[: better + 1].sum(), chance[better:].sum())))


def _normal_p(doubled: NDArray[np.int64], better: int) -> float:
    ranks = doubled / 2
    # Var(sum of ranks with a random sign) = sum of squares / 4, whatever the ties.
    z = (better / 2 - ranks.sum() / 2) / math.sqrt(float((ranks**2).sum()) / 4)
    return math.erfc(abs(z) / math.sqrt(2))
