"""From a plane to its foreground: noise, background, smoothing, threshold. scipy and scikit-image inside functions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pybridge.baselines.watershed_options import WatershedOptions
from pybridge.core.errors import ImageError

# Smoothing that blunts no nucleus, and the most that noise may ask for.
_LEAST_SIGMA, _MOST_SIGMA = 0.7, 4.0
# After smoothing, the threshold lies at least so many standard deviations of the noise above the ground.
_DEVIATIONS = 8.0
# Otsu's threshold is drawn towards the brightest objects; a tenth less keeps dim ones, and edges are set later.
_OTSU_SHARE = 0.9
# The local method: what is above the mean around it, and above this share of the way from the ground to Otsu's.
_FLOOR_SHARE = 0.6
_WINDOW_DIAMETERS = 0.75
# A background that differs by more than this share of the objects' contrast is taken away.
_UNEVEN = 0.5
_DARK_PERCENTILE = 20.0


@dataclass(frozen=True, slots=True, eq=False)
class Foreground:
    """A mask and how it was made.

    Parameters
    ----------
    mask : ndarray of bool, shape (Y, X)
        Where objects are.
    height : ndarray of float32, shape (Y, X)
        The smoothed image above the level of the ground.
    threshold : float
        In the image's units above the background that was taken away; NaN when it differs from place to place.
    sigma, background : float
        Smoothing and radius of the background in pixels; 0 when none was taken away.
    noise : float
        Standard deviation in the image's units.
    """

    mask: NDArray[np.bool_]
    height: NDArray[np.float32]
    threshold: float
    sigma: float
    background: float
    noise: float


def finite_plane(plane: NDArray[Any]) -> NDArray[Any]:
    """Give a plane as an array, whose pixels must be finite numbers.

    Raises
    ------
    ImageError
        If there are NaN or infinite values.
    """
    pixels = np.asarray(plane)
    bad = int(np.count_nonzero(~np.isfinite(pixels))) if pixels.dtype.kind == "f" else 0
    if bad:
        raise ImageError(
            "find objects",
            found=f"{bad} of {pixels.size} pixels are NaN or infinite",
            do="replace them first, in ImageJ with Process > Noise > Remove NaNs…, or crop the image",
        )
    return pixels


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


def find_background(pixels: NDArray[np.float32], radius: float) -> NDArray[np.float32]:
    """Follow the dark level of a plane: a low percentile of each square of the radius, joined smoothly.

    Parameters
    ----------
    pixels : ndarray of float32, shape (Y, X)
        The plane.
    radius : float
        In pixels; larger than objects are.

    Examples
    --------
    >>> slope = np.tile(np.arange(90, dtype=np.float32), (60, 1))
    >>> bool(np.ptp(slope - find_background(slope, 5)) < 30)
    True
    """
    from scipy import ndimage

    edge = max(2, round(2 * radius))
    parts = [max(1, round(length / edge)) for length in pixels.shape]
    rows, columns = (np.linspace(0, length, n + 1).astype(int) for length, n in zip(pixels.shape, parts, strict=True))
    grid = np.array(
        [
            [
                np.percentile(pixels[rows[y] : rows[y + 1], columns[x] : columns[x + 1]], _DARK_PERCENTILE)
                for x in range(parts[1])
            ]
            for y in range(parts[0])
        ],
        np.float32,
    )
    grid = ndimage.gaussian_filter(grid, 0.7, mode="nearest")
    # Where the middle of each pixel lies, counted in squares.
    where = [(np.arange(length) + 0.5) * n / length - 0.5 for length, n in zip(pixels.shape, parts, strict=True)]
    found: NDArray[np.float32] = ndimage.map_coordinates(
        grid, np.meshgrid(*where, indexing="ij"), order=1, mode="nearest", output=np.float32
    )
    return found


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

    Examples
    --------
    >>> plane = np.full((20, 30), 10, np.uint8)
    >>> plane[5:15, 5:15] = 200
    >>> mask = find_foreground(plane, "otsu", WatershedOptions()).mask
    >>> bool(mask[5:15, 5:15].all()), bool(mask[:3].any())
    (True, False)
    """
    from scipy import ndimage

    pixels = np.asarray(plane, np.float32)
    if options.objects == "dark":
        pixels = pixels.max() + pixels.min() - pixels
    noise = estimate_noise(pixels)
    level, ground = _otsu(ndimage.gaussian_filter(pixels, _LEAST_SIGMA))
    contrast = max(level - ground, 1e-30)
    sigma = options.sigma
    if sigma is None:
        # Smoothing by sigma divides the deviation of white noise by 2 sqrt(pi) sigma.
        sigma = float(np.clip(noise * _DEVIATIONS / (2 * np.sqrt(np.pi) * contrast), _LEAST_SIGMA, _MOST_SIGMA))
    radius = options.background
    if radius is None:
        radius = _radius_of_uneven(pixels, contrast)
    if radius > 0:
        pixels = pixels - find_background(pixels, radius)
    smooth = ndimage.gaussian_filter(pixels, sigma)
    level, ground = _otsu(smooth)
    if threshold == "local":
        mask, level = _local_mask(smooth - ground, level - ground), float("nan")
    else:
        lowered = float(ground + _OTSU_SHARE * (level - ground))
        level = lowered if threshold == "otsu" else _threshold(smooth, threshold)
        mask = smooth > level
    return Foreground(mask, smooth - np.float32(ground), level, sigma, radius, noise)


def _otsu(smooth: NDArray[np.float32]) -> tuple[float, float]:
    """Give Otsu's threshold and the level of the ground below it."""
    level = _threshold(smooth, "otsu")
    below = smooth[smooth <= level]
    return level, float(np.median(below)) if below.size else float(smooth.min())


def _threshold(smooth: NDArray[np.float32], name: str) -> float:
    from skimage import filters

    # Thresholds of an image that has no two levels are its own level.
    if not smooth.max() > smooth.min():
        return float(smooth.max())
    return float(getattr(filters, f"threshold_{name}")(smooth))


def _radius_of_uneven(pixels: NDArray[np.float32], contrast: float) -> float:
    """Choose the radius of the background to take away; 0 for an even one."""
    radius = float(np.clip(min(pixels.shape) / 8, 16, 128))
    low, high = np.percentile(find_background(pixels, radius), (5, 95))
    return radius if high - low > _UNEVEN * contrast else 0.0


def _local_mask(height: NDArray[np.float32], level: float) -> NDArray[np.bool_]:
    """Find what is brighter than its surroundings, and not as dark as the ground."""
    from scipy import ndimage

    floor = height > _FLOOR_SHARE * level
    window = float(np.clip(_WINDOW_DIAMETERS * usual_diameter(floor), 5, 200))
    local: NDArray[np.bool_] = floor & (height > ndimage.gaussian_filter(height, window))
    return local


def usual_diameter(mask: NDArray[np.bool_]) -> float:
    """Give the diameter, in pixels, of a disc as large as the piece in which the middle pixel of a mask lies.

    0 for an empty mask.

    Examples
    --------
    >>> round(usual_diameter(np.pad(np.ones((20, 20), bool), 3)), 1)
    22.6
    """
    from scipy import ndimage

    pieces, count = ndimage.label(mask, np.ones((3, 3), bool))
    if count == 0:
        return 0.0
    area = np.bincount(pieces.ravel())[1:]
    # Specks are many and say nothing of the objects, so pieces count by their area.
    ordered = np.sort(area)
    usual = ordered[np.searchsorted(np.cumsum(ordered), ordered.sum() / 2)]
    return float(2 * np.sqrt(usual / np.pi))
