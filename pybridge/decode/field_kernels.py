"""Compiled loops that keep a network's output in fixed point. Imported only inside functions: numba is slow to load."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pybridge.decode.compiled import compiled
from pybridge.decode.probability import PROBABILITY_UNIT

OFFSET_SHIFT = 6  # int16 steps of an offset: 1/64 pixel, so that offsets reach ±512 pixels
OFFSET_UNIT = 1 << OFFSET_SHIFT


@compiled
def store_probability(values: NDArray[np.float32], stored: NDArray[np.uint16]) -> None:
    """Round probabilities into ``stored``; NaN counts as 0."""
    unit, half = np.float32(PROBABILITY_UNIT), np.float32(0.5)
    for y in range(values.shape[0]):
        for x in range(values.shape[1]):
            value = values[y, x]
            if value >= 1.0:
                stored[y, x] = PROBABILITY_UNIT
            elif value > 0.0:
                stored[y, x] = np.uint16(value * unit + half)
            else:
                stored[y, x] = 0


@compiled
def store_offset(values: NDArray[np.float32], stored: NDArray[np.int16]) -> None:
    """Round offsets in pixels into ``stored``; NaN counts as 0, and what is too long is cut."""
    unit, half, limit = np.float32(OFFSET_UNIT), np.float32(0.5), np.float32(32767)
    for y in range(values.shape[0]):
        for x in range(values.shape[1]):
            value = values[y, x] * unit
            if value >= limit:
                stored[y, x] = 32767
            elif value <= -limit:
                stored[y, x] = -32767
            elif value == value:
                stored[y, x] = np.int16(np.floor(value + half))
            else:
                stored[y, x] = 0
