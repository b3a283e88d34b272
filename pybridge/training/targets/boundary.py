"""Targets of the head ``boundary``: foreground, distance to the object's border, boundary.

Imports numpy; numba only inside functions.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pybridge.decode.label_image import labels_to_int32
from pybridge.training.targets.weights import balance, radius_px


def targets_of(labels: NDArray[np.int32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Compute what the network is to give for a label image, and how much each pixel weighs.

    Parameters
    ----------
    labels : ndarray of int32, shape (Y, X)
        0 is background; each id is one object.

    Returns
    -------
    targets : ndarray of float32, shape (3, Y, X)
        Foreground, 1 in objects. Distance to the nearest pixel that is not the object's, divided by the object's
        largest, 0 on the background. Boundary, 1 on pixels of an object that have one of another label, or of the
        background, among their four neighbours, and on the four neighbours of such pixels. The image border is no
        border of an object.
    weights : ndarray of float32, shape (3, Y, X)
        Of each of the three; that of the distance is 0 on the background.

    Raises
    ------
    ImageError
        If it is no label image.

    Examples
    --------
    >>> labels = np.zeros((7, 11), np.int32)
    >>> labels[1:6, 2:9] = 1
    >>> targets, weights = targets_of(labels)
    >>> for channel in targets:
    ...     print([round(float(value), 2) for value in channel[3]])
    [0.0, 0.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.0, 0.0]
    [0.0, 0.0, 0.33, 0.67, 1.0, 1.0, 1.0, 0.67, 0.33, 0.0, 0.0]
    [0.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 0.0]
    """
    from pybridge.training.targets import border_kernels as kernels

    labels = labels_to_int32(labels)
    radius = radius_px(labels)
    squared = np.empty(labels.shape, np.int32)
    kernels.squared_distances(labels, squared)
    targets = np.empty((3, *labels.shape), np.float32)
    targets[0] = labels > 0
    kernels.relative_distances(labels, squared, radius.size - 1, targets[1])
    kernels.mark_boundaries(squared, targets[2])
    each = balance(labels, radius)
    return targets, np.stack([each, each * targets[0], each])
