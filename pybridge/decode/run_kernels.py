"""Compiled loops over runs: stretches of one value in one row, which describe a label image in little memory.

Runs cover the image completely, background included, in raster order. Objects are joined over 8 neighbours, as
ImageJ's wand does; background over 4. Imported only inside functions.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pybridge.decode.compiled import compiled

Ints = NDArray[np.int32]
Longs = NDArray[np.int64]


@compiled
def count_runs(group: Ints, object_of: Ints) -> int:
    """Count the runs of one object in a map (Y, X) of groups, where -1 is background and object 0 too."""
    runs = 0
    for y in range(group.shape[0]):
        last_group, last = -2, -1
        for x in range(group.shape[1]):
            g = group[y, x]
            if g != last_group:
                last_group = g
                now = object_of[g] if g >= 0 else 0
                runs += now != last
                last = now
    return runs


@compiled
def list_runs(
    group: Ints,
    object_of: Ints,
    is_sure: NDArray[np.bool_],
    foreground: NDArray[np.uint16],
    row_first: Ints,
    start: Ints,
    label: Ints,
    sure: Ints,
    chance: Longs,
) -> None:
    """Fill in the runs: first run of each row, start column, object, pixels of sure groups, summed probability."""
    k = -1
    for y in range(group.shape[0]):
        row_first[y] = k + 1
        last_group, last, counts = -2, -1, False
        for x in range(group.shape[1]):
            g = group[y, x]
            if g != last_group:
                last_group = g
                now = object_of[g] if g >= 0 else 0
                counts = g >= 0 and is_sure[g]
                if now != last:
                    last = now
                    k += 1
                    start[k], label[k], sure[k], chance[k] = x, now, 0, 0
            sure[k] += counts
            chance[k] += foreground[y, x]
    row_first[group.shape[0]] = k + 1


@compiled
def find_root(parent: Ints, k: int) -> int:
    """Find the first run of a piece, and shorten the way there."""
    while parent[k] != k:
        parent[k] = parent[parent[k]]
        k = parent[k]
    return k


@compiled
def unite(parent: Ints, a: int, b: int) -> None:
    """Make one piece out of two; its first run in raster order stands for it."""
    a, b = find_root(parent, a), find_root(parent, b)
    if a < b:
        parent[b] = a
    else:
        parent[a] = b


@compiled
def join_runs(row_first: Ints, start: Ints, width: int, label: Ints, background: bool) -> Ints:
    """Join the runs that touch and have one label, of objects (8 neighbours) or of the background (4 neighbours).

    Returns for each run the first run of its piece.
    """
    parent = np.arange(start.size).astype(np.int32)
    touch = 0 if background else 1
    for y in range(row_first.size - 1):
        above, above_end = (row_first[y - 1], row_first[y]) if y > 0 else (0, 0)
        for k in range(row_first[y], row_first[y + 1]):
            if (label[k] == 0) != background:
                continue
            if k > row_first[y] and label[k - 1] == label[k]:
                unite(parent, k, k - 1)
            end = start[k + 1] if k + 1 < row_first[y + 1] else width
            # Skip the runs above that end before this one; the last of them may still touch the next run.
            while above < above_end and (start[above + 1] if above + 1 < above_end else width) + touch <= start[k]:
                above += 1
            other = above
            while other < above_end and start[other] < end + touch:
                if label[other] == label[k]:
                    unite(parent, k, other)
                other += 1
    for k in range(start.size):
        parent[k] = parent[parent[k]]
    return parent


@compiled
def count_contacts(
    row_first: Ints, start: Ints, width: int, piece: Ints, loose: NDArray[np.bool_], pairs: Longs
) -> int:
    """List in ``pairs`` (n, 3) each loose piece beside another piece, and the length of that contact.

    Pieces count from 1, 0 is background. One pair may appear often. Returns how many there are; those that find no
    room are only counted.
    """
    n = 0
    for y in range(row_first.size - 1):
        above, above_end = (row_first[y - 1], row_first[y]) if y > 0 else (0, 0)
        for k in range(row_first[y], row_first[y + 1]):
            if piece[k] == 0:
                continue
            end = start[k + 1] if k + 1 < row_first[y + 1] else width
            if k > row_first[y]:
                n = add_contact(pairs, n, piece[k - 1], piece[k], 1, loose)
            while above < above_end and (start[above + 1] if above + 1 < above_end else width) + 1 <= start[k]:
                above += 1
            other = above
            while other < above_end and start[other] < end + 1:
                other_end = start[other + 1] if other + 1 < above_end else width
                length = max(1, min(end, other_end) - max(start[k], start[other]))
                n = add_contact(pairs, n, piece[other], piece[k], length, loose)
                other += 1
    return n


@compiled
def add_contact(pairs: Longs, n: int, a: int, b: int, length: int, loose: NDArray[np.bool_]) -> int:
    """Note a contact of two pieces from the side of each that is loose; returns the number of contacts so far."""
    if a == b or a == 0 or b == 0:
        return n
    for mine, theirs in ((a, b), (b, a)):
        if loose[mine]:
            if n < pairs.shape[0]:
                pairs[n, 0], pairs[n, 1], pairs[n, 2] = mine, theirs, length
            n += 1
    return n


@compiled
def find_holes(row_first: Ints, start: Ints, width: int, label: Ints, parent: Ints) -> Ints:
    """Say for each run of background which object alone encloses it; 0 when none does.

    ``parent`` comes from ``join_runs(..., background=True)``. A hole touches one object over 4 neighbours, and not the
    image border.
    """
    encloses = np.zeros(start.size, np.int32)  # at the first run of each piece: 0 unseen, -1 none
    height = row_first.size - 1
    for y in range(height):
        above, above_end = (row_first[y - 1], row_first[y]) if y > 0 else (0, 0)
        for k in range(row_first[y], row_first[y + 1]):
            end = start[k + 1] if k + 1 < row_first[y + 1] else width
            if label[k] == 0 and (y == 0 or y == height - 1 or start[k] == 0 or end == width):
                encloses[parent[k]] = -1
            if k > row_first[y]:
                note_neighbour(encloses, parent, label, k, k - 1)
            while above < above_end and (start[above + 1] if above + 1 < above_end else width) <= start[k]:
                above += 1
            other = above
            while other < above_end and start[other] < end:
                note_neighbour(encloses, parent, label, k, other)
                other += 1
    for k in range(start.size):
        hole = encloses[parent[k]] if label[k] == 0 else 0
        encloses[k] = max(hole, 0) if parent[k] != k else hole  # the first run is read by those after it
    for k in range(start.size):
        encloses[k] = max(encloses[k], 0)
    return encloses


@compiled
def note_neighbour(encloses: Ints, parent: Ints, label: Ints, a: int, b: int) -> None:
    """Note that two runs touch: a piece of background with two different neighbours is no hole."""
    if (label[a] == 0) == (label[b] == 0):
        return
    gap, owner = (parent[a], label[b]) if label[a] == 0 else (parent[b], label[a])
    if encloses[gap] == 0:
        encloses[gap] = owner
    elif encloses[gap] != owner:
        encloses[gap] = -1


@compiled
def paint_runs(
    row_first: Ints, start: Ints, label: Ints, sure: Ints, chance: Longs, labels: Ints, sums: NDArray[np.float64]
) -> None:
    """Paint the runs into ``labels`` (Y, X) and sum up each object: area, sure pixels, probability."""
    height, width = labels.shape
    for y in range(height):
        for k in range(row_first[y], row_first[y + 1]):
            end = start[k + 1] if k + 1 < row_first[y + 1] else width
            labels[y, start[k] : end] = label[k]
            if label[k] > 0:
                sums[label[k], 0] += end - start[k]
                sums[label[k], 1] += sure[k]
                sums[label[k], 2] += chance[k]
