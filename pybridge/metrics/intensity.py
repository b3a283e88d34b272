"""What an image is like, without labels: its range of values, its noise, its sharpness. Imports numpy.

The training profile keeps these numbers of the training images, so that unseen images can be held against them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

# Dark and bright end of an image; the same pair normalises images in our models.
LOW_PERCENTILE, HIGH_PERCENTILE = 1.0, 99.8
_MAD_TO_SIGMA = 1.4826  # of the normal distribution


@dataclass(frozen=True, slots=True)
class ImageLook:
    """Numbers that describe an image.

    Parameters
    ----------
    low, median, high : float
        Percentiles 1, 50 and 99.8 of its values.
    noise : float
        Standard deviation of the pixel noise, as a share of ``high - low``.
    sharpness : float
        How fast values change from pixel to pixel, noise aside; 0 for an image without detail, higher when in focus.
        It does not depend on brightness or contrast.
    """

    low: float
    median: float
    high: float
    noise: float
    sharpness: float


def measure_look(plane: NDArray[Any]) -> ImageLook:
    """Measure what an image is like.

    Noise is estimated as by Immerkær (Fast noise variance estimation, Comput. Vis. Image Underst. 64, 1996),
    with the median in place of the mean, so that edges count little; flat parts (clipped or empty) are left out.
    Sharpness is the root mean square of the second differences over that of the first, after 3 × 3 binomial smoothing.

    Parameters
    ----------
    plane : ndarray, shape (Y, X)
        Pixels as stored.

    Examples
    --------
    >>> noise = np.random.default_rng(1).normal(100, 5, (70, 110))
    >>> plane = noise + np.linspace(0, 500, 110)
    >>> look = measure_look(plane)
    >>> round(look.noise * (look.high - look.low), 1)
    5.0
    """
    low, median, high = (float(v) for v in np.percentile(plane, (LOW_PERCENTILE, 50, HIGH_PERCENTILE)))
    if high <= low or min(plane.shape) < 5:
        return ImageLook(low, median, high, noise=0.0, sharpness=0.0)
    pixels = plane.astype(np.float32)
    second = np.diff(np.diff(pixels, 2, axis=0), 2, axis=1)  # blind to flat parts and slopes
    response = np.abs(second[second != 0])
    # Its weights 1 -2 1, twice, carry a noise of 1 into one of 6.
    noise = _MAD_TO_SIGMA * float(np.median(response)) / 6 if response.size else 0.0
    return ImageLook(low, median, high, noise=noise / (high - low), sharpness=_sharpness(pixels))


def _sharpness(pixels: NDArray[np.float32]) -> float:
    smooth = (pixels[:-2] + 2 * pixels[1:-1] + pixels[2:]) / 4
    smooth = (smooth[:, :-2] + 2 * smooth[:, 1:-1] + smooth[:, 2:]) / 4
    first, second = 0.0, 0.0
    for axis in (0, 1):
        first += float(np.mean(np.diff(smooth, axis=axis) ** 2))
        second += float(np.mean(np.diff(smooth, 2, axis=axis) ** 2))
    return math.sqrt(second / first) if first > 0 else 0.0
