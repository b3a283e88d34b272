"""Compiled statistics of the pixels of each label. Imported only inside functions."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pybridge.decode.compiled import compiled

BINS = 256


@compiled
def gather_pixels(
    labels: NDArray[np.int32],
    intensity: NDArray[Any],
    row_of: NDArray[np.int32],
    place: NDArray[np.int64],
    values: NDArray[Any],
    weighted: NDArray[np.float64],
) -> None:
    """Put the pixels of each label side by side into ``values``, from ``place[row]`` on, which moves along.

    Also adds up in ``weighted`` (row, 2) the pixels times x and times y.
    """
    height, width = labels.shape
    for y in range(height):
        for x in range(width):
            label = labels[y, x]
            if label == 0:
                continue
            row = row_of[label]
            value = intensity[y, x]
            values[place[row]] = value
            place[row] += 1
            weighted[row, 0] += np.float64(value) * x
            weighted[row, 1] += np.float64(value) * y


@compiled
def _longest_run(ordered: NDArray[Any]) -> float:
    """Find the most frequent of sorted values, the lowest where several are."""
    mode, longest, begin = float(ordered[0]), 0, 0
    for i in range(1, ordered.size + 1):
        if i == ordered.size or ordered[i] != ordered[begin]:
            if i - begin > longest:
                longest, mode = i - begin, float(ordered[begin])
            begin = i
    return mode


@compiled
def _fullest_bin(ordered: NDArray[Any], low: float, high: float, counts: NDArray[np.int64]) -> float:
    """Find the middle of the fullest of 256 bins from the lowest to the highest value."""
    size = (high - low) / counts.size
    if not 0 < size < math.inf:
        return low
    counts[:] = 0
    scale = counts.size / (high - low)
    for value in ordered:
        counts[min(int(scale * (value - low)), counts.size - 1)] += 1
    fullest = 0
    for i in range(counts.size):
        if counts[i] > counts[fullest]:
            fullest = i
    # ImageJ takes bins that are just 1 wide for those of a whole-number image.
    return low + fullest * size + (0.0 if size == 1.0 else size / 2)


@compiled
def describe_pixels(
    values: NDArray[Any], first: NDArray[np.int64], is_counted: bool, described: NDArray[np.float64]
) -> None:
    """Describe the values of each label: those from ``first[row]`` to ``first[row + 1]``, which get sorted.

    Writes into ``described`` (row, 9) the sum, mean, standard deviation, mode, lowest, highest, median, skewness and
    kurtosis. ``is_counted`` stands for ImageJ's 8- and 16-bit images: the mode is the most frequent value, not the
    middle of a bin, and the median of an even number the upper of the two. NaN where a value is NaN or infinite.
    """
    counts = np.zeros(BINS, np.int64)
    for row in range(first.size - 1):
        part = values[first[row] : first[row + 1]]
        count, total = part.size, 0.0
        for value in part:
            total += value
        if not math.isfinite(total):
            described[row] = math.nan
            continue
        mean, second, third, fourth = total / count, 0.0, 0.0, 0.0
        for value in part:
            off = value - mean
            second += off * off
            third += off * off * off
            fourth += off * off * off * off
        part.sort()
        low, high, middle = float(part[0]), float(part[-1]), count // 2
        described[row, 0], described[row, 1] = total, mean
        described[row, 2] = math.sqrt(second / (count - 1)) if count > 1 else 0.0
        described[row, 3] = _longest_run(part) if is_counted else _fullest_bin(part, low, high, counts)
        described[row, 4], described[row, 5] = low, high
        described[row, 6] = part[middle]
        if count % 2 == 0 and not is_counted:
            described[row, 6] = (float(part[middle - 1]) + float(part[middle])) / 2
        variance = second / count
        if low < high and variance > 0:
            described[row, 7] = third / count / (variance * math.sqrt(variance))
            described[row, 8] = fourth / count / (variance * variance) - 3
        else:
            described[row, 7] = described[row, 8] = math.nan
