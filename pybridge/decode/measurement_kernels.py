"""Compiled sums over the pixels of each label. Imported only inside functions."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pybridge.decode.compiled import compiled


@compiled
def mark_labels(labels: NDArray[np.int32], present: NDArray[np.int32]) -> None:
    """Set ``present`` to 1 at each label that occurs, background aside."""
    for y in range(labels.shape[0]):
        last = 0
        for x in range(labels.shape[1]):
            if labels[y, x] != last:
                last = labels[y, x]
                present[last] = 1
    present[0] = 0


@compiled
def sum_labels(
    labels: NDArray[np.int32],
    intensity: NDArray[np.float64],
    row_of: NDArray[np.int32],
    sums: NDArray[np.float64],
) -> None:
    """Add up in ``sums`` (row, 4) the pixels, the x, the y and the intensities of each label.

    ``intensity`` may be of any real type. Stretches of one label in a row are added at once.
    """
    height, width = labels.shape
    for y in range(height):
        x = 0
        while x < width:
            label = labels[y, x]
            if label == 0:
                x += 1
                continue
            begin, bright = x, 0.0
            while x < width and labels[y, x] == label:
                bright += intensity[y, x]
                x += 1
            length = x - begin
            row = row_of[label]
            sums[row, 0] += length
            sums[row, 1] += length * (begin + x - 1) / 2
            sums[row, 2] += length * y
            sums[row, 3] += bright
