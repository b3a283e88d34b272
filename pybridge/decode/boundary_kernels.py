"""Compiled loops of the decoder ``boundary``: its landscape and the peaks in it. Imported only inside functions."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pybridge.decode.compiled import compiled
from pybridge.decode.probability import PROBABILITY_UNIT
from pybridge.decode.run_kernels import find_root

Ints = NDArray[np.int32]
Words = NDArray[np.uint16]

# How much a sure boundary lowers the landscape. Not all the way: an object of 3 pixels across is all boundary, and its
# peak must remain; and the ridge of a slanted rod of 5 pixels across dips into its boundary every few pixels.
BOUNDARY_DEPTH = 0.35


@compiled
def store_height(distance: NDArray[np.float32], boundary: NDArray[np.float32], stored: Words) -> None:
    """Write the landscape, 0 to 1 in fixed point: the distance, lower where a boundary is likely; NaN counts as 0."""
    unit, half = np.float32(PROBABILITY_UNIT), np.float32(0.5)
    for y in range(distance.shape[0]):
        for x in range(distance.shape[1]):
            height, lower = distance[y, x], boundary[y, x]
            height = min(height, np.float32(1)) if height > 0 else np.float32(0)
            lower = min(lower, np.float32(1)) if lower > 0 else np.float32(0)
            height *= np.float32(1) - np.float32(BOUNDARY_DEPTH) * lower
            stored[y, x] = np.uint16(height * unit + half)


@compiled
def raise_foreground(foreground: Words, threshold: int, stored: Words, height: Ints) -> int:
    """Write the landscape of the foreground, from 1, and 0 elsewhere; returns the number of foreground pixels."""
    count = 0
    for y in range(height.shape[0]):
        for x in range(height.shape[1]):
            inside = foreground[y, x] >= threshold
            height[y, x] = np.int32(stored[y, x]) + 1 if inside else 0
            count += inside
    return count


@compiled
def merge_over_saddles(passes: Ints, peak_height: Ints, overlap: float, least: int) -> Ints:
    """Join peaks over the highest passes first; returns for each peak the highest one that it joined.

    Two are joined when the pass is higher than ``overlap`` times the lower peak, or as high as it, or when the lower
    peak is below ``least``, which is no seed.
    """
    belongs = np.arange(peak_height.size).astype(np.int32)
    for k in range(passes.shape[0]):
        a, b = find_root(belongs, passes[k, 0]), find_root(belongs, passes[k, 1])
        if a == b:
            continue
        if peak_height[a] < peak_height[b] or (peak_height[a] == peak_height[b] and b < a):
            a, b = b, a
        # Heights begin at 1; half a step of rounding in each must not decide when the saddle is just that share.
        lower, saddle = peak_height[b] - 1, passes[k, 2] - 1
        if saddle > overlap * (lower + 1) or saddle >= lower or lower < least:
            belongs[b] = a
    for k in range(belongs.size):
        belongs[k] = find_root(belongs, k)
    return belongs
