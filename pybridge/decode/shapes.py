"""Shapes of objects: perimeter, box, ellipse, caliper diameters and convex hull, as ImageJ measures them.

Imports core and numpy; numba only inside functions.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pybridge.core.image import Calibration
from pybridge.decode.labelled_plane import Column, LabelledPlane

Numbers = NDArray[np.float64]
SHAPE_COLUMNS = (
    *("Perim.", "BX", "BY", "Width", "Height", "Major", "Minor", "Angle"),
    *("Feret", "FeretX", "FeretY", "FeretAngle", "MinFeret", "AR", "Round", "Solidity", "Eccentricity"),
)
_SQUARE = 0.01  # ImageJ measures ellipses where width and height of a pixel differ by less than this share


def measure_perimeters(plane: LabelledPlane, calibration: Calibration) -> Numbers:
    """Measure the length of each object's outer outline, shape (N,), calibrated.

    It is what ImageJ gives a traced outline: around the 8-connected object, corners cut; outlines of several pieces
    are added up, those of holes left out.
    """
    from pybridge.decode.outline_kernels import trace_lengths

    lengths = np.zeros((len(plane), 3), np.int64)
    trace_lengths(plane.labels, np.zeros(plane.labels.shape, np.bool_), plane.row_of, lengths)
    width, height = calibration.x, calibration.y
    # A cut corner replaces half a pixel across and half a pixel down by the diagonal between their ends, twice.
    straight = lengths[:, 0] * width + lengths[:, 1] * height
    perimeters: Numbers = straight - lengths[:, 2] * (width + height - np.hypot(width, height))
    return perimeters


def measure_shapes(plane: LabelledPlane, calibration: Calibration, *, perimeters: Numbers) -> tuple[Column, ...]:
    """Measure the shape of each object, with ImageJ's definitions.

    ``Perim.`` is the length of the outline; ``BX, BY, Width, Height`` the box, from its corner. ``Major, Minor,
    Angle`` belong to the ellipse with the object's second moments, scaled to the object's area; the angle is from 0 to
    below 180°, counter-clockwise from the x axis, on the grid of pixels. ``AR`` is Major/Minor, ``Round`` 4·area/
    (π·Major²), ``Eccentricity`` √(1 - Minor²/Major²), which ImageJ has not. Where pixels are not square (1% or more)
    ImageJ has no ellipse and writes 0, and Infinity for Round; here these are NaN.

    ``Feret`` is the largest caliper diameter of the area (the pixels' corners, not their centres), ``FeretAngle`` its
    direction from 0 to 180°, ``FeretX, FeretY`` where it begins, in pixels as in ImageJ; ``MinFeret`` the smallest
    caliper diameter. ``Solidity`` is the object's area over that of its convex hull. Holes lessen the area and the
    moments, nothing else; several pieces share one hull, box and ellipse.

    Parameters
    ----------
    plane : LabelledPlane
        The objects.
    calibration : Calibration
        Pixel size and origin.
    perimeters : ndarray, shape (N,)
        Of ``measure_perimeters``.

    Returns
    -------
    tuple of ndarray, shape (N,)
        One array for each of ``SHAPE_COLUMNS``.

    Examples
    --------
    >>> from pybridge.decode.labelled_plane import list_objects
    >>> plane = list_objects(np.array([[0, 0, 0, 0], [0, 5, 5, 5]]))
    >>> columns = measure_shapes(plane, Calibration(), perimeters=np.zeros(1))
    >>> found = dict(zip(SHAPE_COLUMNS, (float(column[0]) for column in columns)))
    >>> found["Width"], found["AR"], found["Angle"], found["MinFeret"], round(found["Feret"] ** 2, 6)
    (3.0, 3.0, 0.0, 1.0, 10.0)
    """
    from pybridge.decode.shape_kernels import NOWHERE, find_boxes, measure_hulls, sum_moments

    count, width, height = len(plane), calibration.x, calibration.y
    boxes = np.tile(np.array([NOWHERE, NOWHERE, -1, -1], np.int32), (count, 1))
    find_boxes(plane.labels, plane.row_of, boxes)
    first = np.concatenate([[0], np.cumsum(boxes[:, 3].astype(np.int64) - boxes[:, 1] + 2)]).astype(np.int64)
    left, right = np.full(first[-1], NOWHERE, np.int32), np.full(first[-1], -1, np.int32)
    moments = np.zeros((count, 6), np.int64)
    sum_moments(plane.labels, plane.row_of, boxes, moments, first, left, right)
    ferets, convex = np.zeros((count, 5)), np.zeros(count)
    measure_hulls(first, left, right, boxes[:, 1].copy(), width, height, ferets, convex)

    pixels = moments[:, 0]
    ellipses = _fit_ellipses(moments)
    scale = width if abs(width - height) / width < _SQUARE else np.nan
    major, minor = ellipses.major * scale, ellipses.minor * scale
    return (
        perimeters,
        (boxes[:, 0] - calibration.origin_x) * width,
        (boxes[:, 1] - calibration.origin_y) * height,
        (boxes[:, 2] - boxes[:, 0] + 1) * width,
        (boxes[:, 3] - boxes[:, 1] + 1) * height,
        major,
        minor,
        ellipses.angle,
        ferets[:, 0],
        ferets[:, 3],
        ferets[:, 4],
        ferets[:, 2],
        ferets[:, 1],
        major / minor,
        4 * pixels * width * height / (np.pi * major**2),
        pixels / convex,
        np.sqrt(1 - np.minimum(minor / major, 1) ** 2),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Ellipses:
    """Axes in pixels and angles in degrees, one of each for each object."""

    major: Numbers
    minor: Numbers
    angle: Numbers


def _fit_ellipses(moments: NDArray[np.int64]) -> _Ellipses:
    """Fit ellipses to pixel counts and sums of x, y, x², y² and xy; a pixel is a square of area 1."""
    n, x, y, xx, yy, xy = moments.T
    # Counted from the pixel nearest to the centroid, the sums stay exact, and a symmetric object has no covariance.
    near_x, near_y = (np.rint(sums / np.maximum(n, 1)).astype(np.int64) for sums in (x, y))
    xx, yy = xx - near_x * (2 * x - n * near_x), yy - near_y * (2 * y - n * near_y)
    xy = xy - near_x * y - near_y * x + n * near_x * near_y
    x, y = x - n * near_x, y - n * near_y
    var_x, var_y = ((squares - sums * sums / n) / n + 1 / 12 for squares, sums in ((xx, x), (yy, y)))
    covariance = (xy - x * y / n) / n
    middle, spread = (var_x + var_y) / 2, np.hypot((var_x - var_y) / 2, covariance)
    stretch = np.sqrt((middle + spread) / np.sqrt(var_x * var_y - covariance**2))
    area_diameter = 2 * np.sqrt(n / np.pi)
    # The angle is counter-clockwise as seen on the screen, where y goes down.
    angle = np.degrees(np.arctan2(-2 * covariance, var_x - var_y)) / 2
    angle = np.where(angle < 0, angle + 180, angle)
    angle = np.where(angle >= 180, 0, angle) + 0.0  # no -0
    return _Ellipses(area_diameter * stretch, area_diameter / stretch, angle)
