"""Compiled loops of the decoder ``offsets``: follow, vote, gather, group. Imported only inside functions.

Positions are flat indices ``y * width + x`` in int32; -1 is background. All loops run in raster order, and every
choice between equals takes the first in (score, y, x), so that a result is reproducible.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from pybridge.decode.compiled import compiled
from pybridge.decode.field_kernels import OFFSET_SHIFT

Ints = NDArray[np.int32]
Floats = NDArray[np.float64]


@compiled
def point(
    foreground: NDArray[np.uint16],
    offset_y: NDArray[np.int16],
    offset_x: NDArray[np.int16],
    threshold: int,
    target: Ints,
) -> int:
    """Write where each foreground pixel points to; returns the number of foreground pixels."""
    height, width = foreground.shape
    half = 1 << (OFFSET_SHIFT - 1)
    count = 0
    for y in range(height):
        row = y * width
        for x in range(width):
            if foreground[y, x] < threshold:
                target[row + x] = -1
                continue
            ty = y + ((int(offset_y[y, x]) + half) >> OFFSET_SHIFT)
            tx = x + ((int(offset_x[y, x]) + half) >> OFFSET_SHIFT)
            ty = min(max(ty, 0), height - 1)
            tx = min(max(tx, 0), width - 1)
            target[row + x] = ty * width + tx
            count += 1
    return count


@compiled
def follow(target: Ints, further: Ints) -> None:
    """Let each pixel follow the pixel that it points to, once more; one that points to background stays there."""
    for i in range(target.size):
        t = target[i]
        if t >= 0 and target[t] >= 0:
            t = target[t]
        further[i] = t


@compiled
def count_votes(landing: Ints, votes: Ints) -> int:
    """Count in ``votes`` the pixels that land on each position; returns the number of positions hit."""
    votes[:] = 0
    bins = 0
    for i in range(landing.size):
        t = landing[i]
        if t >= 0:
            bins += votes[t] == 0
            votes[t] += 1
    return bins


@compiled
def gather_bins(votes: Ints, width: int, bin_at: Ints, bin_votes: Ints, score: Ints) -> None:
    """List the positions hit with their votes, and their score: the votes of the 3×3 pixels around."""
    k = 0
    height = votes.size // width
    for y in range(height):
        for x in range(width):
            i = y * width + x
            if votes[i] == 0:
                continue
            around = 0
            for yy in range(max(y - 1, 0), min(y + 2, height)):
                for xx in range(max(x - 1, 0), min(x + 2, width)):
                    around += votes[yy * width + xx]
            bin_at[k] = i
            bin_votes[k] = votes[i]
            score[k] = around
            k += 1


@compiled
def order_by_score(score: Ints) -> Ints:
    """Order bins by falling score; equals keep their raster order (a counting sort)."""
    top = 0
    for k in range(score.size):
        top = max(top, score[k])
    start = np.zeros(top + 2, np.int64)
    for k in range(score.size):
        start[top - score[k] + 1] += 1
    for s in range(top + 1):
        start[s + 1] += start[s]
    order = np.empty(score.size, np.int32)
    for k in range(score.size):
        order[start[top - score[k]]] = k
        start[top - score[k]] += 1
    return order


@compiled
def index_bins(bin_at: Ints, index: Ints) -> None:
    """Turn the map of votes into a map of bin numbers, from 1; 0 where nothing landed."""
    for k in range(bin_at.size):
        index[bin_at[k]] = k + 1


@compiled
def gather_disc(
    index: Ints, width: int, bin_votes: Ints, group: Ints, y: float, x: float, radius: float, mark: int
) -> tuple[int, float, float]:
    """Sum the votes of free bins in a disc, and their y and x; with ``mark`` ≥ 0 the bins join that group."""
    height = index.size // width
    votes, sum_y, sum_x = 0, 0.0, 0.0
    for yy in range(max(int(y - radius), 0), min(int(y + radius) + 2, height)):
        for xx in range(max(int(x - radius), 0), min(int(x + radius) + 2, width)):
            k = index[yy * width + xx] - 1
            if k < 0 or group[k] >= 0 or (yy - y) ** 2 + (xx - x) ** 2 > radius * radius:
                continue
            votes += bin_votes[k]
            sum_y += bin_votes[k] * yy
            sum_x += bin_votes[k] * xx
            if mark >= 0:
                group[k] = mark
    return votes, sum_y, sum_x


@compiled
def grow_groups(
    index: Ints, width: int, bin_at: Ints, bin_votes: Ints, order: Ints, reach: float, least_px: float, group: Ints
) -> tuple[Floats, Floats, NDArray[np.int64]]:
    """Gather the bins around each seed, best seed first, in a disc that grows with the votes it holds.

    ``group`` (all -1 at first) gets the group of each bin. The disc's radius is ``reach`` times that of a disc of as
    many pixels as have voted, so that large objects may land less sharply than small ones. Returns centre y, centre x
    and votes of each group.
    """
    centre_y = np.empty(bin_at.size, np.float64)
    centre_x = np.empty(bin_at.size, np.float64)
    total = np.empty(bin_at.size, np.int64)
    n = 0
    for seed in order:
        if group[seed] >= 0:
            continue
        seed_y, seed_x = bin_at[seed] // width, bin_at[seed] % width
        y, x, radius = float(seed_y), float(seed_x), 2.0
        for attempt in range(6):
            votes, sum_y, sum_x = gather_disc(index, width, bin_votes, group, y, x, radius, -1)
            if votes == 0:
                break
            y, x = sum_y / votes, sum_x / votes
            wanted = max(least_px, reach * math.sqrt(votes / math.pi))
            settled = abs(wanted - radius) < 0.25
            radius = wanted if attempt == 0 else max(wanted, radius)
            if settled:
                break
        votes, sum_y, sum_x = gather_disc(index, width, bin_votes, group, y, x, radius, n)
        if group[seed] < 0:  # the disc moved away from the seed that it started from
            group[seed] = n
            votes += bin_votes[seed]
            sum_y += bin_votes[seed] * seed_y
            sum_x += bin_votes[seed] * seed_x
        centre_y[n], centre_x[n], total[n] = sum_y / votes, sum_x / votes, votes
        n += 1
    return centre_y[:n], centre_x[:n], total[:n]


@compiled
def spread_groups(landing: Ints, width: int, index: Ints, group: Ints, count: int) -> Floats:
    """Give each pixel the group that it landed in, in place, and measure how the pixels of each group spread.

    Returns the covariance (yy, yx, xx) of the pixel positions, shape (count, 3).
    """
    sums = np.zeros((count, 6), np.float64)
    y, x = 0, 0
    for i in range(landing.size):
        if landing[i] >= 0:
            g = group[index[landing[i]] - 1]
            landing[i] = g
            sums[g, 0] += 1
            sums[g, 1] += y
            sums[g, 2] += x
            sums[g, 3] += y * y
            sums[g, 4] += y * x
            sums[g, 5] += x * x
        x += 1
        if x == width:
            y, x = y + 1, 0
    spread = np.empty((count, 3), np.float64)
    for g in range(count):
        n = sums[g, 0]
        mean_y, mean_x = sums[g, 1] / n, sums[g, 2] / n
        spread[g, 0] = sums[g, 3] / n - mean_y * mean_y
        spread[g, 1] = sums[g, 4] / n - mean_y * mean_x
        spread[g, 2] = sums[g, 5] / n - mean_x * mean_x
    return spread
