"""Targets of the head ``star_convex``: object probability and distances to the object's border along rays.

After Schmidt et al., MICCAI 2018. Imports numpy; numba only inside functions.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pybridge.core.errors import UsageError
from pybridge.decode.label_image import labels_to_int32
from pybridge.training.targets.weights import balance, radius_px

DEFAULT_RAYS = 32
_LEAST_RADIUS_PX = 2.5  # in tiny objects half a pixel is no large error


def targets_of(
    labels: NDArray[np.int32], *, rays: int = DEFAULT_RAYS
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Compute what the network is to give for a label image, and how much each pixel weighs.

    Parameters
    ----------
    labels : ndarray of int32, shape (Y, X)
        0 is background; each id is one object.
    rays : int
        Number of rays, at least 3.

    Returns
    -------
    targets : ndarray of float32, shape (1 + rays, Y, X)
        Object probability: the distance to the nearest pixel that is not the object's, divided by the object's largest,
        0 on the background; the image border is no border of an object here. Then for each k the length in pixels
        from the pixel's centre to where a ray in the direction (dy, dx) = (sin, cos) of 2πk/rays leaves the object's
        pixels or the image; 0 on the background.
    weights : ndarray of float32, shape (2, Y, X)
        Of the probability; and of the rays, in which an error counts in radii of its object, and more where the
        object probability is high, for it is there that rays are used.

    Raises
    ------
    UsageError
        If there are fewer than 3 rays.
    ImageError
        If it is no label image.

    Examples
    --------
    >>> labels = np.zeros((7, 11), np.int32)
    >>> labels[1:6, 2:9] = 1
    >>> targets, weights = targets_of(labels, rays=4)
    >>> targets[:, 3, 5].tolist(), weights.shape
    ([1.0, 3.5, 2.5, 3.5, 2.5], (2, 7, 11))
    """
    from pybridge.training.targets import border_kernels as kernels

    if rays < 3:
        raise UsageError("compute distances along rays", found=f"rays={rays!r}", do="take at least 3 rays; 32 is usual")
    labels = labels_to_int32(labels)
    radius = radius_px(labels)
    squared = np.empty(labels.shape, np.int32)
    kernels.squared_distances(labels, squared)
    targets = np.empty((1 + rays, *labels.shape), np.float32)
    kernels.relative_distances(labels, squared, radius.size - 1, targets[0])
    kernels.measure_rays(labels, targets[1:])
    weights = np.empty((2, *labels.shape), np.float32)
    weights[0] = balance(labels, radius)
    weights[1] = weights[0] * targets[0] / np.maximum(radius, np.float32(_LEAST_RADIUS_PX))[labels]
    return targets, weights
