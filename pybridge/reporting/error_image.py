"""The errors of a segmentation in colour: which objects are right, missed, spurious, split or merged.

Colours are Okabe and Ito's, told apart by colour-blind people:

======== ============== ==========================================================
kind     colour         which pixels
======== ============== ==========================================================
right    green          where a matched object and its partner agree
missed   vermilion      an object of the truth that has no partner
spurious blue           an object of the result that has no partner
split    yellow         an object of the truth that the result has in pieces
merged   purple         objects of the truth that the result has as one
======== ============== ==========================================================

Dark vermilion and dark blue are the seams of matched objects: pixels that are lacking in the result, or too much. A
darker line parts objects that touch. Imports metrics and core; Pillow inside functions.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pybridge.metrics.object_errors import ObjectErrors

KINDS = ("right", "missed", "spurious", "split", "merged")
RIGHT, MISSED, SPURIOUS, SPLIT, MERGED = range(5)
COLOURS = np.array([(0, 158, 115), (213, 94, 0), (86, 180, 233), (240, 228, 66), (204, 121, 167)], np.uint8)
"""RGB of each kind."""

_SEAM = 0.65  # brightness of the seams of matched objects
_DARK = (COLOURS * _SEAM).astype(np.uint8)
LEGEND: tuple[tuple[str, tuple[int, ...]], ...] = tuple(
    (name, tuple(colour.tolist()))
    for name, colour in zip((*KINDS, "lacking", "too much"), (*COLOURS, _DARK[MISSED], _DARK[SPURIOUS]), strict=True)
)
"""What the colours mean: the kinds of objects, then the seams of matched ones."""

_PARTING = 0.55  # brightness of the lines between touching objects
_LONGEST_SIDE_PX = 1600
_LARGE_ID = 65536
_LEGEND_PX = 28


def kinds_of_objects(errors: ObjectErrors) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Say of each object what became of it, as a place in ``KINDS``.

    Split objects with their pieces, and merged ones with what they swallowed, are named so even when they have a
    partner: that is what one corrects.

    Returns
    -------
    ndarray of int64, shape (N,)
        Of the truth: right, missed, split or merged.
    ndarray of int64, shape (M,)
        Of the result: right, spurious, split or merged.
    """
    truth, result = np.full(errors.truth_count, MISSED), np.full(errors.result_count, SPURIOUS)
    for kind, of_truth, of_result in (
        (RIGHT, errors.matched_truth, errors.matched_result),
        (MERGED, errors.swallowed, errors.merged),
        (SPLIT, errors.split, errors.pieces),
    ):
        truth[of_truth] = kind
        result[of_result] = kind
    return truth, result


def draw_errors(truth: NDArray[Any], result: NDArray[Any], errors: ObjectErrors) -> NDArray[np.uint8]:
    """Draw the errors of one plane or volume.

    Parameters
    ----------
    truth, result : ndarray of int, shape (…, Y, X)
        Labels.
    errors : ObjectErrors
        What was found of these labels.

    Returns
    -------
    ndarray of uint8, shape (…, Y, X, 3)
        RGB; black is the background of both.

    Examples
    --------
    >>> from pybridge.metrics.object_errors import find_object_errors
    >>> from pybridge.metrics.overlaps import overlaps
    >>> truth, result = np.array([[1, 1, 0, 2]]), np.array([[1, 1, 0, 0]])
    >>> draw_errors(truth, result, find_object_errors(overlaps(truth, result)))[0, :, 0].tolist()
    [0, 0, 0, 213]
    """
    of_truth, of_result = kinds_of_objects(errors)
    partner = np.full(of_truth.size + 1, -2, np.int32)
    partner[errors.matched_truth] = errors.matched_result
    at_truth, at_result = _places(truth, errors.truth_ids), _places(result, errors.result_ids)
    # The table of colours: five kinds, the same five dark, and black.
    colours = np.concatenate([COLOURS, _DARK, np.zeros((1, 3), np.uint8)])
    black = np.uint8(len(colours) - 1)
    # One byte for each pixel: pictures are large. The last entry is that of the background, -1.
    truth_kind = np.append(of_truth, black).astype(np.uint8)[at_truth]
    result_kind = np.append(of_result, black).astype(np.uint8)[at_result]
    in_truth, in_result = at_truth >= 0, at_result >= 0
    code = np.where(in_truth, truth_kind, result_kind)
    apart = in_truth & (truth_kind == RIGHT) & (partner[at_truth] != at_result)
    # Where a matched object meets another than its partner, that other one says what is wrong.
    wrong = apart & in_result & (result_kind != RIGHT)
    code[wrong] = result_kind[wrong]
    code[apart & ~wrong] = MISSED + len(KINDS)
    code[~in_truth & in_result & (result_kind == RIGHT)] = SPURIOUS + len(KINDS)
    picture: NDArray[np.uint8] = colours.take(code, axis=0)
    lines = _partings(at_truth) | _partings(at_result)
    picture[lines] = (picture[lines] * _PARTING).astype(np.uint8)
    return picture


def write_error_picture(path: Path, errors: NDArray[np.uint8], *, overwrite: bool = False) -> None:
    """Write one plane of errors as PNG, enlarged when small, with its legend below.

    Parameters
    ----------
    path : Path
        The file.
    errors : ndarray of uint8, shape (Y, X, 3)
        What ``draw_errors`` gave.
    overwrite : bool
        Replace an existing file.
    """
    from PIL import Image as Pillow
    from PIL import ImageDraw, ImageFont

    from pybridge.files.write import write_whole

    enlarge = max(1, min(3, _LONGEST_SIDE_PX // max(errors.shape[:2])))
    large = errors.repeat(enlarge, 0).repeat(enlarge, 1)
    font = ImageFont.load_default(size=14)
    widths = [_LEGEND_PX + int(font.getlength(name)) + 12 for name, _ in LEGEND]
    picture = Pillow.new("RGB", (max(large.shape[1], sum(widths)), large.shape[0] + _LEGEND_PX), (255, 255, 255))
    picture.paste(Pillow.fromarray(large), (0, 0))
    draw = ImageDraw.Draw(picture)
    left, top = 6, large.shape[0] + 6
    for (name, colour), width in zip(LEGEND, widths, strict=True):
        draw.rectangle((left, top, left + 16, top + 16), fill=colour)
        draw.text((left + 22, top - 1), name, fill=(0, 0, 0), font=font)
        left += width
    write_whole(path, lambda temporary: picture.save(temporary, format="PNG"), overwrite=overwrite)


def _places(labels: NDArray[Any], ids: NDArray[np.int64]) -> NDArray[np.int32]:
    """Give the place of each pixel's object in the list of ids, -1 for the background."""
    if not ids.size:
        return np.full(labels.shape, -1, np.int32)
    highest = int(ids[-1])
    if highest > labels.size + _LARGE_ID:  # a table of all ids would be larger than the image
        return np.where(labels != 0, np.searchsorted(ids, labels), -1).astype(np.int32)
    table = np.full(highest + 1, -1, np.int32)
    table[ids] = np.arange(ids.size, dtype=np.int32)
    places: NDArray[np.int32] = table[labels]
    return places


def _partings(places: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Mark the pixels of objects that touch another one to the left or above."""
    lines = np.zeros(places.shape, bool)
    across, down = places[..., :, 1:], places[..., 1:, :]
    lines[..., :, 1:] |= (across >= 0) & (places[..., :, :-1] >= 0) & (across != places[..., :, :-1])
    lines[..., 1:, :] |= (down >= 0) & (places[..., :-1, :] >= 0) & (down != places[..., :-1, :])
    return lines
