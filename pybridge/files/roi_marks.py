"""ImageJ ROIs as marks: lines, points and areas painted with the number of their class. Imports core; roifile inside.

What a person scribbles is no object: lines count, marks may cross, and of two on one pixel the later one is seen. A
line covers the pixels whose centres lie within half its stroke width, and a line of no width those that it touches.
"""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pybridge.core.errors import ImageError, list_some
from pybridge.files.roi_labels import check_one_plane, place_of_roi
from pybridge.files.roi_masks import RoiMask, roi_to_mask

_LEAST_WIDTH_PX = 1.0
_MOST_WIDTH_PX = 10_000.0
# A line through the middle between two pixels touches both.
_ROUNDING_PX = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class PaintedMarks:
    """Marks as an image.

    Parameters
    ----------
    values : ndarray of uint8
        0 where nothing is marked, else the class.
    repainted : int
        Pixels that marks of two classes cover; the later one counts.
    """

    values: NDArray[np.uint8]
    repainted: int


def paint_marks(
    rois: Sequence[Any],
    classes: Sequence[int],
    *,
    shape: tuple[int, ...],
    axes: str = "YX",
    channels: int = 1,
    asked: str = "use ROIs as scribbles",
) -> PaintedMarks:
    """Paint ROIs as marks, the later ones over the earlier. Parts beyond the border are cut off.

    Parameters
    ----------
    rois : sequence of roifile.ImagejRoi
        Areas, lines and points.
    classes : sequence of int
        What each is painted with, from 1.
    shape : tuple of int
        Shape of the image of marks, one length for each axis.
    axes : str
        ``"YX"``, or with T or Z or both before it: then each ROI lies on the plane that its position names.
    channels : int
        Channels of the image on which the ROIs were drawn: ImageJ counts the planes of a stack with them.
    asked : str
        What messages begin with.

    Raises
    ------
    ImageError
        If a ROI is no mark or lies outside the image, or positions do not fit the image.

    Examples
    --------
    >>> from roifile import ROI_TYPE, ImagejRoi
    >>> stroke = ImagejRoi.frompoints([[1, 1], [3, 1], [3, 3]])
    >>> stroke.roitype = ROI_TYPE.POLYLINE
    >>> paint_marks([stroke], [2], shape=(4, 5)).values.tolist()
    [[0, 0, 0, 0, 0], [0, 2, 2, 2, 0], [0, 0, 0, 2, 0], [0, 0, 0, 2, 0]]
    """
    sizes = dict(zip(axes, shape, strict=True))
    frames, slices = sizes.get("T", 1), sizes.get("Z", 1)
    planes = np.zeros((frames * slices, *shape[-2:]), np.uint8)
    crossed = np.zeros(planes.shape, np.bool_)
    if frames * slices == 1:
        check_one_plane(rois, asked=asked)
    outside = []
    for roi, number in zip(rois, classes, strict=True):
        painted = False
        for part in _parts(roi) if frames * slices > 1 else (roi,):
            place = place_of_roi(part, frames=frames, slices=slices, channels=channels, asked=asked)
            where, inside = _mark(part, shape=(shape[-2], shape[-1]), asked=asked).within((shape[-2], shape[-1]))
            target = planes[place][where]
            crossed[place][where] |= inside & (target > 0) & (target != number)
            target[inside] = number
            painted |= bool(inside.any())
        if not painted:
            outside.append(repr(roi.name))
    if outside:
        raise ImageError(
            asked,
            found=f"{list_some(outside)} cover(s) no pixel of the {shape[-1]} × {shape[-2]} image",
            do="check that the ROIs belong to this image, or remove them",
        )
    return PaintedMarks(planes.reshape(shape), int(np.count_nonzero(crossed)))


def _mark(roi: Any, *, shape: tuple[int, int], asked: str) -> RoiMask:
    try:
        return roi_to_mark(roi, shape=shape)
    except ImageError as error:
        raise ImageError(asked, found=f"{roi.name!r}: {error.found}", do=error.do) from None


def roi_to_mark(roi: Any, *, shape: tuple[int, int]) -> RoiMask:
    """Find the pixels that a ROI marks: of a line those under its stroke, of points one each, of an area all.

    Parameters
    ----------
    roi : roifile.ImagejRoi
        A straight, segmented or freehand line, an arrow, points, or an area.
    shape : (int, int)
        Height and width of the image; of lines and points, what lies outside is left out.

    Raises
    ------
    ImageError
        If it is neither, or a line with a spline fit.

    Examples
    --------
    >>> from roifile import ROI_TYPE, ImagejRoi
    >>> arrow = ImagejRoi(roitype=ROI_TYPE.LINE, x1=2, y1=1, x2=6, y2=1, stroke_width=3)
    >>> mask = roi_to_mark(arrow, shape=(5, 9))
    >>> mask.within((5, 9))[1].any(axis=0).nonzero()[0].tolist(), int(mask.inside.sum())
    ([2, 3, 4, 5, 6], 15)
    """
    from roifile import ROI_OPTIONS, ROI_TYPE

    if roi.roitype == ROI_TYPE.LINE:
        return _stroke(_checked([[roi.x1, roi.y1], [roi.x2, roi.y2]], roi), _width_of(roi), shape)
    if roi.roitype == ROI_TYPE.POINT:
        return _dots(_checked(roi.coordinates(), roi), shape)
    if roi.roitype in (ROI_TYPE.POLYLINE, ROI_TYPE.FREELINE):
        if roi.options & ROI_OPTIONS.SPLINE_FIT:
            raise ImageError(
                f"use the ROI {roi.name!r} as a scribble",
                found="it is a fitted spline",
                do="turn it into a line with Edit > Selection > Interpolate",
            )
        return _stroke(_checked(roi.coordinates(), roi), _width_of(roi), shape)
    try:
        return roi_to_mask(roi)
    except ImageError as error:
        raise ImageError(
            f"use the ROI {roi.name!r} as a scribble",
            found=error.found,
            do="mark with lines, points or areas, and remove others",
        ) from None


def _parts(roi: Any) -> Iterator[Any]:
    """Part the points of one ROI by the plane that each was set on; other ROIs lie on one plane."""
    from roifile import ROI_TYPE

    planes = roi.counter_positions
    if roi.roitype != ROI_TYPE.POINT or planes is None or not np.any(planes):
        yield roi
        return
    points = np.asarray(roi.coordinates())
    for plane in np.unique(planes):
        here = points[planes == plane]
        yield dataclasses.replace(
            roi,
            position=int(plane),
            t_position=0,
            z_position=0,
            counter_positions=None,
            left=0,
            top=0,
            n_coordinates=len(here),
            integer_coordinates=None,
            subpixel_coordinates=here,
        )


def _width_of(roi: Any) -> float:
    width = float(roi.float_stroke_width or roi.stroke_width or 0)
    return min(max(width, _LEAST_WIDTH_PX), _MOST_WIDTH_PX) if math.isfinite(width) else _LEAST_WIDTH_PX


def _checked(corners: Any, roi: Any) -> NDArray[np.float64]:
    found = np.asarray(corners, np.float64).reshape(-1, 2)
    if not np.isfinite(found).all():
        raise ImageError(
            f"use the ROI {roi.name!r} as a scribble", found="its coordinates are no numbers", do="draw it again"
        )
    return found


def _dots(points: NDArray[np.float64], shape: tuple[int, int]) -> RoiMask:
    """Take the pixel of each point: whole numbers are the middles of pixels, as for lines."""
    inside = np.zeros(shape, np.bool_)
    x, y = np.floor(points + 0.5).T
    seen = (x >= 0) & (y >= 0) & (x < shape[1]) & (y < shape[0])
    inside[y[seen].astype(np.int64), x[seen].astype(np.int64)] = True
    return RoiMask(0, 0, inside)


def _stroke(corners: NDArray[np.float64], width_px: float, shape: tuple[int, int]) -> RoiMask:
    """Take the pixels whose middles lie under a line: beside it, around its corners, and half a pixel past its ends."""
    reach = width_px / 2
    last = np.array([shape[1] - 1, shape[0] - 1])
    if not len(corners):
        return RoiMask(0, 0, np.zeros((0, 0), np.bool_))
    first = np.clip(np.floor(corners.min(axis=0) - reach), 0, last + 1).astype(np.int64)
    size = np.clip(np.ceil(corners.max(axis=0) + reach), -1, last).astype(np.int64) - first + 1
    inside = np.zeros((max(int(size[1]), 0), max(int(size[0]), 0)), np.bool_)
    shifted = corners - first
    ends = (0, len(corners) - 1)
    for number, corner in enumerate(shifted):
        # Round inside a line, where two pieces meet; an end is cut off straight.
        _paint_piece(inside, corner, corner, _LEAST_WIDTH_PX / 2 if number in ends else reach)
    for start, end in itertools.pairwise(shifted):
        _paint_piece(inside, start, end, reach)
    return RoiMask(int(first[0]), int(first[1]), inside)


def _paint_piece(inside: NDArray[np.bool_], start: NDArray[np.float64], end: NDArray[np.float64], reach: float) -> None:
    """Paint one straight piece: pixels beside it that are near enough; a piece without length is a disc."""
    most = np.array(inside.shape[::-1])
    low = np.clip(np.floor(np.minimum(start, end) - reach), 0, most).astype(np.int64)
    high = np.clip(np.ceil(np.maximum(start, end) + reach) + 1, 0, most).astype(np.int64)
    x = np.arange(low[0], high[0]) - start[0]
    y = (np.arange(low[1], high[1]) - start[1])[:, None]
    along = end - start
    length = math.hypot(*along)
    if length == 0:
        near = x * x + y * y <= (reach + _ROUNDING_PX) ** 2
    else:
        share = (x * along[0] + y * along[1]) / length
        aside = np.abs(x * along[1] - y * along[0]) / length
        near = (aside <= reach + _ROUNDING_PX) & (share >= -_ROUNDING_PX) & (share <= length + _ROUNDING_PX)
    inside[low[1] : low[1] + near.shape[0], low[0] : low[0] + near.shape[1]] |= near
