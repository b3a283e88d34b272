"""Structural similarity of planes and of volumes, block by block. Imports core and numpy; scipy inside functions.

SSIM is that of Wang et al. (IEEE Trans. Image Process. 13(4), 2004): Gaussian window of σ = 1.5 cut to 11 pixels along
each axis, K1 = 0.01, K2 = 0.03, weighted (not sample) covariance; the mean leaves out a border of 5 pixels, where the
window reaches over the edge. This is ``structural_similarity(gaussian_weights=True, use_sample_covariance=False)`` of
scikit-image; torchmetrics counts the border in. It is computed here, since scikit-image takes a variance as the mean
of squares minus the square of the mean: for a contrast of 1e-3 on 1e6 nothing is left of it but rounding, and its SSIM
leaves [-1, 1]. Here each block is brought near 0 first, which changes no variance, and means enter by their difference.
In a volume the window is 11 × 11 × 11 pixels, whatever the size of a
pixel along Z. Where it does not fit, SSIM is undefined: planes of less than 11 pixels a side, volumes of less than 11
slices.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from pybridge.core.progress import check_cancelled

WINDOW_PX = 11
SIGMA_PX = 1.5
K1, K2 = 0.01, 0.03
_BLOCK_PX = {2: 1024, 3: 96}  # side of what is computed at once, in a dozen arrays of that size


def similarity(
    image: NDArray[np.float64], truth: NDArray[np.float64], span: float, *, axes: int
) -> tuple[NDArray[np.float32], float]:
    """Give the map of structural similarity over the last two or three axes, and its mean without the border.

    Parameters
    ----------
    image, truth : ndarray of float64, of one shape
    span : float
        The data range.
    axes : int
        2 for planes, 3 for volumes; over further axes the mean is taken.

    Returns
    -------
    ndarray of float32
        Of the shape of the images; NaN where the window does not fit, or without a range.
    float

    Examples
    --------
    >>> truth = np.random.default_rng(1).normal(100, 20, (12, 30, 40))
    >>> round(similarity(truth, truth, 100.0, axes=3)[1], 6), similarity(truth, truth, 0.0, axes=2)[1]
    (1.0, nan)
    """
    similar = np.full(truth.shape, np.nan, np.float32)
    extent = truth.shape[-axes:]
    if min(extent) < WINDOW_PX or not span:
        return similar, float("nan")
    means = []
    for place in np.ndindex(truth.shape[:-axes]):
        total = 0.0
        for inner, outer in _blocks(extent):
            check_cancelled()
            total += _similarity_of_block(image[place], truth[place], span, similar[place], inner, outer)
        means.append(total / np.prod([side - WINDOW_PX + 1 for side in extent]))
    return similar, float(np.mean(means))


def _blocks(extent: tuple[int, ...]) -> Iterator[tuple[tuple[slice, ...], tuple[slice, ...]]]:
    """Cut a plane or a volume into blocks: each as it is to be filled, and with what the window sees around it."""
    side, reach = _BLOCK_PX[len(extent)], WINDOW_PX // 2
    pieces = []
    for size in extent:
        starts = range(0, size, side)
        pieces.append(
            [
                (
                    slice(start, min(start + side, size)),
                    # never thinner than the window, where the reflected edge would be reflected again
                    slice(
                        max(0, min(start - reach, size - WINDOW_PX)), min(max(start + side + reach, WINDOW_PX), size)
                    ),
                )
                for start in starts
            ]
        )
    for block in itertools.product(*pieces):
        yield tuple(inner for inner, _ in block), tuple(outer for _, outer in block)


def _similarity_of_block(
    image: NDArray[np.float64],
    truth: NDArray[np.float64],
    span: float,
    similar: NDArray[np.float32],
    inner: tuple[slice, ...],
    outer: tuple[slice, ...],
) -> float:
    """Fill a block of the map; gives the sum of what is not border."""
    local = _local_similarity(image[outer], truth[outer], span)
    own = local[tuple(slice(i.start - o.start, i.stop - o.start) for i, o in zip(inner, outer, strict=True))]
    similar[inner] = own
    reach = WINDOW_PX // 2
    kept = tuple(
        slice(max(reach - i.start, 0), max(min(i.stop, size - reach) - i.start, 0))
        for i, size in zip(inner, truth.shape, strict=True)
    )
    return float(own[kept].sum())


def _local_similarity(image: NDArray[np.float64], truth: NDArray[np.float64], span: float) -> NDArray[np.float64]:
    """Compute the similarity of the window around each pixel; never outside [-1, 1]."""
    luminance_floor, contrast_floor = (K1 * span) ** 2, (K2 * span) ** 2
    base, true_base = (float(values.mean()) for values in (image, truth))
    off, true_off = image - base, truth - true_base
    mean, true_mean = _window_mean(off), _window_mean(true_off)
    # Weighted variances are never below 0, and no covariance is beyond their geometric mean; rounding could make it so.
    variance = np.maximum(_window_mean(off * off) - mean * mean, 0)
    true_variance = np.maximum(_window_mean(true_off * true_off) - true_mean * true_mean, 0)
    most = np.sqrt(variance * true_variance)
    shared = np.clip(_window_mean(off * true_off) - mean * true_mean, -most, most)
    contrast = (2 * shared + contrast_floor) / (variance + true_variance + contrast_floor)
    # (2ab + C) / (a² + b² + C), written so that means far from 0 and near each other keep their difference.
    apart = (mean - true_mean) + (base - true_base)
    luminance = 1 - apart**2 / ((mean + base) ** 2 + (true_mean + true_base) ** 2 + luminance_floor)
    similar: NDArray[np.float64] = luminance * contrast
    return similar


def _window_mean(values: NDArray[np.float64]) -> NDArray[np.float64]:
    from scipy.ndimage import gaussian_filter

    mean: NDArray[np.float64] = gaussian_filter(values, SIGMA_PX, mode="reflect", radius=WINDOW_PX // 2)
    return mean
