"""Probabilities in fixed point: 65,535 steps in uint16, half the memory of float32. Imports numpy only."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

PROBABILITY_UNIT = 65535


def stored_threshold(probability: float) -> int:
    """Turn a threshold into the smallest stored value that reaches it; 0 too asks for more than nothing.

    Examples
    --------
    >>> stored_threshold(0.5), stored_threshold(0.0), stored_threshold(1.0)
    (32768, 1, 65535)
    """
    # The same float32 arithmetic as in store_probability, so that a pixel of exactly the threshold is in.
    return max(1, int(np.float32(probability) * np.float32(PROBABILITY_UNIT) + np.float32(0.5)))


def stored_to_probability(stored: NDArray[np.uint16]) -> NDArray[np.float32]:
    """Turn stored values back into probabilities, float32, 0 to 1."""
    return np.multiply(stored, np.float32(1 / PROBABILITY_UNIT), dtype=np.float32)
