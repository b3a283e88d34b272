"""The pixels that an ImageJ ROI covers, exactly as ImageJ's own mask of it. Imports core and numpy; roifile inside.

ImageJ takes a pixel as inside when its centre is: an outline is filled row by row at the height of the centres, and a
centre that lies on the outline belongs to the object on its right. Several rings are filled even-odd, so that a ring in
a ring is a hole. Ovals follow a rule of their own, and rectangles have whole pixels.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pybridge.core.errors import ImageError

_MOVE, _LINE, _QUADRATIC, _CUBIC, _CLOSE = range(5)  # segments of a java.awt path, as ImageJ stores composite ROIs
_FLATNESS_PX = 0.01  # how near ImageJ follows a curve when it fills one
_MOST_HALVINGS = 10
_ELLIPSE_CORNERS = 72  # ImageJ's ellipse is a polygon with this many corners
_TO_THE_LEFT = 1e-8  # ImageJ's guard against rounding: a centre on the outline counts as right of it
# Where the control points of a Bézier curve lie that stands for a quarter of a circle of radius 1.
_QUARTER = 4 / 3 * (math.sqrt(2) - 1)

Ring = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class RoiMask:
    """The pixels of one ROI.

    Parameters
    ----------
    left, top : int
        Pixel of the image at which the mask begins; may be negative.
    inside : ndarray of bool, shape (Y, X)
        Whether a pixel belongs to the ROI.
    """

    left: int
    top: int
    inside: NDArray[np.bool_]

    def within(self, shape: tuple[int, int]) -> tuple[tuple[slice, slice], NDArray[np.bool_]]:
        """Cut the mask at the border of an image (Y, X): where it lies in the image, and what is left of it."""
        top, left = max(self.top, 0), max(self.left, 0)
        bottom = max(min(self.top + self.inside.shape[0], shape[0]), top)
        right = max(min(self.left + self.inside.shape[1], shape[1]), left)
        part = self.inside[top - self.top : bottom - self.top, left - self.left : right - self.left]
        return (slice(top, top + part.shape[0]), slice(left, left + part.shape[1])), part


def roi_to_mask(roi: Any) -> RoiMask:
    """Find the pixels that a ROI covers.

    Parameters
    ----------
    roi : roifile.ImagejRoi
        A rectangle, rounded or rotated rectangle, oval, ellipse, polygon, freehand or traced selection, or a composite.

    Raises
    ------
    ImageError
        If it covers no area (points, lines, angles), or is a text, a picture, or a polygon with a spline fit.

    Examples
    --------
    >>> from roifile import ImagejRoi
    >>> mask = roi_to_mask(ImagejRoi.frompoints([[2, 1], [6, 1], [6, 3], [2, 3]]))
    >>> mask.left, mask.top, int(mask.inside.sum())
    (2, 1, 8)
    """
    from roifile import ROI_OPTIONS, ROI_SUBTYPE, ROI_TYPE

    if roi.composite:
        return _fill(_rings_of_path(roi.multi_coordinates.tolist()))
    if roi.subtype in (ROI_SUBTYPE.TEXT, ROI_SUBTYPE.IMAGE):
        raise _no_object(roi, f"it is a {roi.subtype.name.lower()}, not an outline", do="remove it from the ROIs")
    if roi.roitype == ROI_TYPE.RECT:
        left, top, width, height = _box(roi)
        diameter = roi.rounded_rect_arc_size
        if diameter > 0:
            return _fill(_rings_of_path(_rounded_rectangle(left, top, width, height, diameter)))
        return RoiMask(left, top, np.ones((height, width), np.bool_))
    if roi.roitype == ROI_TYPE.OVAL:
        return _oval(*_box(roi))
    if roi.roitype not in (ROI_TYPE.POLYGON, ROI_TYPE.FREEHAND, ROI_TYPE.TRACED):
        kind = roi.roitype.name.lower()
        raise _no_object(roi, f"a {kind} covers no area", do="outline objects with an area selection, or remove it")
    if roi.options & ROI_OPTIONS.SPLINE_FIT:
        raise _no_object(
            roi, "its outline is a fitted spline", do="turn it into a polygon with Edit > Selection > Interpolate"
        )
    if roi.roitype == ROI_TYPE.FREEHAND and roi.subtype == ROI_SUBTYPE.ELLIPSE:
        return _fill([_ellipse(roi)], is_rounded_box=True)
    if roi.roitype == ROI_TYPE.FREEHAND and roi.subtype == ROI_SUBTYPE.ROTATED_RECT:
        return _fill([_rotated_rectangle(roi)], is_rounded_box=True)
    return _fill([np.asarray(roi.coordinates(), np.float64)])


def _no_object(roi: Any, found: str, *, do: str) -> ImageError:
    return ImageError(f"take the ROI {roi.name!r} as an object", found=found, do=do)


def _box(roi: Any) -> tuple[int, int, int, int]:
    """Give left, top, width and height in whole pixels, as ImageJ rounds them."""
    if roi.subpixelrect:
        return int(roi.xd), int(roi.yd), math.ceil(roi.widthd), math.ceil(roi.heightd)
    return roi.left, roi.top, max(roi.right - roi.left, 0), max(roi.bottom - roi.top, 0)


def _oval(left: int, top: int, width: int, height: int) -> RoiMask:
    """Take the pixels whose centres lie inside the ellipse that fills the box."""
    x = (np.arange(width) - (width / 2 - 0.5)) ** 2 / max((width / 2) ** 2, 0.25)
    y = (np.arange(height) - (height / 2 - 0.5)) ** 2 / max((height / 2) ** 2, 0.25)
    return RoiMask(left, top, x[None, :] + y[:, None] <= 1.0)


def _fill(rings: Sequence[Ring], *, is_rounded_box: bool = False) -> RoiMask:
    """Fill rings (N, 2) of corners x, y even-odd. ImageJ rounds the box of an ellipse or a turned rectangle."""
    rings = [ring for ring in rings if len(ring)]
    if not rings:
        return RoiMask(0, 0, np.zeros((0, 0), np.bool_))
    corners = np.concatenate(rings)
    left, top = (int(value) for value in np.floor(corners.min(axis=0)))
    farthest = corners.max(axis=0) - (left, top)
    width, height = (int(value) for value in (farthest + 0.5 if is_rounded_box else np.ceil(farthest)))
    # Each crossing of an edge with the middle of a row turns inside to outside from its column on.
    turns = np.zeros((height, width + 1), np.int32)
    for ring in rings:
        start = ring - (left, top)
        end = np.roll(start, -1, axis=0)
        downwards = (start[:, 1] <= end[:, 1])[:, None]
        upper, lower = np.where(downwards, start, end), np.where(downwards, end, start)
        first_row = np.floor(upper[:, 1] + 0.5).astype(np.int64)
        end_row = np.minimum(np.floor(lower[:, 1] + 0.5), height).astype(np.int64)
        count = np.maximum(end_row - first_row, 0)
        edge = np.repeat(np.arange(len(ring)), count)
        row = np.arange(len(edge)) - np.repeat(np.cumsum(count) - count, count) + first_row[edge]
        across, down = (lower[edge] - upper[edge]).T
        x = upper[edge, 0] + (row - upper[edge, 1] + 0.5) * (across / down) + _TO_THE_LEFT
        np.add.at(turns, (row, np.clip(np.floor(x + 0.5).astype(np.int64), 0, width)), 1)
    return RoiMask(left, top, (np.cumsum(turns, axis=1) % 2 == 1)[:, :width])


def _ellipse(roi: Any) -> Ring:
    """Build ImageJ's ellipse from the ends of its long axis and its aspect ratio."""
    angle = np.arange(_ELLIPSE_CORNERS) * (2 * math.pi / _ELLIPSE_CORNERS)
    long_px = math.hypot(roi.x2 - roi.x1, roi.y2 - roi.y1)
    turn = math.atan2(roi.y2 - roi.y1, roi.x2 - roi.x1)
    along = np.cos(angle) * long_px / 2
    aside = np.sin(angle) * long_px / 2 * min(max(_parameter(roi), 0.0), 1.0)
    x = (roi.x1 + roi.x2) / 2 + along * math.cos(turn) - aside * math.sin(turn)
    y = (roi.y1 + roi.y2) / 2 + along * math.sin(turn) + aside * math.cos(turn)
    return np.column_stack([x, y]).astype(np.float32).astype(np.float64)


def _rotated_rectangle(roi: Any) -> Ring:
    """Build a turned rectangle from the middles of its short sides and its width."""
    start, end = np.array([roi.x1, roi.y1]), np.array([roi.x2, roi.y2])
    along = end - start
    aside = np.array([along[1], -along[0]]) * (_parameter(roi) / 2 / max(math.hypot(*along), 1e-12))
    ring = np.array([start + aside, end + aside, end - aside, start - aside])
    return ring.astype(np.float32).astype(np.float64)


def _parameter(roi: Any) -> float:
    """Read the number in the four bytes that roifile takes for an arrow's style and the size of a corner."""
    stored = struct.pack(">BBh", roi.arrow_style_or_aspect_ratio, roi.arrow_head_size, roi.rounded_rect_arc_size)
    return float(struct.unpack(">f", stored)[0])


def _rounded_rectangle(left: int, top: int, width: int, height: int, diameter: int) -> list[float]:
    """Write a rectangle with round corners as a path, lines and curves."""
    a, b = min(diameter, width) / 2, min(diameter, height) / 2
    right, bottom, p, q = left + width, top + height, a * _QUARTER, b * _QUARTER
    return [
        *(_MOVE, left, top + b, _LINE, left, bottom - b),
        *(_CUBIC, left, bottom - b + q, left + a - p, bottom, left + a, bottom),
        *(_LINE, right - a, bottom, _CUBIC, right - a + p, bottom, right, bottom - b + q, right, bottom - b),
        *(_LINE, right, top + b, _CUBIC, right, top + b - q, right - a + p, top, right - a, top),
        *(_LINE, left + a, top, _CUBIC, left + a - p, top, left, top + b - q, left, top + b, _CLOSE),
    ]


def _rings_of_path(path: Sequence[float]) -> list[Ring]:
    """Split a path into rings, curves turned into short lines. A path that breaks off ends there, as in ImageJ."""
    rings: list[list[tuple[float, float]]] = []
    for kind, points in _segments(path):
        if kind == _MOVE or not rings:
            rings.append([])
        if kind in (_QUADRATIC, _CUBIC) and rings[-1]:
            rings[-1] += _flatten([rings[-1][-1], *points])
        elif kind == _CLOSE and rings[-1]:
            rings.append(rings[-1][:1])  # what follows a close without a move starts where the ring began
        else:
            rings[-1] += points[-1:]
    return [np.array(ring, np.float64) for ring in rings if len(ring) > 1]


def _segments(path: Sequence[float]) -> Iterator[tuple[int, list[tuple[float, float]]]]:
    points_of = {_MOVE: 1, _LINE: 1, _QUADRATIC: 2, _CUBIC: 3, _CLOSE: 0}
    at = 0
    while at < len(path):
        kind = int(path[at])
        count = points_of.get(kind, 0)
        if at + 2 * count >= len(path):
            return
        yield kind, [(path[at + 1 + 2 * i], path[at + 2 + 2 * i]) for i in range(count)]
        at += 1 + 2 * count


def _flatten(curve: Iterable[tuple[float, float]], halvings: int = 0) -> list[tuple[float, float]]:
    """Turn a Bézier curve into points on it, its start left out, by halving it until it is flat."""
    control = np.array(list(curve), np.float64)
    chord = control[-1] - control[0]
    length = float(np.dot(chord, chord))
    share = np.clip((control[1:-1] - control[0]) @ chord / length, 0, 1) if length else np.zeros(len(control) - 2)
    away = control[1:-1] - control[0] - share[:, None] * chord
    if halvings == _MOST_HALVINGS or float((away**2).sum(axis=1).max()) < _FLATNESS_PX**2:
        return [(float(control[-1, 0]), float(control[-1, 1]))]
    first, second = [control[0]], [control[-1]]
    while len(control) > 1:
        control = (control[:-1] + control[1:]) / 2
        first.append(control[0])
        second.append(control[-1])
    return [
        *_flatten([tuple(point) for point in first], halvings + 1),
        *_flatten([tuple(point) for point in reversed(second)], halvings + 1),
    ]
