"""Compiled loops over polygons as runs of pixels: outline → runs, shared pixels. Imported only inside functions.

A pixel belongs to a polygon when its centre lies in it; of centres that lie exactly on the outline, those at the top
and left belong to it, so that polygons that share an edge share no pixel. The runs of a polygon are pairs (start, end)
of columns in one flat array; ``first`` holds the number of the first run of each of its rows, and one entry more.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from pybridge.decode.compiled import compiled

Ints = NDArray[np.int32]
Floats = NDArray[np.float64]


@compiled
def trace_polygon(
    rays: NDArray[np.uint16],
    y: int,
    x: int,
    sine: Floats,
    cosine: Floats,
    size: tuple[int, int],
    crossing: Ints,
    crossings: Ints,
    first: Ints,
    run: Ints,
) -> tuple[int, int, int]:
    """Fill in ``first`` and ``run`` of the polygon around (y, x), cut at the image border.

    ``sine`` and ``cosine`` are the steps per unit of a ray; ``crossing`` (rows, rays) and ``crossings`` are scratch.
    Returns the polygon's first row, the number of its rows, and of its pixels.
    """
    height, width = size
    low, high = float(y), float(y)
    for k in range(rays.size):
        end = y + rays[k] * sine[k]
        low, high = min(low, end), max(high, end)
    top = max(math.ceil(low), 0)
    rows = max(min(math.ceil(high), height) - top, 0)
    for row in range(rows):
        crossings[row] = 0
    last = rays.size - 1
    y0, x0 = y + rays[last] * sine[last], x + rays[last] * cosine[last]
    for k in range(rays.size):
        y1, x1 = y + rays[k] * sine[k], x + rays[k] * cosine[k]
        begin, stop = max(math.ceil(min(y0, y1)) - top, 0), min(math.ceil(max(y0, y1)) - top, rows)
        if begin < stop:
            slope = (x1 - x0) / (y1 - y0)
            for row in range(begin, stop):
                at = np.int32(min(max(math.ceil(x0 + (row + top - y0) * slope), 0), width))
                n = crossings[row]
                while n > 0 and crossing[row, n - 1] > at:
                    crossing[row, n] = crossing[row, n - 1]
                    n -= 1
                crossing[row, n] = at
                crossings[row] += 1
        y0, x0 = y1, x1
    runs, pixels = 0, 0
    for row in range(rows):
        first[row] = runs
        for n in range(0, crossings[row] - 1, 2):
            start, end = crossing[row, n], crossing[row, n + 1]
            if start < end:
                run[2 * runs], run[2 * runs + 1] = start, end
                runs += 1
                pixels += end - start
    first[rows] = runs
    return top, rows, pixels


@compiled
def shares_more(
    limit: float, top: int, rows: int, first: Ints, run: Ints, other_top: int, other_rows: int, other: Ints, runs: Ints
) -> bool:
    """Say whether two polygons share more than ``limit`` pixels; ``other`` is ``first`` of the second polygon."""
    shared = 0
    for y in range(max(top, other_top), min(top + rows, other_top + other_rows)):
        a, a_end = first[y - top], first[y - top + 1]
        b, b_end = other[y - other_top], other[y - other_top + 1]
        while a < a_end and b < b_end:
            both = min(run[2 * a + 1], runs[2 * b + 1]) - max(run[2 * a], runs[2 * b])
            if both > 0:
                shared += both
            if run[2 * a + 1] < runs[2 * b + 1]:
                a += 1
            else:
                b += 1
        if shared > limit:
            return True
    return False


@compiled
def paint_polygon(
    number: int, score: int, top: int, rows: int, first: Ints, run: Ints, group: Ints, scores: NDArray[np.uint16]
) -> None:
    """Give the free pixels (-1) of a polygon its number in ``group``, and its score in ``scores``."""
    for row in range(rows):
        for k in range(first[row], first[row + 1]):
            for x in range(run[2 * k], run[2 * k + 1]):
                if group[top + row, x] < 0:
                    group[top + row, x] = number
                    scores[top + row, x] = score
