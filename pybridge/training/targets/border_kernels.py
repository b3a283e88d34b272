"""Compiled loops from labels to distances, to the nearest foreign pixel and along rays. Imported inside functions only.

What lies outside the image is foreign to rays, which end at the image border, but not to the nearest distance: an
object that is cut by the border is no thinner there.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from pybridge.decode.compiled import compiled

Ints = NDArray[np.int32]
Floats = NDArray[np.float32]

FAR_PX = 30000  # stands where there is no foreign pixel; its square fits into int32


@compiled
def squared_distances(labels: Ints, squared: Ints) -> None:
    """Write each object pixel's squared distance to the nearest pixel of another label; 0 on the background.

    First along the columns; then each pixel looks along its row, as far as a nearer foreign pixel may lie.
    """
    height, width = labels.shape
    column = np.empty((height, width), np.int32)
    for y in range(height):
        for x in range(width):
            column[y, x] = FAR_PX
            if y > 0:
                column[y, x] = min(column[y - 1, x] + 1, FAR_PX) if labels[y, x] == labels[y - 1, x] else 1
    for y in range(height - 2, -1, -1):
        for x in range(width):
            down = column[y + 1, x] + 1 if labels[y, x] == labels[y + 1, x] else 1
            column[y, x] = min(column[y, x], down)
    for y in range(height):
        for x in range(width):
            own = labels[y, x]
            if own == 0:
                squared[y, x] = 0
                continue
            best = column[y, x] * column[y, x]
            for side in (-1, 1):
                aside, at = 1, x + side
                while aside * aside < best and 0 <= at < width:
                    if labels[y, at] != own:
                        best = aside * aside
                    else:
                        best = min(best, aside * aside + column[y, at] * column[y, at])
                    aside += 1
                    at += side
            squared[y, x] = best


@compiled
def relative_distances(labels: Ints, squared: Ints, count: int, relative: Floats) -> None:
    """Write the distance to the border as a share of the largest one in the object; ``count`` is the highest label."""
    largest = np.zeros(count + 1, np.int32)
    for y in range(labels.shape[0]):
        for x in range(labels.shape[1]):
            largest[labels[y, x]] = max(largest[labels[y, x]], squared[y, x])
    for y in range(labels.shape[0]):
        for x in range(labels.shape[1]):
            if labels[y, x] > 0:
                relative[y, x] = math.sqrt(squared[y, x] / largest[labels[y, x]])
            else:
                relative[y, x] = 0


@compiled
def mark_boundaries(squared: Ints, boundary: Floats) -> None:
    """Write 1 on the outermost pixels of each object and on the four neighbours of each of them, 0 elsewhere."""
    height, width = squared.shape
    boundary[:] = 0
    for y in range(height):
        for x in range(width):
            if squared[y, x] != 1:
                continue
            boundary[y, x] = 1
            if y > 0:
                boundary[y - 1, x] = 1
            if y < height - 1:
                boundary[y + 1, x] = 1
            if x > 0:
                boundary[y, x - 1] = 1
            if x < width - 1:
                boundary[y, x + 1] = 1


@compiled
def list_steps(direction: float, row: int, step: NDArray[np.uint64], length: NDArray[np.float64]) -> None:
    """List the pixels that a ray from a pixel's centre passes, and the length where it enters each.

    ``step`` gets offsets in an image of ``row`` pixels per row, those to earlier pixels modulo 2**64.
    """
    dy, dx = math.sin(direction), math.cos(direction)
    down, right = (row if dy > 0 else -row), (1 if dx > 0 else -1)
    per_row = 1 / abs(dy) if abs(dy) > 1e-9 else 1e9  # ray length from one row to the next
    per_column = 1 / abs(dx) if abs(dx) > 1e-9 else 1e9
    next_row, next_column = per_row / 2, per_column / 2
    at, entered = 0, 0.0
    for n in range(step.size):
        step[n], length[n] = np.uint64(np.int64(at)), entered
        entered = min(next_row, next_column)
        # Through a corner the ray goes on to the pixel opposite, whatever rounding says.
        through_row, through_column = next_row < entered + 1e-9, next_column < entered + 1e-9
        if through_row:
            at += down
            next_row += per_row
        if through_column:
            at += right
            next_column += per_column


@compiled
def measure_rays(labels: Ints, rays: Floats) -> None:
    """Write into ``rays`` (R, Y, X) how far it is from each object pixel's centre to where a ray leaves the object."""
    count, height, width = rays.shape
    row = width + 2
    framed = np.zeros((height + 2) * row, np.int32)  # a frame of background ends every ray
    for y in range(height):
        framed[(y + 1) * row + 1 : (y + 2) * row - 1] = labels[y]
    # All rays of one direction pass the same pixels, counted from where they begin. Positions are unsigned, for numba
    # asks of each signed one whether it is below 0.
    step, length = np.empty(2 * (height + width), np.uint64), np.empty(2 * (height + width), np.float64)
    for k in range(count):
        list_steps(2 * math.pi * k / count, row, step, length)
        for y in range(height):
            for x in range(width):
                start = np.uint64((y + 1) * row + x + 1)
                own = framed[start]
                if own == 0:
                    rays[k, y, x] = 0
                    continue
                n = np.uint64(1)
                while framed[start + step[n]] == own:
                    n += np.uint64(1)
                rays[k, y, x] = length[n]
