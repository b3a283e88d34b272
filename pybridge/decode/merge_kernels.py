"""Compiled rule for when two candidates are one object: how far their discs overlap. Imported only inside functions."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from pybridge.decode.compiled import compiled

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]


@compiled
def disc_overlap(distance: float, first: float, second: float) -> float:
    """Share of the smaller of two discs that lies in the other; radii in pixels."""
    large, small = max(first, second), min(first, second)
    if distance >= large + small:
        return 0.0
    if distance <= large - small:
        return 1.0
    cos_small = (distance * distance + small * small - large * large) / (2 * distance * small)
    cos_large = (distance * distance + large * large - small * small) / (2 * distance * large)
    angle_small = math.acos(min(1.0, max(-1.0, cos_small)))
    angle_large = math.acos(min(1.0, max(-1.0, cos_large)))
    area = small * small * (angle_small - math.sin(2 * angle_small) / 2)
    area += large * large * (angle_large - math.sin(2 * angle_large) / 2)
    return area / (math.pi * small * small)


@compiled
def radius_towards(radius: float, spread: Floats, dy: float, dx: float) -> float:
    """Radius of a candidate in a direction: half its width there, but never more than that of its disc.

    A uniform disc of radius r has a variance of r²/4 along any direction. An elongated candidate is narrower than its
    disc across its long axis; so neighbours that lie side by side are not taken for one object.
    """
    variance = spread[0] * dy * dy + 2 * spread[1] * dy * dx + spread[2] * dx * dx
    return min(radius, 2 * math.sqrt(max(variance, 0.0) + 1 / 12))


@compiled
def merge_candidates(
    centre_y: Floats, centre_x: Floats, radius: Floats, spread: Floats, order: Indices, overlap: float
) -> Indices:
    """Join candidates whose discs overlap by more than ``overlap``; returns the candidate that each one belongs to.

    Candidates come in ``order``, best first; each joins the earlier one that it overlaps most, of equals the nearest.
    """
    n = order.size
    belongs = np.arange(n)
    if n == 0:
        return belongs
    largest = 1.0
    bottom, right = 0.0, 0.0
    for k in range(n):
        largest = max(largest, radius[k])
        bottom, right = max(bottom, centre_y[k]), max(right, centre_x[k])
    cell = max(8.0, largest)
    rows, columns = int(bottom / cell) + 1, int(right / cell) + 1
    first = np.full(
        rows * columns, -1, np.int64
    )  # the last candidate put into each cell, and from there the one before
    before = np.full(n, -1, np.int64)
    for k in order:
        best, most, nearest = -1, overlap, 0.0
        reach = radius[k] + largest
        top = max(int((centre_y[k] - reach) / cell), 0)
        left = max(int((centre_x[k] - reach) / cell), 0)
        for row in range(top, min(int((centre_y[k] + reach) / cell) + 1, rows)):
            for column in range(left, min(int((centre_x[k] + reach) / cell) + 1, columns)):
                other = first[row * columns + column]
                while other >= 0:
                    dy, dx = centre_y[other] - centre_y[k], centre_x[other] - centre_x[k]
                    distance = math.sqrt(dy * dy + dx * dx)
                    if distance < radius[k] + radius[other]:
                        unit = 1 / distance if distance > 0 else 0.0
                        mine = radius_towards(radius[k], spread[k], dy * unit, dx * unit)
                        theirs = radius_towards(radius[other], spread[other], dy * unit, dx * unit)
                        share = disc_overlap(distance, mine, theirs)
                        closer = distance < nearest or (distance == nearest and other < best)
                        if share > most or (share == most and best >= 0 and closer):
                            best, most, nearest = other, share, distance
                    other = before[other]
        if best >= 0:
            belongs[k] = best
        else:
            place = int(centre_y[k] / cell) * columns + int(centre_x[k] / cell)
            before[k] = first[place]
            first[place] = k
    return belongs
