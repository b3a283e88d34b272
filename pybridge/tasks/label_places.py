"""Which parts of labels are scored at once: volumes, or slices. Imports core only.

A stack of slices is one volume when its objects go through several slices: what has one id there then lies on top of
itself. Labels that were made slice by slice may count their ids from 1 on every slice. Such ids recur too, but name
other objects, so that scoring them as a volume would call perfect labels wrong.
"""

from __future__ import annotations

from enum import Enum
from typing import Any

import numpy as np
from numpy.typing import NDArray

_LEAST_JOINED = 0.5
"""Of the objects that go on in another slice, so many lie on top of themselves in a volume; in truth nearly all do."""
_LEAST_JOINED_COUNTED = 0.9
"""The same where every slice counts its ids from 1: that happens in volumes whose objects go through all slices."""


class Slices(Enum):
    """How the slices of labels belong together."""

    EMPTY = "no objects"
    APART = "no id is on two slices"
    RENUMBERED = "ids are on several slices, and name other objects there"
    VOLUME = "objects go through several slices"


def scored_places(
    found: NDArray[np.int32], truths: NDArray[np.int32], *, name: str
) -> tuple[list[tuple[int, ...]], tuple[str, ...]]:
    """List the places of a result and its truth that are scored at once: the frames, or the slices of all frames.

    Slices are scored together when both have objects that go through several of them; without any object, a side has
    no say.

    Parameters
    ----------
    found, truths : ndarray of int32, shape (T, Z, Y, X)
    name : str
        What the truth is called, for warnings.

    Returns
    -------
    list of tuple of int
        Indices into both: ``(t,)`` for volumes, ``(t, z)`` for slices.
    tuple of str
        Warnings: why slices are scored one by one although one side looks like a volume.

    Examples
    --------
    >>> disc = np.zeros((1, 2, 5, 7), np.int32)
    >>> disc[:, :, 1:3, 2:4] = 1
    >>> scored_places(disc, disc, name="truth")
    ([(0,)], ())
    >>> moved = disc.copy()
    >>> moved[:, 1] = np.roll(disc[:, 1], 3, axis=-1)
    >>> places, warnings = scored_places(moved, moved, name="truth")
    >>> places, len(warnings)
    ([(0, 0), (0, 1)], 1)
    """
    frames, slices = found.shape[:2]
    planes: list[tuple[int, ...]] = [(t, z) for t in range(frames) for z in range(slices)]
    if slices == 1:
        return planes, ()
    given, expected = slices_of(found), slices_of(truths)
    sides = {given, expected} - {Slices.EMPTY}
    if sides == {Slices.VOLUME}:
        return [(t,) for t in range(frames)], ()
    return planes, _why_planes(given, expected, name=name)


def _why_planes(given: Slices, expected: Slices, *, name: str) -> tuple[str, ...]:
    if given is Slices.RENUMBERED:
        return (
            "ids of the result recur on several slices, but what has the same id there does not lie on top of itself: "
            "scored slice by slice",
        )
    if given is Slices.VOLUME and expected is Slices.RENUMBERED:
        return (
            f"ids of {name} recur on several slices, but what has the same id there does not lie on top of itself, as "
            "the objects of the result do: scored slice by slice",
        )
    if given is Slices.VOLUME:
        return (f"objects of the result lie on several slices, those of {name} on one each: scored slice by slice",)
    if given is Slices.APART and expected is Slices.VOLUME:
        return (f"objects of {name} lie on several slices, those of the result on one each: scored slice by slice",)
    return ()


def slices_of(labels: NDArray[np.int32]) -> Slices:
    """Say how the slices of labels (T, Z, Y, X) belong together."""
    recurring, joined = 0, 0
    is_empty, is_counted = True, True
    for frame in labels:
        last: dict[int, int] = {}
        for z, plane in enumerate(frame):
            ids = _ids(plane)
            if not ids.size:
                continue
            is_empty = False
            is_counted &= int(ids[-1]) == ids.size
            earlier: dict[int, set[int]] = {}
            for each in ids.tolist():
                if each in last:
                    earlier.setdefault(last[each], set()).add(each)
                last[each] = z
            for before, recur in earlier.items():
                recurring += len(recur)
                joined += _joined(frame[before], plane, recur)
    if not recurring:
        return Slices.EMPTY if is_empty else Slices.APART
    least = _LEAST_JOINED_COUNTED if is_counted else _LEAST_JOINED
    return Slices.VOLUME if joined >= least * recurring else Slices.RENUMBERED


def _joined(one: NDArray[np.int32], other: NDArray[np.int32], ids: set[int]) -> int:
    """Count the ids of which pixels of two slices lie on or beside each other."""
    left = set(ids)
    for dy, dx in sorted(np.ndindex(3, 3), key=lambda step: step != (1, 1)):  # most lie on each other: that step first
        rows, columns = (_overlap(step - 1) for step in (dy, dx))
        here, there = one[rows[0], columns[0]], other[rows[1], columns[1]]
        left -= set(_ids(here[here == there]).tolist())
        if not left:
            break
    return len(ids) - len(left)


def _ids(labels: NDArray[np.int32]) -> NDArray[Any]:
    """List the ids that occur, sorted, without 0."""
    if int(labels.max(initial=0)) > labels.size:
        return np.unique(labels[labels > 0])
    return np.flatnonzero(np.bincount(labels.ravel())[1:]) + 1  # faster by far than sorting the pixels


def _overlap(step: int) -> tuple[slice, slice]:
    """Give the parts of two axes of one length, the other moved by -1, 0 or 1, that lie on each other."""
    return slice(max(step, 0), min(step, 0) or None), slice(max(-step, 0), min(-step, 0) or None)
