"""Structural similarity of planes and of volumes, block by block. Imports core and numpy; skimage inside functions.

SSIM is that of Wang et al. (IEEE Trans. Image Process. 13(4), 2004): Gaussian window of σ = 1.5 cut to 11 pixels along
each axis, K1 = 0.01, K2 = 0.03, weighted (not sample) covariance; the mean leaves out a border of 5 pixels, where the
window reaches over the edge. This is ``structural_similarity(gaussian_weights=True, use_sample_covariance=False)`` of
scikit-image; torchmetrics counts the border in. In a volume the window is 11 × 11 × 11 pixels, whatever the size of a
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
_SIGMA_PX = 1.5
_BLOCK_PX = {2: 1024, 3: 96}  # side of what is computed at once: scikit-image keeps a dozen arrays of that size


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
                    # never thinner than the window, which scikit-image refuses
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
    from skimage.metrics import structural_similarity

    _, local = structural_similarity(  # type: ignore[no-untyped-call]
        truth[outer],
        image[outer],
        data_range=span,
        gaussian_weights=True,
        sigma=_SIGMA_PX,
        use_sample_covariance=False,
        full=True,
    )
    own = local[tuple(slice(i.start - o.start, i.stop - o.start) for i, o in zip(inner, outer, strict=True))]
    similar[inner] = own
    reach = WINDOW_PX // 2
    kept = tuple(
        slice(max(reach - i.start, 0), max(min(i.stop, size - reach) - i.start, 0))
        for i, size in zip(inner, truth.shape, strict=True)
    )
    return float(own[kept].sum())
