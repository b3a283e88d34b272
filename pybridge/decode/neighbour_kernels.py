"""Compiled search for objects that touch, and for the nearest object. Imported only inside functions."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from pybridge.decode.compiled import compiled

Ints = NDArray[np.int32]
FAR = 32  # pixels from where on it pays to search a little further and leave out pixels instead


@compiled
def list_contacts(labels: Ints, row_of: Ints, contacts: NDArray[np.int64]) -> int:
    """List contacts of two labels, across sides and corners of pixels, as ``row * N + other row`` with row < other.

    Returns how many there are, with repeats; what finds no room is only counted. N is the highest row + 1.
    """
    height, width = labels.shape
    rows = np.int64(row_of[-1] + 1)
    count, last = 0, np.int64(-1)
    for y in range(height):
        for x in range(width):
            label = labels[y, x]
            if label == 0:
                continue
            for step in range(4):  # right, lower left, below, lower right
                down, across = (0, 1) if step == 0 else (1, step - 2)
                if y + down >= height or not 0 <= x + across < width:
                    continue
                other = labels[y + down, x + across]
                if other == 0 or other == label:
                    continue
                a, b = np.int64(row_of[label]), np.int64(row_of[other])
                pair = min(a, b) * rows + max(a, b)
                if pair == last:
                    continue
                last = pair
                if count < contacts.size:
                    contacts[count] = pair
                count += 1
    return count


@compiled
def find_first_pixels(labels: Ints, row_of: Ints, pixels: Ints) -> None:
    """Find the first pixel (x, y) of each label in raster order; ``pixels`` (row, 2) must hold -1."""
    for y in range(labels.shape[0]):
        last = 0
        for x in range(labels.shape[1]):
            label = labels[y, x]
            if label != last and label != 0 and pixels[row_of[label], 1] < 0:
                pixels[row_of[label], 0], pixels[row_of[label], 1] = x, y
            last = label


@compiled
def search_above(
    labels: Ints,
    row_of: Ints,
    pixel_width: float,
    pixel_height: float,
    gaps: NDArray[np.float64],
    nearest: Ints,
) -> None:
    """Find for each label the nearest other one among pixels that do not lie below its own.

    ``gaps`` holds the square of the shortest distance known so far, between the areas that pixels cover, ``nearest``
    the label that lies there; both are bettered. Of equal distances the lowest label counts. Searched on the image and
    on the image upside down, all directions are covered.
    """
    height, width = labels.shape
    # Of each column the nearest labelled pixel above, and the nearest of another label than that.
    label_a, row_a = np.zeros(width, np.int32), np.zeros(width, np.int32)
    label_b, row_b = np.zeros(width, np.int32), np.zeros(width, np.int32)
    # Of each label the pixel searched from last, and a distance that the search from there did not fall below.
    last_x, last_y = np.zeros(gaps.size, np.int32), np.full(gaps.size, -1, np.int32)
    cleared = np.zeros(gaps.size)
    for y in range(height):
        for x in range(width):
            label = labels[y, x]
            if label == 0:
                continue
            if label != label_a[x]:
                label_b[x], row_b[x] = label_a[x], row_a[x]
                label_a[x] = label
            row_a[x] = y
        for x in range(width):
            label = labels[y, x]
            if label == 0:
                continue
            inside = 0 < x < width - 1 and y > 0
            if inside and labels[y, x - 1] == label and labels[y, x + 1] == label and labels[y - 1, x] == label:
                continue
            row = row_of[label]
            best, best_label = gaps[row], nearest[row]
            limit = best
            if best > FAR * pixel_width * FAR * pixel_width:
                # Along a row the distance changes by a pixel from one pixel to the next at the most.
                known = math.sqrt(best)
                if last_y[row] == y and cleared[row] - (x - last_x[row]) * pixel_width > known * 1.000001:
                    continue
                limit = 1.5 * known * 1.5 * known
            shortest = limit
            for step in range(max(x, width - 1 - x) + 1):
                across = max(step - 1, 0) * pixel_width
                if across * across > limit:
                    break
                for side in range(2 if step else 1):
                    column = x - step if side else x + step
                    if not 0 <= column < width:
                        continue
                    for which in range(2):
                        other = label_b[column] if which else label_a[column]
                        if other == label or other == 0:
                            continue
                        above = row_b[column] if which else row_a[column]
                        down = max(y - above - 1, 0) * pixel_height
                        gap = across * across + down * down
                        shortest = min(shortest, gap)
                        if gap < best or (gap == best and other < best_label):
                            best, best_label = gap, other
            gaps[row], nearest[row] = best, best_label
            last_x[row], last_y[row], cleared[row] = x, y, math.sqrt(shortest)
