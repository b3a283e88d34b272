"""Compiled loops of the decoder ``star_convex``: thin out, store, suppress, paint. Imported only inside functions."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from pybridge.decode.compiled import compiled
from pybridge.decode.field_kernels import OFFSET_UNIT
from pybridge.decode.polygon_kernels import paint_polygon, shares_more, trace_polygon

Ints = NDArray[np.int32]
Floats = NDArray[np.float64]

CELL_PX = 2  # one candidate is kept in each cell of this edge; cells are those of the plane, whatever the tiles
RAY_UNIT = OFFSET_UNIT  # uint16 steps of a ray: 1/64 pixel, so that rays reach 1023 pixels
BUCKET_PX = 32  # polygons are found again by the squares of this edge that they reach into


@compiled
def best_of_cells(chance: NDArray[np.uint16], first_y: int, first_x: int, floor: int, at: Ints) -> int:
    """List in ``at`` (n, 2) the best pixel of each cell, of equals the first, where it reaches ``floor``.

    ``chance`` begins at (first_y, first_x) of the plane; the positions are those in ``chance``. Returns their number.
    """
    height, width = chance.shape
    n = 0
    y = 0
    while y < height:
        y_end = min(height, y + CELL_PX - (first_y + y) % CELL_PX)
        x = 0
        while x < width:
            x_end = min(width, x + CELL_PX - (first_x + x) % CELL_PX)
            most = floor - 1
            for yy in range(y, y_end):
                for xx in range(x, x_end):
                    if chance[yy, xx] > most:
                        most = chance[yy, xx]
                        at[n, 0], at[n, 1] = yy, xx
            n += most >= floor
            x = x_end
        y = y_end
    return n


@compiled
def store_rays(values: NDArray[np.float32], at: Ints, stored: NDArray[np.uint16]) -> None:
    """Round the ray lengths at the listed pixels into ``stored``; NaN and less than 0 count as 0, long ones are cut."""
    unit, half = np.float32(RAY_UNIT), np.float32(0.5)
    for n in range(at.shape[0]):
        value = values[at[n, 0], at[n, 1]] * unit
        if value >= np.float32(65535):
            stored[n] = 65535
        elif value > 0:
            stored[n] = np.uint16(value + half)
        else:
            stored[n] = 0


@compiled
def grow(array: Ints, size: int) -> Ints:
    """Give an array with room for ``size`` numbers: the same one, or a copy of at least twice its length."""
    if size <= array.size:
        return array
    larger = np.empty(max(size, 2 * array.size), np.int32)
    larger[: array.size] = array
    return larger


@compiled
def keep_best(
    rays: NDArray[np.uint16],
    at: Ints,
    order: NDArray[np.int64],
    chance: NDArray[np.uint16],
    overlap: float,
    group: Ints,
    scores: NDArray[np.uint16],
) -> int:
    """Take candidates in ``order``, best first, leave out those that overlap a better one, and paint the others.

    A candidate is left out when it shares more than ``overlap`` of the pixels of the smaller polygon with any that was
    taken, or has no pixel. ``group`` (all -1 at first) gets the number of the first polygon that covers each pixel,
    ``scores`` (all 0) its score. Returns how many were taken.
    """
    height, width = group.shape
    size = (height, width)
    count = rays.shape[1]
    sine, cosine = np.empty(count, np.float64), np.empty(count, np.float64)
    for k in range(count):
        sine[k] = math.sin(2 * math.pi * k / count) / RAY_UNIT
        cosine[k] = math.cos(2 * math.pi * k / count) / RAY_UNIT
    longest = 0
    for i in range(rays.shape[0]):
        for k in range(count):
            longest = max(longest, rays[i, k])
    most_rows = min(height, 2 * (longest // RAY_UNIT) + 4)
    crossing = np.empty((most_rows, count), np.int32)
    crossings, first = np.empty(most_rows, np.int32), np.empty(most_rows + 1, np.int32)
    run = np.empty(most_rows * count + 2, np.int32)

    cell_taken = np.zeros(((height - 1) // CELL_PX + 1, (width - 1) // CELL_PX + 1), np.bool_)
    buckets_x = (width - 1) // BUCKET_PX + 1
    # Which polygons reach into each bucket: its last entry, and from each entry the one before.
    bucket = np.full(((height - 1) // BUCKET_PX + 1) * buckets_x, -1, np.int32)
    entry_of, entry_before = np.empty(1024, np.int32), np.empty(1024, np.int32)
    entries = 0
    # Of each polygon taken: first row, rows, pixels, where its ``first`` and its runs lie, and who looked at it last.
    most = order.size
    tops, heights, areas = np.empty(most, np.int32), np.empty(most, np.int32), np.empty(most, np.int32)
    firsts, runs_at, seen = np.empty(most, np.int64), np.empty(most, np.int64), np.empty(most, np.int64)
    all_first, all_run = np.empty(1 << 15, np.int32), np.empty(1 << 16, np.int32)
    firsts_used, runs_used = 0, 0
    taken = 0
    for i in order:
        y, x = at[i] // width, at[i] % width
        if cell_taken[y // CELL_PX, x // CELL_PX]:
            continue  # the cell was cut by the border of two tiles, each of which listed its best
        cell_taken[y // CELL_PX, x // CELL_PX] = True
        top, rows, pixels = trace_polygon(rays[i], y, x, sine, cosine, size, crossing, crossings, first, run)
        if pixels == 0:
            continue
        # The polygon that covers the candidate's centre is nearly always the one that rules it out: look there first.
        owner = group[y, x]
        is_free = True
        if overlap < 1 and owner >= 0:
            seen[owner] = i
            is_free = not shares_more(
                overlap * min(pixels, areas[owner]),
                top, rows, first, run,
                tops[owner], heights[owner], all_first[firsts[owner] :], all_run[runs_at[owner] :],
            )  # fmt: skip
        left, right = width, 0
        if is_free and overlap < 1:
            for k in range(first[rows]):
                left, right = min(left, run[2 * k]), max(right, run[2 * k + 1])
            for row in range(top // BUCKET_PX, (top + rows - 1) // BUCKET_PX + 1):
                for column in range(left // BUCKET_PX, (right - 1) // BUCKET_PX + 1):
                    entry = bucket[row * buckets_x + column]
                    while entry >= 0 and is_free:
                        other = entry_of[entry]
                        entry = entry_before[entry]
                        if seen[other] != i:
                            seen[other] = i
                            is_free = not shares_more(
                                overlap * min(pixels, areas[other]),
                                top, rows, first, run,
                                tops[other], heights[other], all_first[firsts[other] :], all_run[runs_at[other] :],
                            )  # fmt: skip
        if not is_free:
            continue
        paint_polygon(taken, chance[y, x], top, rows, first, run, group, scores)
        if overlap < 1:
            tops[taken], heights[taken], areas[taken], seen[taken] = top, rows, pixels, i
            firsts[taken], runs_at[taken] = firsts_used, runs_used
            all_first = grow(all_first, firsts_used + rows + 1)
            all_first[firsts_used : firsts_used + rows + 1] = first[: rows + 1]
            firsts_used += rows + 1
            length = 2 * first[rows]
            all_run = grow(all_run, runs_used + length)
            all_run[runs_used : runs_used + length] = run[:length]
            runs_used += length
            for row in range(top // BUCKET_PX, (top + rows - 1) // BUCKET_PX + 1):
                for column in range(left // BUCKET_PX, (right - 1) // BUCKET_PX + 1):
                    entry_of, entry_before = grow(entry_of, entries + 1), grow(entry_before, entries + 1)
                    entry_of[entries], entry_before[entries] = taken, bucket[row * buckets_x + column]
                    bucket[row * buckets_x + column] = entries
                    entries += 1
        taken += 1
    return taken
