"""Targets of the head ``offsets``: foreground, and the offset from each pixel to the centre of its object.

After Neven et al., CVPR 2019 and the centre regression of Panoptic-DeepLab (Cheng et al., CVPR 2020). Imports NumPy;
SciPy in a function.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pybridge.training.targets.touching import emphasis_where_touching
from pybridge.training.targets.weights import balance, radius_px


def targets_of(labels: NDArray[np.int32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Give targets and weights of one label image.

    Parameters
    ----------
    labels : ndarray of int32, shape (Y, X)
        Label image; ids without gaps are fastest.

    Returns
    -------
    targets : ndarray of float32, shape (3, Y, X)
        Foreground, dy, dx (pixels).
    weights : ndarray of float32, shape (2, Y, X)
        Of the foreground; of the offsets, per pixel of radius.

    Examples
    --------
    >>> targets, weights = targets_of(np.array([[0, 1, 1, 1]], np.int32))
    >>> targets[2].tolist()
    [[0.0, 1.0, 0.0, -1.0]]
    """
    labels = np.ascontiguousarray(labels)
    radius = radius_px(labels)
    count = radius.size
    rows, columns = (np.arange(extent, dtype=np.float32) for extent in labels.shape)
    flat = labels.ravel()
    yy, xx = (np.broadcast_to(line, labels.shape) for line in (rows[:, None], columns))
    area = np.maximum(np.bincount(flat, minlength=count), 1)
    cy = np.bincount(flat, yy.ravel(), minlength=count) / area
    cx = np.bincount(flat, xx.ravel(), minlength=count) / area
    inside = labels[np.rint(cy).astype(int), np.rint(cx).astype(int)] == np.arange(count)
    present = np.bincount(flat, minlength=count) > 0
    for index in np.flatnonzero(~inside[1:] & present[1:]) + 1:
        # The centroid of a bent object may lie outside it: then the nearest of its own pixels.
        ys, xs = np.nonzero(labels == index)
        nearest = np.argmin((ys - cy[index]) ** 2 + (xs - cx[index]) ** 2)
        cy[index], cx[index] = ys[nearest], xs[nearest]
    foreground = labels > 0
    dy = np.where(foreground, cy[labels] - yy, 0)
    dx = np.where(foreground, cx[labels] - xx, 0)
    weights = balance(labels, radius) * emphasis_where_touching(labels)
    of_offsets = np.where(foreground, weights / np.clip(radius, 2.5, None)[labels], 0)
    return np.stack([foreground, dy, dx]).astype(np.float32), np.stack([weights, of_offsets]).astype(np.float32)
