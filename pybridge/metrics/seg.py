"""SEG, the segmentation accuracy of the Cell Tracking Challenge. Imports core and numpy."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pybridge.metrics.overlaps import Overlaps


def seg_of_objects(found: Overlaps) -> NDArray[np.float64]:
    """Give the IoU of each truth object with the result object that covers more than half of it, 0 where none does.

    The SEG of several images or frames is the mean over all their truth objects: join these arrays.

    Parameters
    ----------
    found : Overlaps

    Returns
    -------
    ndarray of float64, shape (N,)
        In the order of ``found.truth_ids``.
    """
    covers = 2 * found.intersection > found.truth_area[found.truth]  # true of one result object at most
    scores = np.zeros(found.truth_area.size)
    scores[found.truth[covers]] = found.iou[covers]
    return scores


def seg_measure(found: Overlaps) -> float:
    """Compute SEG: the mean IoU over the truth objects (Ulman et al., Nature Methods 14, 2017).

    A truth object counts with the IoU of the result object that covers more than half of its pixels, and with 0 if
    there is none. Spurious objects do not lower it, and one result object may stand for several truth objects.

    Parameters
    ----------
    found : Overlaps

    Returns
    -------
    float
        NaN when the truth has no object.

    Examples
    --------
    >>> from pybridge.metrics.overlaps import overlaps
    >>> truth = np.array([[1, 1, 1, 1, 0, 2, 2]])
    >>> seg_measure(overlaps(truth, np.array([[3, 3, 3, 0, 0, 4, 0]])))
    0.375
    """
    scores = seg_of_objects(found)
    return float(scores.mean()) if scores.size else float("nan")
