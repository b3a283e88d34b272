"""Split a landscape into basins, one per peak, and list the passes between them. Imports numpy; numba inside functions.

Each pixel climbs to the highest of its neighbours, and so on to a peak (a watershed of the landscape turned over); a
decoder says which basins are one object.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def split_basins(height: NDArray[np.int32], basins: NDArray[np.int32]) -> NDArray[np.int32]:
    """Write into ``basins`` the number of the peak that each pixel climbs to, from 0; -1 where the height is 0.

    Peaks are numbered in raster order; of equal neighbours the first counts as higher.

    Parameters
    ----------
    height : ndarray of int32, shape (Y, X)
        Above 0 inside the foreground.
    basins : ndarray of int32, shape (Y, X)
        Overwritten; contiguous, and not ``height`` itself.

    Returns
    -------
    ndarray of int32, shape (P,)
        Height of each peak.
    """
    from pybridge.decode import distance_kernels as kernels

    uphill = basins.reshape(-1)
    kernels.point_uphill(height, uphill)
    peak_height = np.empty(kernels.climb(uphill), np.int32)
    kernels.number_peaks(uphill, height, peak_height)
    return peak_height


def list_highest_passes(basins: NDArray[np.int32], height: NDArray[np.int32]) -> NDArray[np.int32]:
    """Find where neighbouring basins meet, highest places first: rows (basin, basin, height), int32 (N, 3)."""
    from pybridge.decode.distance_kernels import list_passes

    count = list_passes(basins, height, np.empty((0, 3), np.int32))
    passes = np.empty((count, 3), np.int32)
    list_passes(basins, height, passes)
    ordered: NDArray[np.int32] = passes[np.lexsort((passes[:, 1], passes[:, 0], -passes[:, 2]))]
    return ordered
