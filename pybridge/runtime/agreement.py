"""How far two runs of one network are apart, and how far they may be. Imports NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

TOLERANCE = 1e-4


def largest_difference(found: NDArray[Any], expected: NDArray[Any]) -> float:
    """Give the largest ``|found - expected| / max(1, |expected|)``; infinite where shapes differ or one is no number.

    Examples
    --------
    >>> largest_difference(np.array([1.0, 22.0]), np.array([1.0, 20.0]))
    0.1
    """
    if found.shape != expected.shape:
        return float("inf")
    right = expected.astype(np.float64)
    with np.errstate(invalid="ignore"):
        differences = np.abs(found.astype(np.float64) - right) / np.maximum(1.0, np.abs(right))
    worst = float(np.max(differences, initial=0.0))
    return float("inf") if worst != worst else worst
