"""How steady a method is: how much its labels change when the image changes a little. No truth is needed.

The idea, and that the Rand score of perturbed and plain labels ranks models much as truth would, are of Talks and
Kreshuk, "Ranking pre-trained segmentation models for zero-shot transferability" (arXiv 2503.00450). This is the form
for methods of which only the output is known: the input is perturbed, not the features of a network. Imports core,
and metrics inside functions.
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
_RANGE_PERCENTILES = (0.5, 99.8)

# What a change does to one plane, given its grey range and a source of random numbers.
_Change = Callable[[NDArray[np.float32], float, float, np.random.Generator], NDArray[np.float32]]


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

    Parameters
    ----------
    image : Image
        Any image; its type is kept, values beyond it are cut.
    perturbation : Perturbation
        One of ``PERTURBATIONS``.

    Returns
    -------
    Image
        Of the same axes, name and calibration.
    """
    canonical = np.asarray(image.tzcyx())
    changed = np.empty_like(canonical)
    samples = (slice(None),) if not image.is_rgb else tuple(range(canonical.shape[-1]))
    for place in np.ndindex(canonical.shape[:3]):
        for sample in samples:
            index = (*place, slice(None), slice(None), sample) if image.is_rgb else place
            seed = f"{image.name} {perturbation.name} {place} {sample}"
            changed[index] = _changed(canonical[index], perturbation, seed)
    order = [axis for axis, letter in enumerate("TZCYXS"[: canonical.ndim]) if letter in image.axes]
    kept = "".join("TZCYXS"[axis] for axis in order)
    array = changed.reshape([canonical.shape[axis] for axis in order])
    return image.replace(array=array, axes=kept, name=image.name, channel_names=image.channel_names)


def consistency(plain: NDArray[Any], perturbed: NDArray[Any]) -> float:
    """Score how alike the labels of an image and of its perturbed copy are: the Rand F-score, 0 to 1.

    NaN when nothing was found in either: a method that finds nothing is not called steady.
    """
    from pybridge.metrics.overlaps import overlaps
    from pybridge.metrics.rand_score import rand_score

    return rand_score(overlaps(plain, perturbed))


def agreement(first: NDArray[Any], second: NDArray[Any]) -> float:
    """Score how far two methods find the same objects: F1 at an IoU of 0.5; NaN when neither finds any."""
    from pybridge.metrics.detection import match
    from pybridge.metrics.overlaps import overlaps

    return match(overlaps(first, second), thresholds=(0.5,)).counts[0].f1


def _changed(plane: NDArray[Any], perturbation: Perturbation, seed: str) -> NDArray[Any]:
    pixels = np.ascontiguousarray(plane, np.float32)
    low, high = (float(bound) for bound in np.percentile(pixels, _RANGE_PERCENTILES))
    if not high > low:
        return plane
    # Python's own hash differs from run to run.
    number = int.from_bytes(hashlib.sha256(seed.encode()).digest()[:8], "little")
    made = perturbation.change(pixels, low, high, np.random.default_rng(number))
    if plane.dtype.kind not in "iu":
        return made.astype(plane.dtype) if plane.dtype.kind == "f" else plane
    ends = np.iinfo(plane.dtype)
    return np.clip(np.rint(made), ends.min, ends.max).astype(plane.dtype)


def _noise(pixels: NDArray[np.float32], low: float, high: float, rng: np.random.Generator) -> NDArray[np.float32]:
    return pixels + rng.standard_normal(pixels.shape, np.float32) * np.float32(NOISE_SHARE * (high - low))


def _gamma(exponent: float) -> _Change:
    def change(pixels: NDArray[np.float32], low: float, high: float, _: np.random.Generator) -> NDArray[np.float32]:
        unit = (pixels - np.float32(low)) / np.float32(high - low)
        # Below the range the curve would not be defined; there the pixels stay.
        bent = np.where(unit > 0, np.maximum(unit, 0) ** np.float32(exponent), unit)
        return (bent * np.float32(high - low) + np.float32(low)).astype(np.float32)

    return change


def _blur(pixels: NDArray[np.float32], low: float, high: float, _: np.random.Generator) -> NDArray[np.float32]:
    from scipy.ndimage import gaussian_filter

    blurred: NDArray[np.float32] = gaussian_filter(pixels, BLUR_PX)
    return blurred


PERTURBATIONS = (
    Perturbation("noise", f"noise of {100 * NOISE_SHARE:.0f} % of the grey range", _noise),
    Perturbation("gamma-low", f"gamma {GAMMAS[0]}", _gamma(GAMMAS[0])),
    Perturbation("gamma-high", f"gamma {GAMMAS[1]}", _gamma(GAMMAS[1])),
    Perturbation("blur", f"blur of {BLUR_PX:g} px", _blur),
)
"""Changes of the kind that another day, another slide or another focus brings. Brightness and contrast alone are left
out: most models normalise them away, and thresholds follow them, so that they would tell nothing."""
