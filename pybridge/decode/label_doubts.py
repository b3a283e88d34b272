"""Are labels objects? Ids in pieces are classes, ids that repeat, were cut off, or values that interpolation made.

A result may look bad and still be one; a truth that is none gives scores that mean nothing. What is refused here is
far from all true masks that were measured (tests/decode/test_label_doubts.py); what is between gets a warning.
Imports core.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pybridge.core.errors import ImageError
from pybridge.decode.cut_ids import find_cut_ids
from pybridge.decode.label_pieces import Pieces, list_pieces, number_by_slice, number_ids

_FEW_IDS, _MANY_IDS = 4, 50  # with few, a share of them says nothing
_MOST_MIXED = 0.5
_SEAMS, _SEAM_IDS = 2.0, 0.35  # per id, and ids with any: true masks have 0.1 and 0.1, interpolated ones 5 and 0.5
_SCATTERED, _SCATTERED_IDS = 2.5, 0.6  # the same of pieces apart, so that pairs are never refused; true ones have 0.02
_SCATTERED_LEAST = 10
_ODD_SEAMS, _ODD_SCATTERED, _ODD_LEAST = 0.3, 0.2, 3  # of ids with any, and at least: what is warned of
_CLASSES, _CLASS_PIECES, _CLASS_MEAN = 5, 10, 4.0  # at most so many values, at least so many pieces of like size
_ODD_PIECES, _ODD_MEAN = 4, 2.5  # the same, for a warning
_ONE_PIECE = 1.25  # pieces of like size per id of a slice: what looks odd as a volume is fine slice by slice
_BACKGROUND = 0.5  # of the image
_FULL = 0.9  # of pixels are above 0: there is no background
_LEAST_EQUAL = 0.35  # of neighbours above 0 have one value; in images of intensities fewer

_OBJECTS = (
    "give each object a number of its own (in ImageJ: Analyze > Analyze Particles…, Show: Count Masks, of each value), "
    "or say what they are: class images are scored with evaluate and task=classify, scribbles are given as scribbles"
)
_GIVE = "give a label image: 0 for the background, 1, 2, 3 … for the objects"
_SAVE = (
    "save the labels again in 16 bit, or in 32 bit above 65,535 objects; in ImageJ, changing the type cuts values off "
    "at the display range: let it hold all ids before"
)
_RESIZE = "resize and turn label images with interpolation 'None' only"


@dataclass(frozen=True, slots=True)
class Doubt:
    """What speaks against labels being objects.

    Parameters
    ----------
    found, do : str
        As in an error.
    kind : str
        ``mixed``, ``seams``, ``classes``, ``repeated`` or ``cut``.
    is_sure : bool
        Whether no true labels look so.
    """

    kind: str
    found: str
    do: str
    is_sure: bool = True


def check_objects(labels: NDArray[np.int32], *, name: str, asked: str, refuses: bool) -> tuple[str, ...]:
    """Refuse labels that are no objects, or warn of them.

    Parameters
    ----------
    labels : ndarray of int32, shape (T, Z, Y, X)
        Ids as stored. A frame is looked at by itself: ids recur there. Slices are a volume, or planes of their own,
        whichever looks better.
    name : str
        What they are called, for warnings.
    asked : str
        What was asked, for the error.
    refuses : bool
        Whether labels that are surely no objects are an error: in a truth.

    Returns
    -------
    tuple of str
        Warnings.

    Raises
    ------
    ImageError
        If at least half of the frames that hold objects are no labels of objects.

    Examples
    --------
    >>> check_objects(np.eye(5, 7, dtype=np.int32)[None, None], name="a.tif", asked="use 'a.tif'", refuses=True)
    ()
    """
    doubts, warnings, frames = list[Doubt](), list[str](), 0
    for frame in labels:
        if not frame.any():
            continue
        frames += 1
        doubt, background = _look_at(frame)
        doubts += [doubt] if doubt is not None else []
        if background is not None:
            warnings.append(f"{name}: {background}")
    sure = [each for each in doubts if each.is_sure]
    if refuses and sure and 2 * len(sure) >= frames:
        raise ImageError(asked, found=sure[0].found, do=sure[0].do)
    warnings += [f"{name} may not be labels of objects: {each.found}; {each.do}" for each in (sure or doubts)[:1]]
    return tuple(dict.fromkeys(warnings))


def _look_at(frame: NDArray[np.int32]) -> tuple[Doubt | None, str | None]:
    """Look at a plane or volume (Z, Y, X): what speaks against it, and against its background."""
    ids, number = number_ids(frame)
    background = _background_of(number)
    warning = None
    if background:
        warning = (
            f"the value {ids[background]} covers most of it and touches all its edges; if this is the background, set "
            "it to 0, because it counts as an object (in ImageJ: Process > Math)"
        )
    volume = list_pieces(number)
    doubt = None if volume is None else _judge(volume, frame, background=background, count=len(ids) - 1)
    if doubt is not None and len(frame) > 1:
        doubt = _milder(doubt, number, frame)
    if (doubt is None or not doubt.is_sure) and not background:
        cut = find_cut_ids(frame)
        doubt = Doubt("cut", cut[0], _SAVE, cut[1]) if cut is not None and (cut[1] or doubt is None) else doubt
    return doubt, warning


def _milder(doubt: Doubt, number: NDArray[np.int32], frame: NDArray[np.int32]) -> Doubt | None:
    """Look at a volume slice by slice too: ids may be counted anew on each, or only some slices be labelled."""
    apart = list_pieces(number_by_slice(number), joins_slices=False)
    again = None if apart is None else _judge(apart, frame, background=0, count=int(number.max()))
    if apart is None or (again is None and apart.per_id(apart.like).mean() < _ONE_PIECE):
        return None
    is_sure = again is not None and (again.is_sure or again.kind == doubt.kind)
    return dataclasses.replace(doubt, is_sure=doubt.is_sure and is_sure)


def _background_of(number: NDArray[np.int32]) -> int:
    """Give the id that covers most of an image and touches all its edges, or 0."""
    sizes = np.bincount(number.ravel())
    largest = int(sizes[1:].argmax()) + 1
    if not _BACKGROUND * number.size < sizes[largest] < number.size:
        return 0
    edges = (number[:, 0], number[:, -1], number[..., 0], number[..., -1])
    return largest if all((edge == largest).any() for edge in edges) else 0


def _judge(pieces: Pieces, frame: NDArray[np.int32], *, background: int, count: int) -> Doubt | None:
    """Say what speaks against ids that lie in pieces; ``count`` is the number of values, of all slices."""
    first = None
    for doubt in _doubts(pieces, frame, background, count):
        if doubt is not None and doubt.is_sure:
            return doubt
        first = first or doubt
    return first


def _doubts(pieces: Pieces, frame: NDArray[np.int32], background: int, count: int) -> Iterator[Doubt | None]:
    yield _mixed(pieces, frame)
    yield _seams(pieces, frame)
    yield _classes(pieces, background, count)
    yield _repeated(pieces)


def _mixed(pieces: Pieces, frame: NDArray[np.int32]) -> Doubt | None:
    """Doubt labels of whose ids most lie in several pieces, none with a pixel inside: seams, or noise."""
    several = pieces.per_id(np.ones(pieces.owner.size, np.bool_)) > 1
    size, core, between = (
        np.bincount(pieces.owner, each, pieces.count + 1)[1:] for each in (pieces.size, pieces.core, pieces.between)
    )
    mixed = int((several & (core == 0) & (2 * between >= size)).sum())
    is_grainy = pieces.count >= _MANY_IDS and _is_grainy(frame)
    if is_grainy:  # the more values there are, the more have one pixel only
        mixed += int((~several & (size == 1)).sum())
    if pieces.count < _FEW_IDS or mixed <= _MOST_MIXED * pieces.count:
        return None
    if is_grainy:
        return Doubt("mixed", "it looks like an image of intensities: few neighbouring pixels have one value", _GIVE)
    return _interpolated(f"{mixed} of its {pieces.count} values are only seams between others", frame, kind="mixed")


def _interpolated(shown: str, frame: NDArray[np.int32], *, kind: str, is_sure: bool = True) -> Doubt:
    """Say that values were mixed; without a background, that they may be no labels at all."""
    if np.count_nonzero(frame) > _FULL * frame.size:
        found = (
            "so it is in images of intensities, and in labels that were smoothed, resized or turned with interpolation"
        )
        return Doubt(kind, f"{shown}: {found}", f"{_GIVE}; {_RESIZE}", is_sure)
    found = "so it is when labels are smoothed, resized or turned with interpolation, or compressed with loss"
    return Doubt(kind, f"{shown}: {found}", f"export the labels again; {_RESIZE}", is_sure)


def _is_grainy(frame: NDArray[np.int32]) -> bool:
    """Say whether most neighbours are above 0 and differ, as in images of intensities."""
    one, other = frame[..., 1:], frame[..., :-1]
    pairs = (one > 0) & (other > 0)
    above = np.count_nonzero(pairs)
    return bool(2 * above > pairs.size and np.count_nonzero(pairs & (one == other)) < _LEAST_EQUAL * above)


def _seams(pieces: Pieces, frame: NDArray[np.int32]) -> Doubt | None:
    seams = pieces.per_id(pieces.far_seams())
    with_seams, total = int((seams > 0).sum()), int(seams.sum())
    # The highest value lies between no others.
    if with_seams < min(_ODD_LEAST, max(1, pieces.count - 1)) or with_seams < _ODD_SEAMS * pieces.count:
        return None
    shown = f"{with_seams} of its {pieces.count} values also lie in seams along the borders of others, {total} in all"
    is_sure = with_seams >= max(_ODD_LEAST, _SEAM_IDS * pieces.count) and total >= _SEAMS * pieces.count
    return _interpolated(shown, frame, kind="seams", is_sure=is_sure)


def _repeated(pieces: Pieces) -> Doubt | None:
    apart = pieces.per_id(pieces.scattered())
    with_some, total = int((apart > 0).sum()), int(apart.sum())
    if with_some < min(_ODD_LEAST, pieces.count) or with_some < _ODD_SCATTERED * pieces.count:
        return None
    found = (
        f"{with_some} of its {pieces.count} values lie in pieces of like size far apart, with other objects between "
        "them: so it is in classes, and where numbers are given twice"
    )
    is_sure = with_some >= _SCATTERED_IDS * pieces.count
    return Doubt("repeated", found, _OBJECTS, is_sure and total >= max(_SCATTERED_LEAST, _SCATTERED * pieces.count))


def _classes(pieces: Pieces, background: int, count: int) -> Doubt | None:
    """Doubt few values in many pieces of like size, some of which lie among another's: inside and border, for one."""
    each = pieces.per_id(pieces.like)
    counted = np.delete(each, background - 1) if background else each
    if count > _CLASSES + bool(background) or not counted.size or counted.max() < _ODD_PIECES:
        return None
    if counted.mean() < _ODD_MEAN or not _is_among_others(pieces, int(each.argmax()) + 1):
        return None
    found = (
        f"its {count} values lie in {int(counted.sum())} separate pieces of like size, one in {int(counted.max())}: "
        "classes of pixels, not objects"
    )
    is_sure = bool(counted.max() >= _CLASS_PIECES and counted.mean() >= _CLASS_MEAN)
    return Doubt("classes", found, _OBJECTS, is_sure)


def _is_among_others(pieces: Pieces, one: int) -> bool:
    """Say whether the box of an id shares most of itself, or of the other, with the box of another id."""
    low = np.array([pieces.box[pieces.owner == k, :3].min(axis=0) for k in range(1, pieces.count + 1)])
    high = np.array([pieces.box[pieces.owner == k, 3:].max(axis=0) for k in range(1, pieces.count + 1)]) + 1
    inner = np.clip(np.minimum(high, high[one - 1]) - np.maximum(low, low[one - 1]), 0, None).prod(axis=1)
    inner[one - 1] = 0
    smaller = np.minimum((high - low).prod(axis=1), (high - low)[one - 1].prod())
    return bool((2 * inner > smaller).any())
