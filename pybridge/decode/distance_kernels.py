"""Compiled distance transform, and the climb to its peaks. Imported only inside functions."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pybridge.decode.compiled import compiled
from pybridge.decode.merge_kernels import disc_overlap

Ints = NDArray[np.int32]
MAX_DISTANCE_PX = 30000  # its square fits into int32; stands where there is no background in reach
DISTANCE_UNIT = 1 << 10  # steps of a distance


@compiled
def squared_distances(foreground: NDArray[np.uint16], threshold: int, squared: Ints) -> int:
    """Write each pixel's exact squared distance to the nearest background pixel; returns the foreground pixels.

    What lies outside the image is not background. Two passes over columns, then the lower envelope of parabolas in
    each row (Meijster et al., 2000; Felzenszwalb and Huttenlocher, 2012).
    """
    height, width = foreground.shape
    count = 0
    for y in range(height):
        for x in range(width):
            if foreground[y, x] < threshold:
                squared[y, x] = 0
            else:
                squared[y, x] = min(squared[y - 1, x] + 1, MAX_DISTANCE_PX) if y > 0 else MAX_DISTANCE_PX
                count += 1
    for y in range(height - 2, -1, -1):
        for x in range(width):
            squared[y, x] = min(squared[y, x], squared[y + 1, x] + 1)
    column = np.empty(width, np.int64)
    lowest = np.empty(width, np.int64)  # columns whose parabolas form the envelope
    begins = np.empty(width + 1, np.int64)  # first column where each of them is the lowest
    for y in range(height):
        top = -1
        for x in range(width):
            column[x] = np.int64(squared[y, x]) ** 2
            begin = 0
            while top >= 0:
                other = lowest[top]
                # First whole column where the parabola of x is lower than that of the other.
                begin = (x * x - other * other + column[x] - column[other]) // (2 * (x - other)) + 1
                if begin > begins[top]:
                    break
                top -= 1
                begin = 0
            if begin < width:
                top += 1
                lowest[top], begins[top] = x, max(begin, 0)
        k = top
        for x in range(width - 1, -1, -1):
            while begins[k] > x:
                k -= 1
            squared[y, x] = min((x - lowest[k]) ** 2 + column[lowest[k]], MAX_DISTANCE_PX**2)
    return count


@compiled
def squared_to_distance(squared: Ints) -> None:
    """Turn squared distances into distances in steps of ``1 / DISTANCE_UNIT`` pixel, in place."""
    for y in range(squared.shape[0]):
        for x in range(squared.shape[1]):
            squared[y, x] = np.int32(np.sqrt(np.float64(squared[y, x])) * DISTANCE_UNIT)


@compiled
def smooth_distance(distance: Ints, smooth: Ints) -> None:
    """Blur with the binomial 3×3 kernel, inside the foreground only: a ragged border makes peaks that mean nothing."""
    height, width = distance.shape
    for y in range(height):
        above, below = max(y - 1, 0), min(y + 1, height - 1)
        for x in range(width):
            if distance[y, x] == 0:
                smooth[y, x] = 0
                continue
            left, right = max(x - 1, 0), min(x + 1, width - 1)
            corners = distance[above, left] + distance[above, right] + distance[below, left] + distance[below, right]
            sides = distance[above, x] + distance[below, x] + distance[y, left] + distance[y, right]
            smooth[y, x] = (corners + 2 * sides + 4 * distance[y, x]) // 16


@compiled
def point_uphill(distance: Ints, target: Ints) -> None:
    """Write which neighbour of each foreground pixel is farthest from the background, or itself on a peak.

    Of equals the first in raster order counts as higher, so that a plateau has one peak.
    """
    height, width = distance.shape
    for y in range(height):
        for x in range(width):
            here = y * width + x
            if distance[y, x] == 0:
                target[here] = -1
                continue
            best, most = here, distance[y, x]
            for yy in range(max(y - 1, 0), min(y + 2, height)):
                for xx in range(max(x - 1, 0), min(x + 2, width)):
                    other = yy * width + xx
                    if distance[yy, xx] > most or (distance[yy, xx] == most and other < best):
                        best, most = other, distance[yy, xx]
            target[here] = best


@compiled
def climb(target: Ints) -> int:
    """Let each pixel point to its peak at once, in place; returns the number of peaks."""
    peaks = 0
    for start in range(target.size):
        if target[start] < 0:
            continue
        if target[start] == start:
            peaks += 1
            continue
        peak = target[start]
        while target[peak] != peak:
            peak = target[peak]
        at = start
        while target[at] != peak:
            further = target[at]
            target[at] = peak
            at = further
    return peaks


@compiled
def number_peaks(target: Ints, distance: Ints, peak_distance: Ints) -> None:
    """List the distances at the peaks in raster order, and give each pixel the number of its peak, in place."""
    flat = distance.reshape(-1)
    n = 0
    for i in range(target.size):
        if target[i] == i:
            peak_distance[n] = flat[i]
            target[i] = -2 - n  # marks the peak itself until all others have read its number
            n += 1
    for i in range(target.size):
        if target[i] >= 0:
            target[i] = target[target[i]]
    for i in range(target.size):
        if target[i] <= -2:
            target[i] = -2 - target[i]


@compiled
def list_passes(basin: Ints, distance: Ints, passes: Ints) -> int:
    """List in ``passes`` (n, 3) where two basins meet: both basins, the lower one first, and the distance there.

    One pair appears once for each place where it meets. Returns how many places there are; those that find no room are
    only counted.
    """
    height, width = basin.shape
    n = 0
    for y in range(height):
        for x in range(width):
            here = basin[y, x]
            if here < 0:
                continue
            for dy, dx in ((0, 1), (1, -1), (1, 0), (1, 1)):
                if y + dy >= height or x + dx < 0 or x + dx >= width:
                    continue
                there = basin[y + dy, x + dx]
                if there < 0 or there == here:
                    continue
                if n < passes.shape[0]:
                    passes[n, 0], passes[n, 1] = min(here, there), max(here, there)
                    passes[n, 2] = min(distance[y, x], distance[y + dy, x + dx])
                n += 1
    return n


@compiled
def merge_over_passes(passes: Ints, peak_distance: Ints, overlap: float) -> Ints:
    """Join basins over the widest passes first; returns for each basin the one with the highest peak that it joined.

    A pass of half-width w between peaks of which the lower one has the radius r looks like two discs of radius r that
    meet in a chord of half-width w: when those overlap by more than ``overlap``, the basins are one object.
    """
    belongs = np.arange(peak_distance.size).astype(np.int32)
    for k in range(passes.shape[0]):
        a, b = passes[k, 0], passes[k, 1]
        while belongs[a] != a:
            belongs[a] = belongs[belongs[a]]
            a = belongs[a]
        while belongs[b] != b:
            belongs[b] = belongs[belongs[b]]
            b = belongs[b]
        if a == b:
            continue
        if peak_distance[a] < peak_distance[b] or (peak_distance[a] == peak_distance[b] and b < a):
            a, b = b, a
        radius, half_width = float(peak_distance[b]), float(passes[k, 2])
        apart = 2 * np.sqrt(max(radius * radius - half_width * half_width, 0.0))
        if disc_overlap(apart, radius, radius) > overlap:
            belongs[b] = a
    for k in range(belongs.size):
        root = belongs[k]
        while belongs[root] != root:
            root = belongs[root]
        belongs[k] = root
    return belongs
