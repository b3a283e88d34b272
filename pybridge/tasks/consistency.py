"""How steady a method is: how much its labels change when the image changes a little. No truth is needed.

The idea, and that the Rand score of perturbed and plain labels ranks models much as truth would, are of Talks and
Kreshuk, "Ranking pre-trained segmentation models for zero-shot transferability" (arXiv 2503.00450). As theirs, the
score is undefined where the plain image gives no object: rightly finding nothing is not punished. Ours differs:

- Only the input is perturbed, never the features of a network: of a classical method only the output is known. Which
  changes are made, and how strong they are, was chosen here.
- Their code leaves the borders of objects out, and where one of the two images has background, counts each pixel of it
  as an object of its own. Here borders count, and background belongs to no object.
- Theirs is one minus the adapted Rand error, without the pair of a pixel with itself; see ``metrics.rand_score``.

So the scores are not those of the paper, digit by digit. Imports core, and metrics and scipy inside functions.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pybridge.core.image import Image

NOISE_SHARE = 0.05
GAMMAS = (0.7, 1.4)
BLUR_PX = 1.0

# What a change does to one plane, given the grey range of its channel and a source of random numbers.
_Change = Callable[[NDArray[np.float64], float, float, np.random.Generator], NDArray[np.float64]]


@dataclass(frozen=True, slots=True)
class Perturbation:
    """One small change of an image.

    Parameters
    ----------
    name : str
        For example ``noise``.
    meaning : str
        For people.
    change : callable
        Makes it, plane by plane.
    """

    name: str
    meaning: str
    change: _Change


def perturb(image: Image, perturbation: Perturbation) -> Image:
    """Change an image a little; the same image is changed in the same way every time.

    All planes of a channel are changed alike. Its grey range goes from the darkest to the brightest thing larger than a
    pixel, in any of them: single hot and dead pixels do not count, a few bright spots do.

    Parameters
    ----------
    image : Image
        Any image; its type is kept, values beyond it are cut.
    perturbation : Perturbation
        One of ``PERTURBATIONS``.

    Returns
    -------
    Image
        Of the same axes, name and calibration. Equal to the image where the change is none: one of a single value
        stays, and so does one of two values under gamma, which bends only what lies between.
    """
    canonical = np.asarray(image.tzcyx())
    changed = np.empty_like(canonical)
    samples = (slice(None),) if not image.is_rgb else tuple(range(canonical.shape[-1]))
    ranges = [_grey_range(canonical[:, :, channel]) for channel in range(canonical.shape[2])]
    for place in np.ndindex(canonical.shape[:3]):
        for sample in samples:
            index = (*place, slice(None), slice(None), sample) if image.is_rgb else place
            seed = f"{image.name} {perturbation.name} {place} {sample}"
            changed[index] = _changed(canonical[index], perturbation, ranges[place[2]], seed)
    order = [axis for axis, letter in enumerate("TZCYXS"[: canonical.ndim]) if letter in image.axes]
    kept = "".join("TZCYXS"[axis] for axis in order)
    array = changed.reshape([canonical.shape[axis] for axis in order])
    return image.replace(array=array, axes=kept, name=image.name, channel_names=image.channel_names)


def consistency(plain: NDArray[Any], perturbed: NDArray[Any]) -> float:
    """Score how alike the labels of an image and of its perturbed copy are: the Rand F-score, 0 to 1.

    NaN when nothing was found in the plain image: there is no object that could have been found again.

    Examples
    --------
    >>> labels = np.array([[1, 1, 0, 2]])
    >>> consistency(labels, labels), consistency(labels, 0 * labels), consistency(0 * labels, labels)
    (1.0, 0.0, nan)
    """
    from pybridge.metrics.overlaps import overlaps
    from pybridge.metrics.rand_score import rand_score

    return rand_score(overlaps(plain, perturbed)) if np.any(plain) else float("nan")


def agreement(first: NDArray[Any], second: NDArray[Any]) -> float:
    """Score how far two methods find the same objects: F1 at an IoU of 0.5; NaN when neither finds any."""
    from pybridge.metrics.detection import match
    from pybridge.metrics.overlaps import overlaps

    return match(overlaps(first, second), thresholds=(0.5,)).counts[0].f1


def _grey_range(planes: NDArray[Any]) -> tuple[float, float]:
    """Give the darkest and the brightest value that two neighbours both reach; planes are (T, Z, Y, X) or with samples.

    Percentiles would miss objects that cover less than what they leave out.
    """
    down, across = (planes[:, :, 1:], planes[:, :, :-1]), (planes[:, :, :, 1:], planes[:, :, :, :-1])
    pairs = [pair for pair in (down, across) if pair[0].size]
    low = min((float(np.maximum(*pair).min()) for pair in pairs), default=0.0)
    high = max((float(np.minimum(*pair).max()) for pair in pairs), default=0.0)
    # Where no two neighbours differ from the rest, single pixels are all that the image shows.
    return (low, high) if high > low else (float(planes.min()), float(planes.max()))


def _changed(
    plane: NDArray[Any], perturbation: Perturbation, grey_range: tuple[float, float], seed: str
) -> NDArray[Any]:
    low, high = grey_range
    if not high > low or not np.isfinite(high - low):
        return plane
    # Python's own hash differs from run to run.
    number = int.from_bytes(hashlib.sha256(seed.encode()).digest()[:8], "little")
    made = perturbation.change(np.asarray(plane, np.float64), low, high, np.random.default_rng(number))
    if plane.dtype.kind == "f":
        ends = np.finfo(plane.dtype)
        return np.clip(made, float(ends.min), float(ends.max)).astype(plane.dtype)
    lowest, highest = (0, 1) if plane.dtype.kind == "b" else (np.iinfo(plane.dtype).min, np.iinfo(plane.dtype).max)
    return np.clip(np.rint(made), lowest, highest).astype(plane.dtype)


def _noise(pixels: NDArray[np.float64], low: float, high: float, rng: np.random.Generator) -> NDArray[np.float64]:
    return pixels + rng.standard_normal(pixels.shape) * NOISE_SHARE * (high - low)


def _gamma(exponent: float) -> _Change:
    def change(pixels: NDArray[np.float64], low: float, high: float, _: np.random.Generator) -> NDArray[np.float64]:
        unit = (pixels - low) / (high - low)
        # The curve bends what lies within the range and meets its ends: beyond them pixels stay, and keep their order.
        bent = np.clip(unit, 0, 1) ** exponent * (high - low) + low
        return np.where((unit > 0) & (unit < 1), bent, pixels)

    return change


def _blur(pixels: NDArray[np.float64], low: float, high: float, _: np.random.Generator) -> NDArray[np.float64]:
    from scipy.ndimage import gaussian_filter

    blurred: NDArray[np.float64] = gaussian_filter(pixels, BLUR_PX)
    return blurred


PERTURBATIONS = (
    Perturbation("noise", f"noise with a deviation of {100 * NOISE_SHARE:.0f} % of the grey range", _noise),
    Perturbation("gamma-low", f"gamma {GAMMAS[0]}", _gamma(GAMMAS[0])),
    Perturbation("gamma-high", f"gamma {GAMMAS[1]}", _gamma(GAMMAS[1])),
    Perturbation("blur", f"Gaussian blur of sigma {BLUR_PX:g} px", _blur),
)
"""Changes of the kind that another day, another slide or another focus brings. Brightness and contrast alone are left
out: most models normalise them away, and thresholds follow them, so that they would tell nothing."""
