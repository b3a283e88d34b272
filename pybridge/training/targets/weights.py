"""How much a pixel weighs in training, by the size of its object. Imports numpy only."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_EVEN_RADIUS_PX = 9.0  # an object of this radius weighs as much per pixel as the background
_LEAST, _MOST = 0.6, 3.0


def radius_px(labels: NDArray[np.int32]) -> NDArray[np.float32]:
    """Give for each label, from 0, the radius in pixels of a disc of the object's area, shape (highest label + 1,)."""
    area = np.maximum(np.bincount(labels.ravel(), minlength=1), 1)
    return np.sqrt(area / np.pi).astype(np.float32)


def balance(labels: NDArray[np.int32], radius: NDArray[np.float32]) -> NDArray[np.float32]:
    """Give each pixel its weight, 1 on the background, shape (Y, X).

    Scores count objects, not pixels: small objects weigh more per pixel, within reason.

    Examples
    --------
    >>> labels = np.repeat(np.array([[0, 1, 1, 1, 2]], np.int32), 4, axis=0)
    >>> balance(labels, np.array([1, 9, 4.5], np.float32))[0].tolist()
    [1.0, 1.0, 1.0, 1.0, 2.0]
    """
    of_label = np.clip(_EVEN_RADIUS_PX / radius, _LEAST, _MOST).astype(np.float32)
    of_label[0] = 1
    weights: NDArray[np.float32] = of_label[labels]
    return weights
