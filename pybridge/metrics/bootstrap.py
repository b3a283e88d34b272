"""How far another choice of images might move a score: the one bootstrap of PyBridge. Imports core and numpy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pybridge.core.errors import UsageError

PERCENTILES = (2.5, 97.5)
RESAMPLES = 2000


def bootstrap_interval(
    values: ArrayLike, *, statistic: Callable[[NDArray[Any]], float], resamples: int = RESAMPLES, seed: int = 0
) -> tuple[float, float]:
    """Estimate the 95 % interval of a statistic by drawing the images anew (Efron's percentile bootstrap).

    Parameters
    ----------
    values : array_like, shape (images, ...)
        One row for each image: a score, or counts such as (TP, FP, FN) of which the statistic is made.
    statistic : callable
        Takes the rows of one draw, of the shape of ``values``, and gives the score: ``np.mean``, or
        ``lambda rows: rows[:, 0].sum() / rows.sum()``. A draw for which it is NaN is left out.
    resamples : int
        How many times as many images are drawn, with repetition.
    seed : int
        Of the draws, so that the interval repeats.

    Returns
    -------
    tuple of (float, float)
        (NaN, NaN) for fewer than two images, or when the statistic is never defined.

    Raises
    ------
    UsageError
        If ``resamples`` is below 1.

    Examples
    --------
    >>> low, high = bootstrap_interval([0.7, 0.8, 0.9, 0.8, 0.7, 0.9], statistic=np.mean)
    >>> bool(0.7 < low < 0.8 < high < 0.9)
    True
    """
    return percentile_interval(bootstrap_draws(values, statistic=statistic, resamples=resamples, seed=seed))


def mean_interval(values: ArrayLike, *, resamples: int = RESAMPLES, seed: int = 0) -> tuple[float, float]:
    """Estimate the 95 % interval of the mean of the scores of images; NaN and infinite scores are left out.

    Examples
    --------
    >>> mean_interval([0.5, 0.5, float("nan")])
    (0.5, 0.5)
    """
    scores = np.asarray(values, np.float64)
    return bootstrap_interval(scores[np.isfinite(scores)], statistic=np.mean, resamples=resamples, seed=seed)


def bootstrap_draws(
    values: ArrayLike, *, statistic: Callable[[NDArray[Any]], ArrayLike], resamples: int = RESAMPLES, seed: int = 0
) -> NDArray[np.float64]:
    """Compute a statistic, or several at once, for each draw of images: see `bootstrap_interval`.

    Returns
    -------
    ndarray of float64, shape (draws, ...)
        As many as ``resamples``; none for fewer than two images.
    """
    if resamples < 1:
        raise UsageError(f"bootstrap with {resamples!r} resamples", found="fewer than 1", do="take 1000 or more")
    rows = np.asarray(values)
    images = len(rows)
    if images < 2:
        return np.zeros(0)
    times = np.random.default_rng(seed).multinomial(images, np.full(images, 1 / images), size=resamples)
    order = np.arange(images)
    return np.array([statistic(rows[np.repeat(order, drawn)]) for drawn in times], np.float64)


def percentile_interval(draws: NDArray[np.float64]) -> tuple[float, float]:
    """Give the 2.5th and the 97.5th percentile of the draws, NaN left out; (NaN, NaN) if none is left.

    Examples
    --------
    >>> percentile_interval(np.arange(201.0))
    (5.0, 195.0)
    """
    defined = draws[~np.isnan(draws)]
    if not defined.size:
        return float("nan"), float("nan")
    low, high = np.percentile(defined, PERCENTILES)
    return float(low), float(high)
