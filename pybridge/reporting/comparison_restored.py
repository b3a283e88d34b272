"""Looking at restored images side by side, each with the grey range of its truth. Imports core; Pillow in functions."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pybridge.core.comparison import ComparisonResult
from pybridge.core.image import Image

_RANGE_PERCENTILES = (0.5, 99.7)


def restored_plane(result: ComparisonResult, method: int, image: int) -> NDArray[Any] | None:
    """Give the middle plane of one image as a method restored it, shape (Y, X); None where it failed.

    Of several channels it is the first.
    """
    packed, truth = result.results[method][image], result.truths[image]
    return None if packed is None else _middle(packed.as_image(truth, name=truth.name))


def true_plane(result: ComparisonResult, image: int) -> NDArray[Any]:
    """Give that plane of the truth, shape (Y, X)."""
    return _middle(result.truths[image])


def grey_range(truth: NDArray[Any]) -> tuple[float, float]:
    """Choose the grey values that are shown as black and as white: those of the truth, for every method alike."""
    low, high = (float(bound) for bound in np.percentile(truth, _RANGE_PERCENTILES))
    return (low, high) if high > low else (low, low + 1)


def draw_restored(plane: NDArray[Any], shown: tuple[float, float], *, side_px: int) -> NDArray[np.uint8]:
    """Draw a plane as large as its place; single pixels stay squares, so that noise is seen as it is.

    Returns
    -------
    ndarray of uint8, shape (Y, X, 3)
    """
    from PIL import Image as Pillow

    low, high = shown
    grey = np.clip((plane.astype(np.float32) - np.float32(low)) / np.float32(high - low), 0, 1)
    factor = side_px / max(plane.shape)
    size = tuple(max(1, round(extent * factor)) for extent in plane.shape[::-1])
    kind = Pillow.Resampling.BOX if factor < 1 else Pillow.Resampling.NEAREST
    fitted = np.asarray(Pillow.fromarray((255 * grey).astype(np.uint8)).resize(size, kind))
    return np.repeat(fitted[..., None], 3, axis=2)


def _middle(image: Image) -> NDArray[Any]:
    pixels = np.asarray(image.tzcyx())
    plane: NDArray[Any] = pixels[pixels.shape[0] // 2, pixels.shape[1] // 2, 0]
    return plane
