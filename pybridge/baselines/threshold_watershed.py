"""Threshold and distance watershed: the foreground of a plane, parted at narrow necks, filtered by size and roundness.

Imports decode and core.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pybridge.baselines.foreground import find_foreground, usual_diameter
from pybridge.baselines.watershed_options import WatershedChoice, WatershedOptions
from pybridge.decode.foreground import ForegroundField
from pybridge.decode.measurements import measure_objects
from pybridge.decode.plane import DecodedPlane

# Smaller than any nucleus worth the name, and specks are smaller than a tenth of the usual object.
_LEAST_SIZE_PX = 16
_LEAST_SHARE = 0.05
_OVERLAP = 0.6
# How far from the first outline an object's edge is looked for, in diameters of the usual object.
_REACH_DIAMETERS = 0.3


def segment_plane(
    plane: NDArray[Any],
    threshold: str,
    options: WatershedOptions,
    *,
    overlap: float | None = None,
    min_size: int | None = None,
    exclude_border: bool = False,
) -> tuple[DecodedPlane, WatershedChoice]:
    """Segment one plane.

    Parameters
    ----------
    plane : ndarray, shape (Y, X)
        Pixels as stored.
    threshold : str
        ``otsu``, ``li``, ``triangle`` or ``local``.
    options : WatershedOptions
        The user's; None means found from the plane.
    overlap : float, optional
        Two parts are one object when the neck between them is as wide as that of two discs, of the size of the smaller
        part, that overlap by more than this share.
    min_size : int, optional
        Smallest object kept, in pixels; default found from the plane.
    exclude_border : bool
        Leave out objects that touch the image border.

    Returns
    -------
    DecodedPlane
        Labels, and NaN as confidence: a threshold has no opinion on its objects.
    WatershedChoice
        What held for this plane.
    """
    found = find_foreground(plane, threshold, options)
    share = _OVERLAP if overlap is None else overlap
    parted = _part(found.mask, overlap=share, min_size=_LEAST_SIZE_PX if min_size is None else min_size)
    if options.edge > 0 and parted.any():
        inside = find_edges(parted, found.height, share=options.edge)
        parted = _part(inside, overlap=share, min_size=0)
    smallest = _least_size(parted) if min_size is None else min_size
    labels = filter_objects(
        parted,
        min_size=smallest,
        max_size=options.max_size,
        roundness=options.roundness,
        exclude_border=exclude_border,
    )
    choice = WatershedChoice(found.threshold, found.sigma, found.background, found.noise, smallest, share)
    return DecodedPlane(labels, np.full(int(labels.max(initial=0)), np.nan, np.float32)), choice


def find_edges(labels: NDArray[np.int32], height: NDArray[np.float32], *, share: float) -> NDArray[np.bool_]:
    """Set the edge of each object where the image falls to a share of the object's own brightness.

    One threshold for all draws bright objects too large, with the blur around them, and dim ones too small.

    Parameters
    ----------
    labels : ndarray of int32, shape (Y, X)
        Objects, at least one.
    height : ndarray of float32, shape (Y, X)
        Brightness above the ground.
    share : float
        Of the median brightness of an object.

    Returns
    -------
    ndarray of bool, shape (Y, X)
        The insides of all objects.

    Examples
    --------
    >>> height = np.array([[0, 1, 2, 8, 9, 8, 3, 1, 0]], np.float32)
    >>> find_edges((height > 2).astype(np.int32), height, share=0.5)[0].astype(int).tolist()
    [0, 0, 0, 1, 1, 1, 0, 0, 0]
    """
    from scipy import ndimage

    reach = max(2.0, _REACH_DIAMETERS * usual_diameter(labels > 0))
    distance, nearest = ndimage.distance_transform_edt(labels == 0, return_indices=True)
    zone = np.where(distance <= reach, labels[tuple(nearest)], 0)
    count = int(labels.max())
    middle = ndimage.median(height, labels, np.arange(1, count + 1))
    level = np.concatenate([[np.inf], share * np.asarray(middle)])
    inside: NDArray[np.bool_] = height > level[zone]
    return inside


def filter_objects(
    labels: NDArray[np.int32], *, min_size: int, max_size: int | None, roundness: float, exclude_border: bool
) -> NDArray[np.int32]:
    """Leave out objects that are too small, too large, too ragged or cut by the border; numbers the rest from 1.

    Examples
    --------
    >>> labels = np.zeros((9, 20), np.int32)
    >>> labels[2:7, 2:7], labels[1, 8:20] = 1, 2
    >>> kept = [filter_objects(labels, min_size=0, max_size=None, roundness=r, exclude_border=False) for r in (0, 0.6)]
    >>> [int(each.max()) for each in kept]
    [2, 1]
    """
    count = int(labels.max(initial=0))
    if count == 0:
        return labels
    area = np.bincount(labels.ravel(), minlength=count + 1)[1:]
    keep = (area >= min_size) & (area > 0)
    if max_size is not None:
        keep &= area <= max_size
    if roundness > 0:
        round_enough = np.ones(count, bool)
        table = measure_objects(labels, labels)
        round_enough[np.asarray(table["Label"], np.int64) - 1] = np.asarray(table["Circ."]) >= roundness
        keep &= round_enough
    if exclude_border:
        rim = np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]])
        keep[np.unique(rim[rim > 0]) - 1] = False
    number = np.concatenate([[0], np.where(keep, np.cumsum(keep), 0)]).astype(np.int32)
    kept: NDArray[np.int32] = number[labels]
    return kept


def _part(mask: NDArray[np.bool_], *, overlap: float, min_size: int) -> NDArray[np.int32]:
    """Part a mask at its narrow necks; holes are filled."""
    field = ForegroundField((mask.shape[0], mask.shape[1]))
    field.write((mask[np.newaxis].astype(np.float32),), (slice(0, mask.shape[0]), slice(0, mask.shape[1])))
    return field.labels(probability=0.5, overlap=overlap, min_size=min_size).labels


def _least_size(labels: NDArray[np.int32]) -> int:
    """Call a speck what is much smaller than the usual object."""
    area = np.bincount(labels.ravel())[1:]
    area = area[area >= _LEAST_SIZE_PX]
    return max(_LEAST_SIZE_PX, round(_LEAST_SHARE * float(np.median(area)))) if area.size else _LEAST_SIZE_PX
