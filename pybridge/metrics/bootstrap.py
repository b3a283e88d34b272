"""How far another choice of images might move a score: the one bootstrap of PyBridge. Imports core and numpy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pybridge.core.errors import UsageError
from pybridge.core.wording import count_text

PERCENTILES = (2.5, 97.5)
RESAMPLES = 2000
ENOUGH_IMAGES = 20
"""From so many images on, intervals hold the true value nearly as often as they say; from fewer it is said."""
HELD_PERCENT = {2: 45, 3: 65, 4: 70, 5: 75, 8: 80, 10: 85, 15: 90}
"""Of 100 intervals from so many images, or a few more, how many hold the true value; where it is 95 they are right.

Measured with ``tests/benchmarks/intervals.py``: for each number of images 4,000 samples of each of five kinds of scores
in [0, 1] of which the true value is known (symmetric; skewed as usual, with a mean of 0.8; very skewed; 15 % of the
images fail; AP pooled over images with few and with many objects), with the draws and the seed that all commands use.
The figures are the means over the five kinds, rounded to 5. Where images fail it is worst: 30 from 2 images, 55 from 5,
80 from 10. From 20 images it is 91 on average and at worst 86, from 41 it is 93, from 100 it is 94.
"""


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


def few_images_text(images: int, *, one: str = "image") -> str:
    """Say what intervals over so few images are worth; empty where there are enough, or none.

    ``one`` is what is drawn anew where that is no image.

    Examples
    --------
    >>> few_images_text(6)
    '95 % intervals from 6 images are too narrow: about 75 % of them hold the true value, take 20 images or more.'
    >>> few_images_text(1)
    'From 1 image there is no interval: nothing tells how far another image would move the scores.'
    >>> few_images_text(20)
    ''
    """
    if images == 1:
        return f"From 1 {one} there is no interval: nothing tells how far another {one} would move the scores."
    if not 1 < images < ENOUGH_IMAGES:
        return ""
    held = HELD_PERCENT[max(measured for measured in HELD_PERCENT if measured <= images)]
    return (
        f"95 % intervals from {count_text(images, one)} are too narrow: about {held} % of them hold the true value, "
        f"take {ENOUGH_IMAGES} {one}s or more."
    )
