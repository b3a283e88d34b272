"""Compiled loops over the pieces of labels: connected regions of one id. Imported only inside functions."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pybridge.decode.compiled import compiled
from pybridge.decode.run_kernels import find_root, unite

Ints = NDArray[np.int32]


@compiled
def mark_pieces(ids: Ints, joins_slices: bool, piece: Ints, parent: Ints) -> int:
    """Give each pixel of a volume (Z, Y, X) a provisional piece, from 1; pieces that touch get one root in ``parent``.

    What touches at a corner is connected; slices are not when ``joins_slices`` is false. Returns the highest piece.
    """
    slices, height, width = ids.shape
    highest = 0
    for z in range(slices):
        for y in range(height):
            for x in range(width):
                own = ids[z, y, x]
                if own == 0:
                    continue
                found, left = 0, x - 1
                if x > 0 and ids[z, y, x - 1] == own:
                    found, left = piece[z, y, x - 1], x + 1  # it is joined to what lies above it already
                if y > 0:
                    for k in range(max(left, 0), min(x + 2, width)):
                        if ids[z, y - 1, k] == own:
                            found = _join(parent, found, piece[z, y - 1, k])
                if joins_slices and z > 0:
                    for j in range(max(y - 1, 0), min(y + 2, height)):
                        for k in range(max(left, 0), min(x + 2, width)):
                            if ids[z - 1, j, k] == own:
                                found = _join(parent, found, piece[z - 1, j, k])
                if found == 0:
                    highest += 1
                    parent[highest] = highest
                    found = highest
                piece[z, y, x] = found
    return highest


@compiled
def _join(parent: Ints, one: int, other: int) -> int:
    if one == 0:
        return other
    if one != other:
        unite(parent, one, other)
    return one


@compiled
def number_roots(parent: Ints, highest: int, number: Ints) -> int:
    """Number the pieces that stand for themselves from 0, and give each piece the number of its root."""
    count = 0
    for k in range(1, highest + 1):
        root = find_root(parent, k)
        if root == k:
            number[k] = count
            count += 1
        else:
            number[k] = number[root]  # a root comes before what it stands for
    return count


@compiled
def measure_pieces(
    ids: Ints, piece: Ints, number: Ints, owner: Ints, size: Ints, core: Ints, between: Ints, box: Ints
) -> None:
    """Fill in each piece's id, its pixels, those of them inside and those between two values, and its box.

    A pixel is inside when its four neighbours have its id, and between when it is not, and values below and above its
    own are among its eight neighbours. A box is (first slice, row, column, last slice, row, column); it comes in with
    first places above all, and last ones below.
    """
    slices, height, width = ids.shape
    for z in range(slices):
        for y in range(height):
            for x in range(width):
                own = ids[z, y, x]
                if own == 0:
                    continue
                k = number[piece[z, y, x]]
                owner[k] = own
                size[k] += 1
                box[k, 0], box[k, 3] = min(box[k, 0], z), max(box[k, 3], z)
                box[k, 1], box[k, 4] = min(box[k, 1], y), max(box[k, 4], y)
                box[k, 2], box[k, 5] = min(box[k, 2], x), max(box[k, 5], x)
                if 0 < y < height - 1 and 0 < x < width - 1:
                    beside = ids[z, y, x - 1] == own and ids[z, y, x + 1] == own
                    if beside and ids[z, y - 1, x] == own and ids[z, y + 1, x] == own:
                        core[k] += 1
                        continue
                is_above = is_below = False
                for j in range(max(y - 1, 0), min(y + 2, height)):
                    for i in range(max(x - 1, 0), min(x + 2, width)):
                        is_above |= ids[z, j, i] > own
                        is_below |= ids[z, j, i] < own
                between[k] += is_above and is_below
