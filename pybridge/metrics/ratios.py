"""Ratios and means that are NaN where they are not defined, never 0 or 1 by accident. Imports numpy."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray


def ratio(part: float, whole: float) -> float:
    """Divide; NaN for 0/0, and for anything else over 0.

    Examples
    --------
    >>> ratio(1, 4), ratio(0, 0)
    (0.25, nan)
    """
    return float(part / whole) if whole else float("nan")


def ratios(part: ArrayLike, whole: ArrayLike) -> NDArray[np.float64]:
    """Divide arrays of counts; NaN where the whole is 0.

    Examples
    --------
    >>> ratios([1, 0], [4, 0]).tolist()
    [0.25, nan]
    """
    wholes = np.asarray(whole)
    shares: NDArray[np.float64] = np.divide(part, wholes, out=np.full(wholes.shape, np.nan), where=wholes > 0)
    return shares


def mean_of_defined(values: Sequence[float] | NDArray[np.float64]) -> float:
    """Give the mean of the values that are not NaN; NaN if there are none.

    Examples
    --------
    >>> mean_of_defined([0.5, float("nan"), 1.0]), mean_of_defined([])
    (0.75, nan)
    """
    numbers = np.asarray(values, np.float64)
    defined = numbers[~np.isnan(numbers)]
    return float(defined.mean()) if defined.size else float("nan")
