"""Was a label image cut off at the highest number that its type holds? Imports decode.

A file of 8 or 16 bit holds ids up to 255 or 65,535. Programs that clip instead of counting on give all objects beyond
that this one number: the id of many objects, where all others have one each.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pybridge.decode.label_pieces import list_pieces, number_by_slice

_HIGHEST = {255: 8, 65_535: 16}  # and the bits that hold it; a file may be stored with more bits afterwards
_LEAST_IDS = 6  # fewer values are classes, or a mask
_OBJECT = 0.25  # of the area that objects usually have: what is smaller is a part of one
_PIECES, _SURE_PIECES = 3, 10  # times as many as objects otherwise have on a slice
_LARGER = 10.0  # times the largest other object: neighbours that became one


def find_cut_ids(labels: NDArray[np.int32]) -> tuple[str, bool] | None:
    """Say what speaks for ids that were cut off, and whether no true labels look so; None when nothing does.

    Parameters
    ----------
    labels : ndarray of int32, shape (Z, Y, X)
        Ids as stored. Slices are looked at one by one: an object may lie in several, and ids may count on anew.

    Examples
    --------
    >>> find_cut_ids(np.arange(256, dtype=np.int32)[None, None]) is None
    True
    """
    highest = int(labels.max(initial=0))
    if highest not in _HIGHEST or len(ids := np.unique(labels[labels > 0])) < _LEAST_IDS:
        return None
    begin = f"{highest}, the highest number that {_HIGHEST[highest]} bits hold, "
    pieces, usual = _count_pieces(labels, highest)
    # Without ids that come near it, the number may as well mark what is not to be scored, as in some public sets.
    comes_near = bool((ids[:-1] > highest // 2).any())
    end = ": so it is when ids above it were cut off"
    end += "" if comes_near else ", or when it marks what is not to be scored (set it to 0 then)"
    if pieces >= _PIECES * usual:
        found = f"{begin}is the value of {pieces} separate objects{' on one slice' if len(labels) > 1 else ''}"
        return found + end, comes_near and pieces >= _SURE_PIECES * usual
    sizes = np.bincount(np.searchsorted(ids, labels[labels > 0]))
    if sizes[-1] >= _LARGER * sizes[:-1].max():
        found = f"{begin}covers {sizes[-1] / sizes[:-1].max():.0f} times as much as the largest other object"
        return found + end, False
    return None


def _count_pieces(labels: NDArray[np.int32], highest: int) -> tuple[int, float]:
    """Count the pieces of the size of an object that the highest id has on a slice, and that others usually have."""
    number = number_by_slice(labels)
    pieces = list_pieces(number, joins_slices=False)
    if pieces is None:
        return 1, 1.0
    is_highest = np.zeros(pieces.count + 1, np.bool_)
    is_highest[number[labels == highest]] = True
    is_highest = is_highest[1:]
    # Not of this slice alone: a last one may hold nothing but what was cut off.
    typical = float(np.median(pieces.size[pieces.main][~is_highest]))
    each = pieces.per_id(pieces.size >= _OBJECT * typical)
    # A few of the others may lie in pieces too; the largest number of all would let one of them hide what is sought.
    return int(each[is_highest].max()), max(1.0, float(np.percentile(each[~is_highest], 95)))
