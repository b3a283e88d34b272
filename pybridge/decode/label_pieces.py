"""The pieces in which the ids of a label image lie: how many, how large, where. Imports core, scipy inside."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

_SPECK = 0.25  # of the largest piece: what is smaller is no object that the id names as well
_MOST_COMPARED = 300_000  # pieces whose neighbours are looked for; more are no labels, and are found out before


@dataclass(frozen=True, slots=True, eq=False)
class Pieces:
    """All connected regions of one id in a plane or volume; what touches at a corner is connected.

    Parameters
    ----------
    count : int
        Number of ids.
    owner : ndarray of int32, shape (P,)
        Which id a piece has, from 1; the order is that of the ids.
    size, core, between : ndarray of int32, shape (P,)
        Its pixels; those whose four neighbours have its id; those that lie between a lower and a higher value.
    box : ndarray of int32, shape (P, 6)
        First slice, row and column, and last ones.
    """

    count: int
    owner: NDArray[np.int32]
    size: NDArray[np.int32]
    core: NDArray[np.int32]
    between: NDArray[np.int32]
    box: NDArray[np.int32]

    @property
    def main(self) -> NDArray[np.int64]:
        """The largest piece of each id, shape (count,)."""
        order = np.lexsort((-self.size, self.owner))
        return order[np.searchsorted(self.owner[order], np.arange(1, self.count + 1))]

    @property
    def like(self) -> NDArray[np.bool_]:
        """Whether a piece is no seam, and not much smaller than the largest of its id."""
        return (self.size > _SPECK * self.size[self.main][self.owner - 1]) & (2 * self.between < self.size)

    def per_id(self, chosen: NDArray[np.bool_]) -> NDArray[np.int64]:
        """Count the chosen pieces of each id."""
        found: NDArray[np.int64] = np.bincount(self.owner[chosen], minlength=self.count + 1)[1:]
        return found

    def far_seams(self) -> NDArray[np.bool_]:
        """Say which pieces are seams between other values, farther from their object than it is large.

        Interpolation makes them: where the background meets object 40, ids 1 to 39 come up, whose objects lie anywhere.
        A cell that another cuts in two, or a ragged outline, leaves its pieces near.
        """
        main = self.main
        home = main[self.owner - 1]
        first, last = self.box[home, :3], self.box[home, 3:]
        reach = last - first + 1
        centre = (self.box[:, :3] + self.box[:, 3:]) / 2
        is_far = ((centre < first - reach) | (centre > last + reach)).any(axis=1)
        is_extra = np.ones(self.owner.size, np.bool_)
        is_extra[main] = False
        return is_extra & is_far & (2 * self.between >= self.size)

    def scattered(self) -> NDArray[np.bool_]:
        """Say which pieces lie apart from all others of their id, with another id's nearer: by name, one object.

        The gap to the nearest of the same id is wider than either of them. Dots of one cell, and what a crossing fibre
        left of another, are near to each other, or have no other id between them.
        """
        from scipy.spatial import cKDTree

        found = np.zeros(self.owner.size, np.bool_)
        like = np.flatnonzero(self.like)
        several = self.per_id(self.like) > 1
        asked = np.flatnonzero(several[self.owner[like] - 1])
        if not asked.size or like.size > _MOST_COMPARED:
            return found
        centre = (self.box[like, :3] + self.box[like, 3:]) / 2
        extent = (self.box[like, 3:] - self.box[like, :3] + 1).max(axis=1)
        apart = 4.0 * (centre.max() + 1)  # another id is farther than any other place
        named = np.column_stack([centre, self.owner[like] * apart])
        same, partner = (each[:, 1] for each in cKDTree(named).query(named[asked], k=2))
        any_id = cKDTree(centre).query(centre[asked], k=2)[0][:, 1]
        gap = same - (extent[asked] + extent[partner]) / 2
        found[like[asked]] = (gap > np.maximum(extent[asked], extent[partner])) & (any_id < same)
        return found


def list_pieces(number: NDArray[np.int32], *, joins_slices: bool = True) -> Pieces | None:
    """List the pieces of a volume (Z, Y, X) of ids that are numbered without gaps; None when each id is one piece.

    Examples
    --------
    >>> pieces = list_pieces(np.array([[[1, 0, 1, 2, 2]]], np.int32))
    >>> pieces.owner.tolist(), pieces.size.tolist()
    ([1, 1, 2], [1, 1, 2])
    """
    from pybridge.decode import piece_kernels as kernels

    piece = np.empty(number.shape, np.int32)
    parent = np.empty(number.size + 1, np.int32)
    highest = kernels.mark_pieces(number, joins_slices, piece, parent)
    new = np.zeros(highest + 1, np.int32)
    found, count = kernels.number_roots(parent, highest, new), int(number.max(initial=0))
    if found == count:
        return None
    owner, size, core, between = (np.zeros(found, np.int32) for _ in range(4))
    box = np.repeat(np.array([[np.iinfo(np.int32).max] * 3 + [-1] * 3], np.int32), found, axis=0)
    kernels.measure_pieces(number, piece, new, owner, size, core, between, box)
    return Pieces(count, owner, size, core, between, box)


def number_ids(labels: NDArray[np.int32]) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Number ids from 0 without gaps, 0 for the background: the ids by number, 0 first, and the numbered labels.

    Examples
    --------
    >>> ids, number = number_ids(np.array([[0, 7, 7, 3]], np.int32))
    >>> ids.tolist(), number.tolist()
    ([0, 3, 7], [[0, 2, 2, 1]])
    """
    highest = int(labels.max(initial=0))
    if highest > 4 * labels.size + 1000:  # a table of all ids would be larger than the image
        ids = np.union1d([0], labels).astype(np.int32)
        return ids, np.searchsorted(ids, labels).astype(np.int32)
    is_used = np.zeros(highest + 1, np.bool_)
    is_used[labels] = True
    is_used[0] = True
    number = np.cumsum(is_used, dtype=np.int32) - 1
    return np.flatnonzero(is_used).astype(np.int32), number[labels]


def number_by_slice(labels: NDArray[np.int32]) -> NDArray[np.int32]:
    """Number what has one id in two slices as two, from 1 without gaps.

    Examples
    --------
    >>> number_by_slice(np.array([[[0, 7, 9]], [[7, 0, 0]]], np.int32)).tolist()
    [[[0, 1, 2]], [[3, 0, 0]]]
    """
    new, highest = np.zeros_like(labels), 0
    for z, plane in enumerate(labels):
        ids, own = number_ids(plane)
        new[z] = np.where(own > 0, own + highest, 0)
        highest += len(ids) - 1
    return new


def count_pieces(labels: NDArray[Any]) -> int:
    """Count the connected regions of what is not 0, in a plane or a volume; what touches at a corner is connected.

    Examples
    --------
    >>> count_pieces(np.array([[1, 0, 0], [0, 1, 0], [0, 0, 0], [1, 0, 0]]))
    2
    """
    return int(piece_sizes(labels).size)


def piece_sizes(labels: NDArray[Any]) -> NDArray[np.int64]:
    """Count the pixels of each connected region of what is not 0, as ``count_pieces`` does.

    Examples
    --------
    >>> piece_sizes(np.array([[1, 0, 0], [0, 1, 0], [0, 0, 0], [1, 0, 0]])).tolist()
    [2, 1]
    """
    from scipy import ndimage

    pieces, _ = ndimage.label(labels, np.ones((3,) * labels.ndim))
    sizes: NDArray[np.int64] = np.bincount(pieces.ravel())[1:]
    return sizes
