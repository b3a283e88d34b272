"""From a plane to its foreground: noise, smoothing, background, threshold. numpy; scipy and skimage in functions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pybridge.baselines.watershed_options import WatershedOptions


@dataclass(frozen=True, slots=True, eq=False)
class Foreground:
    """A mask and how it was made."""

    mask: NDArray[np.bool_]
    threshold: float
    sigma: float
    background: float
    noise: float


def estimate_noise(plane: NDArray[Any]) -> float:
    """Estimate the standard deviation of white noise in a plane, whatever lies beneath it.

    The median absolute response to a difference of two Laplacians, which smooth structures hardly excite.

    Parameters
    ----------
    plane : ndarray, shape (Y, X)
        Pixels of any real type.

    References
    ----------
    Immerkaer, Fast noise variance estimation. Computer Vision and Image Understanding 64, 1996.

    Examples
    --------
    >>> noise = np.random.default_rng(0).normal(0, 3, (64, 64))
    >>> 2.7 < estimate_noise(noise + np.arange(64)) < 3.3
    True
    """
    from scipy import ndimage

    if min(plane.shape) < 3:
        return 0.0
    kernel = np.array([1, -2, 1], np.float32)
    response = ndimage.convolve1d(ndimage.convolve1d(np.asarray(plane, np.float32), kernel, axis=0), kernel, axis=1)
    # The median of |N(0, 1)|, and the norm of the two-dimensional kernel.
    return float(np.median(np.abs(response[1:-1, 1:-1]))) / 0.6745 / 6.0


def find_foreground(plane: NDArray[Any], threshold: str, options: WatershedOptions) -> Foreground:
    """Tell the objects of a plane from the background.

    Parameters
    ----------
    plane : ndarray, shape (Y, X)
        Pixels as stored.
    threshold : str
        ``otsu``, ``li``, ``triangle`` or ``local``.
    options : WatershedOptions
        The user's; None means found here.
    """
    from scipy import ndimage
    from skimage import filters

    pixels = np.asarray(plane, np.float32)
    if options.objects == "dark":
        pixels = pixels.max() + pixels.min() - pixels
    noise = estimate_noise(pixels)
    sigma = 1.0 if options.sigma is None else options.sigma
    smooth = ndimage.gaussian_filter(pixels, sigma)
    level = float(filters.threshold_otsu(smooth))
    return Foreground(smooth > level, level, sigma, 0.0, noise)
