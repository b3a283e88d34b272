"""Compiled boxes, moments and convex hulls of labels. Imported only inside functions."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from pybridge.decode.compiled import compiled

Ints = NDArray[np.int32]
Longs = NDArray[np.int64]
NOWHERE = np.int32(2**31 - 1)


@compiled
def _end_of_run(labels: Ints, y: int, x: int) -> int:
    """Find where the stretch of one label that begins at a pixel ends; the last x + 1."""
    end = x + 1
    while end < labels.shape[1] and labels[y, end] == labels[y, x]:
        end += 1
    return end


@compiled
def find_boxes(labels: Ints, row_of: Ints, boxes: Ints) -> None:
    """Find the first x, first y, last x and last y of each label; ``boxes`` (row, 4) must hold NOWHERE and -1."""
    height, width = labels.shape
    for y in range(height):
        x = 0
        while x < width:
            begin, label = x, labels[y, x]
            x = _end_of_run(labels, y, x)
            if label == 0:
                continue
            row = row_of[label]
            boxes[row, 0] = min(boxes[row, 0], begin)
            boxes[row, 1] = min(boxes[row, 1], y)
            boxes[row, 2] = max(boxes[row, 2], x - 1)
            boxes[row, 3] = y


@compiled
def sum_moments(labels: Ints, row_of: Ints, boxes: Ints, moments: Longs, first: Longs, left: Ints, right: Ints) -> None:
    """Add up the pixels, x, y, x², y² and xy of each label (row, 6), counted from the corner of its box.

    Also finds how far the label reaches on each line between rows of pixels: line ``i`` of the box has the place
    ``first[row] + i`` in ``left`` and ``right``, which must hold NOWHERE and -1.
    """
    height, width = labels.shape
    for y in range(height):
        x = 0
        while x < width:
            begin, label = x, labels[y, x]
            x = _end_of_run(labels, y, x)
            if label == 0:
                continue
            row = row_of[label]
            a, b, down = np.int64(begin - boxes[row, 0]), np.int64(x - boxes[row, 0]), np.int64(y - boxes[row, 1])
            count = b - a
            across = (b * (b - 1) - a * (a - 1)) // 2
            moments[row, 0] += count
            moments[row, 1] += across
            moments[row, 2] += count * down
            moments[row, 3] += ((b - 1) * b * (2 * b - 1) - (a - 1) * a * (2 * a - 1)) // 6
            moments[row, 4] += count * down * down
            moments[row, 5] += across * down
            for line in range(first[row] + down, first[row] + down + 2):
                left[line] = min(left[line], begin)
                right[line] = max(right[line], x)


@compiled
def _add_to_hull(hull: Longs, begin: int, end: int, x: int, y: int) -> int:
    """Put a vertex at the end of the chain from ``begin`` on, without those that it makes needless."""
    while end - begin >= 2:
        ax, ay = hull[end - 1, 0] - hull[end - 2, 0], hull[end - 1, 1] - hull[end - 2, 1]
        bx, by = x - hull[end - 1, 0], y - hull[end - 1, 1]
        if ax * by - ay * bx < 0:
            break
        end -= 1
    hull[end, 0], hull[end, 1] = x, y
    return end + 1


@compiled
def measure_hulls(
    first: Longs,
    left: Ints,
    right: Ints,
    top: Ints,
    pixel_width: float,
    pixel_height: float,
    ferets: NDArray[np.float64],
    areas: NDArray[np.float64],
) -> None:
    """Measure the convex hull of each label's area, from how far it reaches on each line.

    Writes into ``ferets`` (row, 5) the largest and smallest caliper diameters, the angle of the largest, and the pixel
    in which it begins; into ``areas`` the area in pixels². Of several largest diameters the first one counts, in the
    order in which ImageJ walks: from the upper left corner down the left side and up the right one.
    """
    longest = 0
    for row in range(first.size - 1):
        longest = max(longest, first[row + 1] - first[row])
    hull = np.empty((2 * longest + 1, 2), np.int64)
    for row in range(first.size - 1):
        end = 0
        for line in range(first[row], first[row + 1]):
            if right[line] >= 0:
                end = _add_to_hull(hull, 0, end, left[line], top[row] + line - first[row])
        turn = end
        for line in range(first[row + 1] - 1, first[row] - 1, -1):
            if right[line] >= 0:
                end = _add_to_hull(hull, turn, end, right[line], top[row] + line - first[row])
        largest, p, q, doubled = 0.0, 0, 0, 0
        smallest = math.inf
        for i in range(end):
            before = i - 1 if i else end - 1
            doubled += hull[before, 0] * hull[i, 1] - hull[before, 1] * hull[i, 0]
            for j in range(i + 1, end):
                dx = (hull[i, 0] - hull[j, 0]) * pixel_width
                dy = (hull[i, 1] - hull[j, 1]) * pixel_height
                if dx * dx + dy * dy > largest:
                    largest, p, q = dx * dx + dy * dy, i, j
            # The width of the hull across the side that ends here; one of the sides lies at the narrowest calipers.
            side_x = (hull[i, 0] - hull[before, 0]) * pixel_width
            side_y = (hull[i, 1] - hull[before, 1]) * pixel_height
            across = 0.0
            for j in range(end):
                dx = (hull[j, 0] - hull[i, 0]) * pixel_width
                dy = (hull[j, 1] - hull[i, 1]) * pixel_height
                across = max(across, abs(side_x * dy - side_y * dx))
            smallest = min(smallest, across / math.sqrt(side_x * side_x + side_y * side_y))
        if hull[p, 0] > hull[q, 0]:
            p, q = q, p
        angle = math.degrees(
            math.atan2((hull[p, 1] - hull[q, 1]) * pixel_height, (hull[q, 0] - hull[p, 0]) * pixel_width)
        )
        ferets[row, 0] = math.sqrt(largest)
        ferets[row, 1] = smallest
        ferets[row, 2] = angle + 180 if angle < 0 else angle
        ferets[row, 3], ferets[row, 4] = hull[p, 0], hull[p, 1]
        areas[row] = abs(doubled) / 2
