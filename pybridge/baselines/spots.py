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
# Noise alone hardly answers more than so many of its standard deviations; more of them where it is cut off below.
_DEVIATIONS = 5.0
_CUT_OFF_GAIN = 0.6
# Of the range of a plane: what counts as a spot where there is no noise at all.
_LEAST_SHARE = 1e-4
_REACH_SIGMAS = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SpotOptions(Options):
    """How spots are found.

    Parameters
    ----------
    diameter : float or None
        Of a spot, in pixels; None takes, between 3 and 11 pixels, the one at which the spots answer strongest.
    contrast : float or None
        Least answer of the filter, in the image's units: about the height of a spot above its surroundings. None takes
        five standard deviations of what noise answers, up to eight where the ground is cut off at its lowest value.
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
    of the peak's answer, and never beyond the valley to the next one. The offset and the scale of the grey values, and
    the type they are stored in, do not matter; a plane of one value has no spots.

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

    pixels, unit = _levelled(np.asarray(plane))
    if options.objects == "dark":
        pixels = -pixels
    noise = estimate_noise(pixels)
    floor = _noise_floor(pixels, noise)
    sigma = _best_scale(pixels, floor) if options.diameter is None else _sigma_of(options.diameter)
    scale = _Scale.of(sigma)
    answer = scale.answer(pixels)
    least = scale.least(floor, pixels.shape)
    if options.contrast is not None:
        least = np.full(pixels.shape, options.contrast / unit)
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
    return found, SpotChoice(2 * float(np.sqrt(2)) * sigma, float(np.median(least)) * unit, noise * unit, smallest)


def _levelled(plane: NDArray[Any]) -> tuple[NDArray[np.float64], float]:
    """Take away the offset and the scale of a plane: its median becomes 0, its range 1; gives the range too.

    Neither says anything of spots, and float32, in which noise is estimated, has no digits left for spots on a large
    offset.
    """
    if plane.dtype.kind in "iu":
        # Whole numbers are levelled as such, since float64 has not all of 64 bits; a difference that wraps is right.
        plane = (plane - plane.min()).view(f"u{plane.dtype.itemsize}")
    pixels = plane.astype(np.float64)
    pixels -= np.median(pixels)
    unit = float(np.ptp(pixels))
    return (pixels / unit, unit) if unit > 0 else (pixels, 1.0)


def _sigma_of(diameter: float) -> float:
    """A disc answers strongest at a scale of its radius over the root of two."""
    return diameter / (2 * float(np.sqrt(2)))


@dataclass(frozen=True, slots=True, eq=False)
class _Scale:
    """The filter of one scale: along each axis the sampled Gaussian and its second difference, which sums to 0.

    Made of their own taps, the height and the noise hold for small scales too, where a pixel is not small.
    """

    smooth: NDArray[np.float64]
    bend: NDArray[np.float64]
    gain: float

    @classmethod
    def of(cls, sigma: float) -> _Scale:
        reach = int(np.ceil(_REACH_SIGMAS * sigma)) + 1
        place = np.arange(-reach, reach + 1, dtype=np.float64)
        spot = np.exp(-0.5 * (place / sigma) ** 2)
        spot[[0, -1]] = 0  # room for the difference
        smooth = spot / spot.sum()
        bend = np.convolve(smooth, [1.0, -2.0, 1.0], "same")
        # A Gaussian spot of this scale and height 1 answers 1 in its middle.
        return cls(smooth, bend, 1 / (2 * float(smooth @ spot) * float(bend @ spot)))

    def answer(self, pixels: NDArray[np.float64]) -> NDArray[np.float64]:
        from scipy import ndimage

        found: NDArray[np.float64] = np.zeros_like(pixels)
        for along_y, along_x in ((self.bend, self.smooth), (self.smooth, self.bend)):
            found += ndimage.correlate1d(ndimage.correlate1d(pixels, along_y, axis=0), along_x, axis=1)
        return found * self.gain

    def least(self, floor: float, shape: tuple[int, ...]) -> NDArray[np.float64]:
        """Give what is more than noise up to ``floor`` answers, at each pixel; 0.01 % of the range without noise.

        At the border, where the plane is mirrored, the noise of a pixel counts twice.
        """
        (bend_y, smooth_y, both_y), (bend_x, smooth_x, both_x) = (self._squares(length) for length in shape)
        power = np.outer(bend_y, smooth_x) + np.outer(smooth_y, bend_x) + 2 * np.outer(both_y, both_x)
        found: NDArray[np.float64] = np.maximum(floor * abs(self.gain) * np.sqrt(power), _LEAST_SHARE)
        return found

    def _squares(self, length: int) -> tuple[NDArray[np.float64], ...]:
        """Give, along an axis, the squared weights of pixels: of the bend, the smoothing, and one by the other."""
        from scipy import ndimage

        tried = min(length, 2 * self.smooth.size)
        bend, smooth = (ndimage.correlate1d(np.eye(tried), taps, axis=0) for taps in (self.bend, self.smooth))
        # Between the borders all pixels are alike.
        place = np.arange(length)
        place = np.where(place < tried // 2, place, np.maximum(place - (length - tried), tried // 2))
        return tuple((one * other).sum(1)[place] for one, other in ((bend, bend), (smooth, smooth), (bend, smooth)))


def _noise_floor(pixels: NDArray[np.float64], noise: float) -> float:
    """Give the grey value that noise alone does not reach.

    A ground cut off at its lowest value has noise upwards only, of which the estimate sees little more than half.
    """
    cut_off = float(np.mean(pixels == pixels.min()))
    return _DEVIATIONS * noise * (1 + _CUT_OFF_GAIN * min(1.0, 2 * cut_off))


def _best_scale(pixels: NDArray[np.float64], floor: float) -> float:
    """Choose the scale at which spots answer strongest: the middle one when each counts by its volume above noise.

    Only peaks are asked, so that it does not matter how much of the plane the spots cover. Peaks next to a stronger
    one are the texture of a larger spot.
    """
    from scipy import ndimage

    best, volume = np.zeros_like(pixels), np.zeros_like(pixels)
    chosen = np.zeros(pixels.shape, np.intp)
    for number, sigma in enumerate(_SCALES_PX):
        scale = _Scale.of(sigma)
        answer = scale.answer(pixels)
        better = answer > best
        best[better], chosen[better] = answer[better], number
        volume[better] = (answer - scale.least(floor, pixels.shape))[better] * sigma**2
    window = 2 * round(_SCALES_PX[-1]) + 1
    peaks = (best == ndimage.maximum_filter(best, window)) & (volume > 0)
    votes = np.bincount(chosen[peaks], volume[peaks], minlength=len(_SCALES_PX))
    if not votes.any():
        return _SCALES_PX[0]
    # Spots between two scales vote for either; the votes of a scale are spread half a step to both sides.
    steps = np.arange(len(_SCALES_PX) + 1) - 0.5
    middle = np.interp(votes.sum() / 2, np.concatenate([[0.0], np.cumsum(votes)]), steps)
    return float(np.exp(np.interp(middle, np.arange(len(_SCALES_PX)), np.log(_SCALES_PX))))
