"""The classical denoisers: Gaussian, median, non-local means, plane by plane. scipy and scikit-image in functions.

Doing nothing is one of them: a denoiser that is not nearer to the truth than the raw image has improved nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pybridge.baselines.foreground import estimate_noise
from pybridge.baselines.options import Options, option

_PATCH_PX, _SEARCH_PX = 5, 6
_STRENGTH = 0.8


@dataclass(frozen=True, slots=True, kw_only=True)
class GaussianOptions(Options):
    """``sigma``: standard deviation of the Gaussian, in pixels."""

    sigma: float = option(1.0, minimum=0, maximum=100, help="standard deviation of the Gaussian, in pixels")


@dataclass(frozen=True, slots=True, kw_only=True)
class MedianOptions(Options):
    """``radius``: of the disc whose median is taken, in pixels."""

    radius: float = option(1.5, minimum=0, maximum=50, help="radius of the disc whose median is taken, in pixels")


@dataclass(frozen=True, slots=True, kw_only=True)
class MeansOptions(Options):
    """``strength``: how unlike two patches may be, in standard deviations of the noise."""

    strength: float = option(
        _STRENGTH, minimum=0.01, maximum=100, help="how unlike two patches may be, in deviations of the noise"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class NoOptions(Options):
    """Leaves the pixels as they are; nothing to choose."""


def denoise_plane(plane: NDArray[Any], options: Options) -> NDArray[np.float32]:
    """Denoise one plane.

    Parameters
    ----------
    plane : ndarray, shape (Y, X)
        Pixels as stored.
    options : GaussianOptions, MedianOptions, MeansOptions or NoOptions
        Which filter, and how strong.

    Returns
    -------
    ndarray of float32, shape (Y, X)
        In the image's own units. Borders are reflected.

    References
    ----------
    Buades, Coll and Morel, A non-local algorithm for image denoising. CVPR 2005.

    Examples
    --------
    >>> noisy = np.random.default_rng(0).normal(100, 5, (40, 50))
    >>> bool(denoise_plane(noisy, GaussianOptions(sigma=2.0)).std() < 1)
    True
    """
    from scipy import ndimage

    pixels = np.asarray(plane, np.float32)
    if isinstance(options, NoOptions):
        return pixels
    if isinstance(options, GaussianOptions):
        smooth: NDArray[np.float32] = ndimage.gaussian_filter(pixels, options.sigma)
        return smooth
    if isinstance(options, MedianOptions):
        reach = int(options.radius)
        y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1]
        middle: NDArray[np.float32] = ndimage.median_filter(pixels, footprint=x * x + y * y <= options.radius**2)
        return middle
    assert isinstance(options, MeansOptions)
    return _non_local_means(pixels, options.strength)


def _non_local_means(pixels: NDArray[np.float32], strength: float) -> NDArray[np.float32]:
    from skimage.restoration import denoise_nl_means

    noise = estimate_noise(pixels)
    if noise == 0:
        return pixels
    low, span = float(pixels.min()), max(float(np.ptp(pixels)), 1e-30)
    scaled = (pixels - low) / span
    clean = denoise_nl_means(
        scaled,
        patch_size=_PATCH_PX,
        patch_distance=_SEARCH_PX,
        h=strength * noise / span,
        sigma=noise / span,
        fast_mode=True,
    )
    return (np.asarray(clean, np.float32) * np.float32(span) + np.float32(low)).astype(np.float32)
