"""Compiled tracing of outlines along the cracks between pixels, as ImageJ's wand goes. Imported only inside functions.

A vertex (x, y) is the corner between pixels (x-1, y-1) and (x, y). Walking directions are 0 right, 1 up, 2 left,
3 down; the object lies to the right of the walk, so that outer outlines go clockwise on the screen and holes the other
way. Where two pixels touch at a corner the walk turns left, so that an object is 8-connected.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pybridge.decode.compiled import compiled

Ints = NDArray[np.int32]
Marks = NDArray[np.bool_]


@compiled
def trace_ring(labels: Ints, x: int, y: int, seen: Marks, vertices: Ints, first: int) -> tuple[int, int, int, int, int]:
    """Walk around the ring that goes down to the right of the pixel (x, y).

    Marks in ``seen`` each pixel to whose right the ring goes down. Writes the vertices (x, y) into the rows of
    ``vertices`` from ``first`` on, as long as there are rows. Returns the number of vertices, the pixels walked across
    and down, the corners that shorten the outline, and the left turns less the right turns: negative for an outer
    outline, positive for a hole.

    ImageJ counts two edges that meet in a corner as the diagonal between their middles; of two corners that are one
    pixel apart only one counts, so that a staircase is as long as the slope that it stands for.
    """
    height, width = labels.shape
    label = labels[y, x]
    at_x, at_y, direction = x + 1, y + 1, 3
    count, across, down, corners, turns, side = 0, 0, 0, 0, 0, 0
    last_counted = False
    while True:
        turn = -1
        for try_turn in (1, 0):
            ahead = (direction + try_turn) & 3  # pixels around the vertex: 0 lower right, 1 upper right, 2, 3
            px = at_x - (1 if ahead >= 2 else 0)
            py = at_y - (1 if ahead == 1 or ahead == 2 else 0)
            if 0 <= px < width and 0 <= py < height and labels[py, px] == label:
                turn = try_turn
                break
        if turn != 0:
            if first + count < vertices.shape[0]:
                vertices[first + count, 0] = at_x
                vertices[first + count, 1] = at_y
            count += 1
            last_counted = side > 1 or not last_counted
            corners += last_counted
            side = 0
            turns += turn
        direction = (direction + turn) & 3
        side += 1
        if direction == 0:
            at_x += 1
            across += 1
        elif direction == 1:
            at_y -= 1
            down += 1
        elif direction == 2:
            at_x -= 1
            across += 1
        else:
            seen[at_y, at_x - 1] = True
            at_y += 1
            down += 1
            if at_x == x + 1 and at_y == y + 1:
                return count, across, down, corners, turns


@compiled
def trace_lengths(labels: Ints, seen: Marks, row_of: Ints, lengths: NDArray[np.int64]) -> None:
    """Sum up the outer outlines of each label: pixels across, pixels down, corners. ``seen`` must be all False."""
    height, width = labels.shape
    nowhere = np.empty((0, 2), np.int32)
    for y in range(height):
        for x in range(width):
            label = labels[y, x]
            if label == 0 or seen[y, x] or (x + 1 < width and labels[y, x + 1] == label):
                continue
            _, across, down, corners, turns = trace_ring(labels, x, y, seen, nowhere, 0)
            if turns < 0:
                lengths[row_of[label], 0] += across
                lengths[row_of[label], 1] += down
                lengths[row_of[label], 2] += corners


@compiled
def trace_rings(
    labels: Ints, seen: Marks, vertices: Ints, ring_label: Ints, ring_end: NDArray[np.int64], is_hole: Marks
) -> tuple[int, int]:
    """Trace all rings in raster order of their first pixels; returns how many rings and vertices there are.

    What finds no room in the arrays is only counted. ``seen`` must be all False.
    """
    height, width = labels.shape
    rings, total = 0, 0
    for y in range(height):
        for x in range(width):
            label = labels[y, x]
            if label == 0 or seen[y, x] or (x + 1 < width and labels[y, x + 1] == label):
                continue
            count, _, _, _, turns = trace_ring(labels, x, y, seen, vertices, total)
            total += count
            if rings < ring_label.size:
                ring_label[rings] = label
                ring_end[rings] = total
                is_hole[rings] = turns > 0
            rings += 1
    return rings, total
