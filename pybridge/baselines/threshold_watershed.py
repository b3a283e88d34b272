"""Threshold and distance watershed: the foreground of a plane, parted at narrow necks, filtered by size and roundness.

Imports decode and core.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pybridge.baselines.foreground import find_foreground
from pybridge.baselines.watershed_options import WatershedChoice, WatershedOptions
from pybridge.decode.foreground import ForegroundField
from pybridge.decode.measurements import measure_objects
from pybridge.decode.plane import DecodedPlane

_LEAST_SIZE = 16
_OVERLAP = 0.25


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
    smallest = _LEAST_SIZE if min_size is None else min_size
    share = _OVERLAP if overlap is None else overlap
    field = ForegroundField((plane.shape[0], plane.shape[1]))
    field.write((found.mask[np.newaxis].astype(np.float32),), (slice(0, plane.shape[0]), slice(0, plane.shape[1])))
    parted = field.labels(probability=0.5, overlap=share, min_size=smallest, exclude_border=exclude_border).labels
    labels, count = filter_objects(parted, roundness=options.roundness, max_size=options.max_size)
    choice = WatershedChoice(found.threshold, found.sigma, found.background, found.noise, smallest, share)
    return DecodedPlane(labels, np.full(count, np.nan, np.float32)), choice


def filter_objects(
    labels: NDArray[np.int32], *, roundness: float, max_size: int | None
) -> tuple[NDArray[np.int32], int]:
    """Leave out objects that are too ragged or too large; returns the labels, numbered from 1, and their count.

    Examples
    --------
    >>> labels = np.zeros((9, 20), np.int32)
    >>> labels[2:7, 2:7], labels[1, 8:20] = 1, 2
    >>> [int(filter_objects(labels, roundness=least, max_size=None)[1]) for least in (0, 0.6)]
    [2, 1]
    """
    count = int(labels.max(initial=0))
    if count == 0 or (roundness == 0 and max_size is None):
        return labels, count
    table = measure_objects(labels, labels)
    keep = np.asarray(table["Circ."], np.float64) >= roundness
    if max_size is not None:
        keep &= np.asarray(table["Area"], np.float64) <= max_size
    number = np.concatenate([[0], np.where(keep, np.cumsum(keep), 0)]).astype(np.int32)
    kept: NDArray[np.int32] = number[labels]
    return kept, int(keep.sum())
