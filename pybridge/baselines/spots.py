"""Bright spots by the Laplacian of Gaussian: where the image bends most at the scale of a spot. scipy in functions.

References
----------
Lindeberg, Feature detection with automatic scale selection. Int. J. Computer Vision 30, 1998.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pybridge.baselines.foreground import estimate_noise
from pybridge.baselines.options import Options, option
from pybridge.baselines.threshold_watershed import filter_objects
from pybridge.decode.plane import DecodedPlane

_SCALES_PX = (1.0, 1.4, 2.0, 2.8, 4.0)
_DEVIATIONS = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SpotOptions(Options):
    """How spots are found.

    Parameters
    ----------
    diameter : float or None
        Of a spot, in pixels; None takes, out of 3 to 11 pixels, the one that answers strongest.
    contrast : float or None
        Least answer of the filter, in the image's units: about the height of a spot above its surroundings. None takes
        five standard deviations of what noise answers.
    objects : str
        ``bright`` on a dark ground, or ``dark``.
    """

    diameter: float | None = option(None, minimum=1, maximum=200, help="diameter of a spot, in pixels")
    contrast: float | None = option(None, minimum=0, help="least height of a spot above its surroundings")
    objects: str = option("bright", choices=("bright", "dark"), help="bright spots on a dark ground, or dark ones")


@dataclass(frozen=True, slots=True)
class SpotChoice:
    """What held for one plane: size in pixels, contrast and noise in the image's units."""

    diameter: float
    contrast: float
    noise: float
    min_size: int


def find_spots(
    plane: NDArray[Any], options: SpotOptions, *, min_size: int | None = None, exclude_border: bool = False
) -> tuple[DecodedPlane, SpotChoice]:
    """Find the spots of a plane.

    The filter answers with the height of a Gaussian spot of its own size. A spot reaches from its peak down to half
    of the peak's answer, and never beyond the valley to the next one.

    Parameters
    ----------
    plane : ndarray, shape (Y, X)
        Pixels as stored.
    options : SpotOptions
        The user's; None means found from the plane.
    min_size : int, optional
        Smallest spot kept, in pixels; default 1.
    exclude_border : bool
        Leave out spots that touch the image border.

    Returns
    -------
    DecodedPlane
        Labels, and NaN as confidence.
    SpotChoice
        What held.

    Examples
    --------
    >>> y, x = np.mgrid[:40, :50]
    >>> plane = sum(np.exp(-((y - a) ** 2 + (x - b) ** 2) / 8) for a, b in ((10, 10), (10, 18), (30, 40)))
    >>> int(find_spots(plane, SpotOptions(diameter=6))[0].labels.max())
    3
    """
    from scipy import ndimage
    from skimage import segmentation

    pixels = np.asarray(plane, np.float32)
    if options.objects == "dark":
        pixels = -pixels
    noise = estimate_noise(pixels)
    sigma = _best_scale(pixels, noise) if options.diameter is None else _sigma_of(options.diameter)
    answer = _answer(pixels, sigma)
    least = options.contrast
    if least is None:
        # White noise answers with this deviation; 0.01 % of the range where there is no noise at all.
        least = max(_DEVIATIONS * noise * _noise_gain(sigma), 1e-4 * float(np.ptp(pixels)))
    window = max(3, 2 * round(sigma) + 1)
    peaks = (answer == ndimage.maximum_filter(answer, window)) & (answer > least)
    seeds, count = ndimage.label(peaks, np.ones((3, 3), bool))
    if count:
        watershed: Any = segmentation.watershed
        basins = watershed(-answer, seeds, mask=answer > 0.5 * least)
        height = np.concatenate([[np.inf], ndimage.maximum(answer, seeds, np.arange(1, count + 1))])
        seeds = np.where(answer >= 0.5 * height[basins], basins, 0)
    smallest = 1 if min_size is None else min_size
    labels = filter_objects(
        seeds.astype(np.int32), min_size=smallest, max_size=None, roundness=0, exclude_border=exclude_border
    )
    found = DecodedPlane(labels, np.full(int(labels.max(initial=0)), np.nan, np.float32))
    return found, SpotChoice(2 * float(np.sqrt(2)) * sigma, least, noise, smallest)


def _sigma_of(diameter: float) -> float:
    """A disc answers strongest at a scale of its radius over the root of two."""
    return diameter / (2 * float(np.sqrt(2)))


def _answer(pixels: NDArray[np.float32], sigma: float) -> NDArray[np.float32]:
    from scipy import ndimage

    # A Gaussian spot of standard deviation sigma and height 1 gives sigma² · (1 / sigma²) · 2/4 = 1/2 in its middle.
    found: NDArray[np.float32] = ndimage.gaussian_laplace(pixels, sigma) * np.float32(-2 * sigma**2)
    return found


def _noise_gain(sigma: float) -> float:
    """Give the deviation of the answer to white noise of deviation 1."""
    return float(2 / (np.sqrt(2 * np.pi) * sigma))


def _best_scale(pixels: NDArray[np.float32], noise: float) -> float:
    """Choose the scale whose strongest answers are the highest, after what noise gives."""
    scores = []
    for sigma in _SCALES_PX:
        answer = _answer(pixels, sigma)
        scores.append(float(np.percentile(answer, 99.5)) - _DEVIATIONS * noise * _noise_gain(sigma))
    return _SCALES_PX[int(np.argmax(scores))]
