"""Worst and best objects of an image, cut out: by IoU with the truth, else by their confidence.

Imports metrics and the nouns of reporting; scipy inside functions.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pybridge.metrics.overlaps import Overlaps
from pybridge.reporting.image_evidence import ObjectColumns
from pybridge.reporting.overlay import inner_edges
from pybridge.reporting.picture import RGB, Picture, grey_to_rgb, make_picture, side_by_side

_CASES = 6
_SIDE_PX = 150
_TRUTH, _RESULT = (86, 180, 233), (230, 159, 0)
_OUTLINES = "outlines: result in orange, ground truth in blue"


@dataclass(frozen=True, slots=True)
class _Case:
    label: int
    in_truth: bool
    name: str


def draw_cases(
    grey: NDArray[np.uint8],
    labels: NDArray[np.int64],
    *,
    truth: NDArray[np.int64] | None,
    found: Overlaps | None,
    columns: ObjectColumns | None,
) -> list[Picture]:
    """Draw the worst and the best objects of a plane; nothing when nothing ranks them.

    Parameters
    ----------
    grey : ndarray of uint8, shape (Y, X)
        The image.
    labels, truth : ndarray of int, shape (Y, X)
        Result, and ground truth where it is there.
    found : Overlaps, optional
        Of truth and result.
    columns : ObjectColumns, optional
        Confidence of the objects, by which they are ranked without a truth.
    """
    if truth is not None and found is not None:
        return _against_truth(grey, labels, truth, found)
    if columns is None or not len(columns.confidence):
        return []
    known = np.isfinite(columns.confidence) & np.isin(columns.label, labels)
    order = np.argsort(columns.confidence[known], kind="stable")
    cases = [
        _Case(int(label), False, f"{sure:.2f}")
        for label, sure in zip(columns.label[known][order], columns.confidence[known][order], strict=True)
    ]
    worst, best = _ends(cases)
    made = [
        _strip(grey, labels, None, worst, title="Least certain objects", by="confidence"),
        _strip(grey, labels, None, best, title="Most certain objects", by="confidence"),
    ]
    return [picture for picture in made if picture is not None]


def _against_truth(
    grey: NDArray[np.uint8], labels: NDArray[np.int64], truth: NDArray[np.int64], found: Overlaps
) -> list[Picture]:
    iou = found.intersection / found.union
    of_truth, of_result = np.zeros(found.truth_area.size), np.zeros(found.result_area.size)
    np.maximum.at(of_truth, found.truth, iou)
    np.maximum.at(of_result, found.result, iou)
    order = np.argsort(of_truth, kind="stable")
    cases = [_Case(int(found.truth_ids[at]), True, f"IoU {of_truth[at]:.2f}") for at in order]
    invented = [at for at in np.argsort(of_result, kind="stable")[:2] if of_result[at] < 0.5]
    spurious = [_Case(int(found.result_ids[at]), False, "not there") for at in invented]
    worst, best = _ends(cases)
    worst = [*worst[: _CASES - len(spurious)], *spurious]
    made = [
        _strip(grey, labels, truth, worst, title="Worst cases", by="IoU with the ground truth"),
        _strip(grey, labels, truth, best, title="Best cases", by="IoU with the ground truth"),
    ]
    return [picture for picture in made if picture is not None]


def _ends(cases: list[_Case]) -> tuple[list[_Case], list[_Case]]:
    """Give the first and the last ones, the last first, so that none is in both."""
    first = (len(cases) + 1) // 2
    return cases[: min(_CASES, first)], cases[first:][::-1][:_CASES]


def _strip(
    grey: NDArray[np.uint8],
    labels: NDArray[np.int64],
    truth: NDArray[np.int64] | None,
    cases: list[_Case],
    *,
    title: str,
    by: str,
) -> Picture | None:
    if not cases:
        return None
    panels = [(case.name, _cut(grey, labels, truth, case)) for case in cases]
    listed = ", ".join(case.name for case in cases)
    outlines = _OUTLINES if truth is not None else "outlines of the result in orange"
    return make_picture(
        side_by_side(panels),
        title=title,
        caption=f"By {by}; {outlines}.",
        alt=f"{title}, cut out: {listed}.",
    )


def _cut(grey: NDArray[np.uint8], labels: NDArray[np.int64], truth: NDArray[np.int64] | None, case: _Case) -> RGB:
    """Cut a square around an object and draw the outlines in it."""
    of = truth if case.in_truth and truth is not None else labels
    rows, columns = (np.flatnonzero((of == case.label).any(axis=axis)) for axis in (1, 0))
    middle = (int(rows[0] + rows[-1]) // 2, int(columns[0] + columns[-1]) // 2)
    half = max(16, int(0.8 * max(rows[-1] - rows[0], columns[-1] - columns[0])) + 1)
    window = tuple(slice(max(0, at - half), at + half) for at in middle)
    times = max(1, _SIDE_PX // (2 * half))
    step = max(1, -(-2 * half // (2 * _SIDE_PX)))
    picture = grey_to_rgb(_scaled(grey[window], times, step))
    for drawn, colour in ((truth, _TRUTH), (labels, _RESULT)):
        if drawn is not None:
            picture[inner_edges(_scaled(drawn[window], times, step))] = colour
    return picture


def _scaled(pixels: NDArray[Any], times: int, step: int) -> NDArray[Any]:
    return pixels[::step, ::step].repeat(times, 0).repeat(times, 1)
