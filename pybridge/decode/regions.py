"""From a map of candidates to clean objects: one connected region each, no holes, large enough. Imports numpy."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pybridge.decode.plane import DecodedPlane
from pybridge.decode.probability import PROBABILITY_UNIT

# A piece that lies apart from the rest of its object and touches no other is an object of its own when it is at least
# this large, compared with the main piece; smaller ones are debris.
_OWN_OBJECT_SHARE = 0.25


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """What a decoder found in a plane, before it is clean.

    Parameters
    ----------
    group : ndarray of int32, shape (Y, X)
        Candidate of each pixel, from 0; -1 is background.
    object_of : ndarray of int32, shape (G,)
        Object of each candidate, from 1; 0 drops it.
    is_sure : ndarray of bool, shape (G,)
        Whether pixels of that candidate speak for its object; their share is part of the confidence.
    probability : ndarray of uint16, shape (Y, X)
        What the confidence is the mean of, in steps of 1/65535.
    """

    group: NDArray[np.int32]
    object_of: NDArray[np.int32]
    is_sure: NDArray[np.bool_]
    probability: NDArray[np.uint16]


def clean_objects(found: Candidates, *, min_size: int, exclude_border: bool) -> DecodedPlane:
    """Make each object one region: pieces apart go to the neighbour they touch most, holes are filled.

    An object is 8-connected, as ImageJ's wand sees it. A piece apart from its object's largest piece, or smaller than
    ``min_size``, joins the neighbour with the longest contact; with no neighbour it is dropped, or stays as an object
    of its own when it is large. A hole enclosed by one object alone belongs to it.

    Parameters
    ----------
    found : Candidates
        Its ``group`` is overwritten: it becomes the labels.
    min_size : int
        Smallest object kept, in pixels.
    exclude_border : bool
        Leave out objects that touch the image border.

    Returns
    -------
    DecodedPlane
    """
    from pybridge.decode import run_kernels as kernels

    group, object_of = found.group, found.object_of
    height, width = group.shape
    count = kernels.count_runs(group, object_of)
    row_first = np.empty(height + 1, np.int32)
    start, label, sure = (np.empty(count, np.int32) for _ in range(3))
    chance = np.empty(count, np.int64)
    kernels.list_runs(group, object_of, found.is_sure, found.probability, row_first, start, label, sure, chance)
    end = np.append(start[1:], np.int32(0))
    end[row_first[1:] - 1] = width

    owner = _owners(label, row_first, start, end - start, width, min_size=min_size)
    sure[owner != label] = 0
    if exclude_border:
        edge = (start == 0) | (end == width)
        edge[: row_first[1]] = True
        edge[row_first[height - 1] :] = True
        dropped = np.zeros(int(owner.max()) + 1, bool)
        dropped[owner[edge]] = True
        owner[dropped[owner]] = 0
    # After objects were dropped: a pixel of theirs may be a hole now.
    gaps = kernels.join_runs(row_first, start, width, owner, True)
    owner = np.maximum(owner, kernels.find_holes(row_first, start, width, owner, gaps))
    owner, objects = _renumber(owner)
    sums = np.zeros((objects + 1, 3), np.float64)
    kernels.paint_runs(row_first, start, owner, sure, chance, group, sums)
    area = sums[1:, 0]
    confidence = sums[1:, 2] / PROBABILITY_UNIT / area * (sums[1:, 1] / area)
    return DecodedPlane(group, confidence.astype(np.float32))


def _owners(
    label: NDArray[np.int32],
    row_first: NDArray[np.int32],
    start: NDArray[np.int32],
    length: NDArray[np.int32],
    width: int,
    *,
    min_size: int,
) -> NDArray[np.int32]:
    """Give each run its object, after pieces apart and objects too small have gone to their neighbours."""
    from pybridge.decode import run_kernels as kernels

    first_run = kernels.join_runs(row_first, start, width, label, False)
    is_first = (first_run == np.arange(label.size)) & (label > 0)
    number = np.cumsum(is_first, dtype=np.int32)
    piece = np.where(label > 0, number[first_run], 0).astype(np.int32)
    area = np.bincount(piece, weights=length, minlength=int(number[-1]) + 1)
    area[0] = 0
    claimed = np.concatenate([[0], label[is_first]]).astype(np.int32)  # the object that each piece was part of

    largest_first = np.lexsort((-area, claimed))
    is_main = np.zeros(area.size, bool)
    is_main[largest_first[np.flatnonzero(np.diff(claimed[largest_first], prepend=-1))]] = True
    main_area = np.zeros(int(claimed.max()) + 1)
    main_area[claimed[is_main]] = area[is_main]
    loose = ~is_main | (area < min_size)
    loose[0] = False

    owner = np.where(loose, 0, claimed)
    alone = _adopt(owner, loose, _contacts(row_first, start, width, piece, loose))
    large = area[alone] >= np.maximum(max(min_size, 1), _OWN_OBJECT_SHARE * main_area[claimed[alone]])
    new = alone[large]
    owner[new] = int(claimed.max()) + 1 + np.arange(new.size)
    result: NDArray[np.int32] = owner.astype(np.int32)[piece]
    return result


def _contacts(
    row_first: NDArray[np.int32],
    start: NDArray[np.int32],
    width: int,
    piece: NDArray[np.int32],
    loose: NDArray[np.bool_],
) -> NDArray[np.int64]:
    """Sum up how long each loose piece touches each other piece: rows (loose piece, other piece, pixels)."""
    from pybridge.decode import run_kernels as kernels

    found = np.empty((4 * np.count_nonzero(loose) + 64, 3), np.int64)
    count = kernels.count_contacts(row_first, start, width, piece, loose, found)
    if count > len(found):
        found = np.empty((count, 3), np.int64)
        kernels.count_contacts(row_first, start, width, piece, loose, found)
    code = found[:count, 0] * loose.size + found[:count, 1]
    pairs, which = np.unique(code, return_inverse=True)
    lengths = np.bincount(which, weights=found[:count, 2], minlength=pairs.size).astype(np.int64)
    return np.column_stack([pairs // loose.size, pairs % loose.size, lengths])


def _adopt(owner: NDArray[np.int32], loose: NDArray[np.bool_], contacts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Give loose pieces to the object they touch most, in place; returns the pieces that touch none."""
    while len(contacts):
        known = owner[contacts[:, 1]] > 0
        usable = contacts[known]
        best = np.lexsort((usable[:, 1], -usable[:, 2], usable[:, 0]))
        chosen = usable[best[np.flatnonzero(np.diff(usable[best, 0], prepend=-1))]]
        if not len(chosen):
            break
        owner[chosen[:, 0]] = owner[chosen[:, 1]]
        contacts = contacts[owner[contacts[:, 0]] == 0]
    return np.flatnonzero(loose & (owner == 0))


def _renumber(owner: NDArray[np.int32]) -> tuple[NDArray[np.int32], int]:
    """Number objects from 1 in the order of their first runs; returns the new numbers and how many there are."""
    ids, first = np.unique(owner, return_index=True)
    present = ids > 0
    number = np.zeros(int(ids[-1]) + 1, np.int32)
    number[ids[present][np.argsort(first[present])]] = np.arange(1, np.count_nonzero(present) + 1)
    return number[owner], int(np.count_nonzero(present))
