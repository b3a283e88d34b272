"""Neighbours of objects: how many touch, which is nearest, and how far. Imports core and numpy; numba and scipy inside.

ImageJ has no such measurements; the names are ours.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pybridge.core.image import Calibration
from pybridge.decode.labelled_plane import Column, LabelledPlane

NEIGHBOUR_COLUMNS = ("Touching", "Nearest", "NearestEdge", "NearestCentre")


def measure_neighbours(
    plane: LabelledPlane, calibration: Calibration, *, centroids: NDArray[np.float64]
) -> tuple[Column, ...]:
    """Find the neighbours of each object in its plane.

    ``Touching`` is the number of other objects with a pixel at a side or a corner of one of its own. ``Nearest`` is the
    label of the object that is nearest edge to edge, the lowest of several, 0 when there is no other object;
    ``NearestEdge`` is that distance, between the areas that the pixels cover: 0 for objects that touch, one pixel for
    those with one pixel of background between them. ``NearestCentre`` is the distance from centroid to centroid, to
    the object whose centroid is nearest, which may be another one. Distances are calibrated, and NaN when there is no
    other object. Objects outside the image are not known: at the border true distances may be shorter.

    Parameters
    ----------
    plane : LabelledPlane
        The objects.
    calibration : Calibration
        Pixel size.
    centroids : ndarray, shape (N, 2)
        Calibrated centroids (x, y).

    Returns
    -------
    tuple of ndarray, shape (N,)
        One array for each of ``NEIGHBOUR_COLUMNS``; the first two are int32.

    Examples
    --------
    >>> from pybridge.decode.labelled_plane import list_objects
    >>> plane = list_objects(np.array([[2, 3, 0, 0, 9]]))
    >>> centres = np.array([[0.5, 0.5], [1.5, 0.5], [4.5, 0.5]])
    >>> [column.tolist() for column in measure_neighbours(plane, Calibration(), centroids=centres)]
    [[1, 1, 0], [3, 2, 3], [0.0, 0.0, 2.0], [1.0, 1.0, 3.0]]
    """
    count = len(plane)
    touching = _count_contacts(plane)
    if count < 2:
        nothing = np.full(count, np.nan)
        return touching, np.zeros(count, np.int32), nothing, nothing.copy()
    nearest, edges = _find_nearest(plane, calibration)
    return touching, nearest, edges, _nearest_points(centroids)[0]


def _count_contacts(plane: LabelledPlane) -> NDArray[np.int32]:
    from pybridge.decode.neighbour_kernels import list_contacts

    count = len(plane)
    found = list_contacts(plane.labels, plane.row_of, np.empty(0, np.int64))
    contacts = np.empty(found, np.int64)
    list_contacts(plane.labels, plane.row_of, contacts)
    pairs = np.unique(contacts)
    ends = np.concatenate([pairs // max(count, 1), pairs % max(count, 1)])
    return np.bincount(ends, minlength=count).astype(np.int32)


def _find_nearest(plane: LabelledPlane, calibration: Calibration) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    """Find the label that is nearest edge to edge, and its distance."""
    from pybridge.decode.neighbour_kernels import find_first_pixels, search_above

    pixel = np.array([calibration.x, calibration.y])
    firsts = np.full((len(plane), 2), -1, np.int32)
    find_first_pixels(plane.labels, plane.row_of, firsts)
    # The first pixels of two objects are some distance apart; the search need not go further than that.
    other = _nearest_points(firsts * pixel)[1]
    apart = np.maximum(np.abs(firsts - firsts[other]) - 1, 0) * pixel
    gaps: NDArray[np.float64] = apart[:, 0] * apart[:, 0] + apart[:, 1] * apart[:, 1]
    nearest = plane.ids[other]
    search_above(plane.labels, plane.row_of, calibration.x, calibration.y, gaps, nearest)
    search_above(np.ascontiguousarray(plane.labels[::-1]), plane.row_of, calibration.x, calibration.y, gaps, nearest)
    return nearest, np.sqrt(gaps)


def _nearest_points(points: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """Find for each of two or more points (N, 2) the distance and the index of the nearest other one."""
    from scipy.spatial import cKDTree

    distances, indices = cKDTree(points).query(points, k=2)
    # Where points coincide, the point itself may come second.
    other = np.where(indices[:, 0] == np.arange(len(points)), indices[:, 1], indices[:, 0])
    return distances[:, 1], other
