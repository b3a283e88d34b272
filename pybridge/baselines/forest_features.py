"""The features that a forest sees of each pixel: smoothed brightness, edges, ridges and blobs at several scales.

The plain reference of what ``forest_graph`` writes as ONNX nodes, in float32 throughout, with the same kernels. Imports
numpy; scipy inside functions.

References
----------
Sommer et al., ilastik: interactive learning and segmentation toolkit. ISBI 2011 (the choice of features).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

SCALES_PX = (1.0, 2.0, 4.0, 8.0)
COARSE_PX = 16.0
_PER_SCALE = ("brightness", "gradient", "Laplacian", "ridge", "valley", "edge", "corner")
FEATURES = (
    "pixel",
    f"brightness {COARSE_PX:g}",
    *(f"{name} {scale:g}" for scale in SCALES_PX for name in _PER_SCALE),
)
# Along y and x, the order of the derivative whose Gaussian makes each map of a scale.
ORDERS = ((0, 0), (0, 1), (1, 0), (0, 2), (1, 1), (2, 0))
_REACH_SIGMAS = 3.0


def kernel(sigma: float, order: int) -> NDArray[np.float32]:
    """Give the taps of a Gaussian, or of its first or second derivative times ``sigma`` or ``sigma²``.

    Parameters
    ----------
    sigma : float
        Standard deviation, in pixels.
    order : int
        0, 1 or 2.

    Returns
    -------
    ndarray of float32, shape (2 · reach + 1,)
        For correlation. The smoothing kernel sums to 1, the others to 0, and each derivative is right on a parabola.

    Examples
    --------
    >>> round(float(kernel(2, 0).sum()), 6), round(float(kernel(2, 1) @ np.arange(-6, 7)), 5)
    (1.0, 2.0)
    """
    reach = reach_of(sigma)
    place = np.arange(-reach, reach + 1, dtype=np.float64)
    smooth = np.exp(-0.5 * (place / sigma) ** 2)
    smooth /= smooth.sum()
    if order == 0:
        return smooth.astype(np.float32)
    if order == 1:
        slope = smooth * place
        return (sigma * slope / (slope @ place)).astype(np.float32)
    bend = smooth * (place**2 - smooth @ place**2)
    return (2 * sigma**2 * bend / (bend @ place**2)).astype(np.float32)


def reach_of(sigma: float) -> int:
    """Give how far a kernel looks, in pixels."""
    return int(np.ceil(_REACH_SIGMAS * sigma))


def inner_scale(sigma: float) -> float:
    """Give the scale at which the products of gradients are averaged."""
    return sigma / 2


def margin_px() -> int:
    """Give how far the features look, in pixels: how much a plane is reflected around its border."""
    return max(reach_of(COARSE_PX), *(reach_of(scale) + reach_of(inner_scale(scale)) for scale in SCALES_PX))


def find_features(plane: NDArray[np.float32]) -> NDArray[np.float32]:
    """Compute the features of all pixels of a plane.

    Parameters
    ----------
    plane : ndarray of float32, shape (Y, X)
        Normalised; longer than ``margin_px()`` along both axes.

    Returns
    -------
    ndarray of float32, shape (F, Y, X)
        In the order of ``FEATURES``.

    Examples
    --------
    >>> found = find_features(np.eye(64, dtype=np.float32))
    >>> found.shape == (len(FEATURES), 64, 64), found.dtype == np.float32
    (True, True)
    """
    margin = margin_px()
    padded = np.pad(plane.astype(np.float32, copy=False), margin, mode="reflect")
    found = np.empty((len(FEATURES), *plane.shape), np.float32)
    found[0] = plane
    found[1] = _inner(_filtered(padded, COARSE_PX, 0, 0), plane.shape)
    for number, scale in enumerate(SCALES_PX):
        maps = [_filtered(padded, scale, *orders) for orders in ORDERS]
        smooth, slope_x, slope_y, xx, xy, yy = (_inner(each, plane.shape) for each in maps)
        averaged = [
            _inner(_filtered(product, inner_scale(scale), 0, 0), plane.shape)
            for product in (maps[1] * maps[1], maps[1] * maps[2], maps[2] * maps[2])
        ]
        edge, corner = _eigenvalues(*averaged)
        ridge, valley = _eigenvalues(xx, xy, yy)
        gradient = np.sqrt(slope_x * slope_x + slope_y * slope_y)
        first = 2 + len(_PER_SCALE) * number
        found[first : first + len(_PER_SCALE)] = smooth, gradient, xx + yy, ridge, valley, edge, corner
    return found


def _filtered(padded: NDArray[np.float32], sigma: float, along_y: int, along_x: int) -> NDArray[np.float32]:
    from scipy import ndimage

    columns = ndimage.correlate1d(padded, kernel(sigma, along_y), axis=0, mode="constant")
    rows: NDArray[np.float32] = ndimage.correlate1d(columns, kernel(sigma, along_x), axis=1, mode="constant")
    return rows


def _inner(padded: NDArray[np.float32], shape: tuple[int, ...]) -> NDArray[np.float32]:
    margin = margin_px()
    return padded[margin : margin + shape[0], margin : margin + shape[1]]


def _eigenvalues(
    xx: NDArray[np.float32], xy: NDArray[np.float32], yy: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Give the larger and the smaller eigenvalue of a symmetric 2 × 2 matrix at each pixel."""
    middle = (xx + yy) * np.float32(0.5)
    spread = np.sqrt((xx - yy) * (xx - yy) * np.float32(0.25) + xy * xy)
    return middle + spread, middle - spread
