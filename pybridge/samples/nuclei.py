"""Simulated fluorescence nuclei: the truth is exact because the picture is made from it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pybridge.core.errors import UsageError
from pybridge.core.image import Calibration, Image

PIXEL_SIZE_UM = 0.65  # a 10x objective on a usual camera


def simulate_nuclei(
    *, shape: tuple[int, int] = (512, 640), count: int = 120, radius_px: float = 11.0, seed: int = 7
) -> tuple[Image, Image]:
    """Simulate a widefield image of stained nuclei, and its truth.

    Each nucleus is an ellipse with a wavy outline and chromatin texture; some touch. The picture is blurred by a
    Gaussian point-spread function, lies on an uneven background and has shot and read-out noise. It is a simulation:
    a score on it says that the tool works, not how it does on your cells.

    Parameters
    ----------
    shape : (int, int)
        Height and width, pixels.
    count : int
        How many nuclei to place; fewer when there is no room.
    radius_px : float
        Mean radius, pixels.
    seed : int
        The same seed gives the same image.

    Returns
    -------
    image : Image
        uint16 with 12-bit values, axes YX, calibrated in µm.
    truth : Image
        uint16 labels, 1…N.

    Examples
    --------
    >>> image, truth = simulate_nuclei(shape=(64, 96), count=5)
    >>> image.array.shape, int(truth.array.max()) <= 5
    ((64, 96), True)
    """
    if count < 0 or radius_px < 2 or min(shape) < 16:
        raise UsageError(
            f"simulate {count} nuclei of radius {radius_px:g} px in {shape}",
            found="too small or negative",
            do="ask for a radius of at least 2 px in an image of at least 16 by 16",
        )
    rng = np.random.default_rng(seed)
    labels = _place(shape, count, radius_px, rng)
    image = _photograph(labels, rng)
    size = Calibration(x=PIXEL_SIZE_UM, y=PIXEL_SIZE_UM, unit="µm")
    return (
        Image(image, "YX", name="simulated-nuclei.tif", calibration=size, info="simulated by PyBridge; truth is exact"),
        Image(labels, "YX", name="simulated-nuclei-truth.tif", calibration=size),
    )


def _place(shape: tuple[int, int], count: int, radius: float, rng: np.random.Generator) -> NDArray[np.uint16]:
    """Draw nuclei one by one where they overlap no earlier one by more than a sliver."""
    labels = np.zeros(shape, np.uint16)
    placed = 0
    for _ in range(count * 30):
        if placed == count:
            break
        centre = rng.uniform((0, 0), shape)
        long, short = radius * np.exp(rng.normal(0.12, 0.15)), radius * np.exp(rng.normal(-0.12, 0.12))
        reach = int(np.ceil(1.3 * max(long, short)))
        top, left = (max(0, int(at) - reach) for at in centre)
        yy, xx = np.mgrid[top : min(shape[0], top + 2 * reach), left : min(shape[1], left + 2 * reach)]
        angle = rng.uniform(0, np.pi)
        dy, dx = yy - centre[0], xx - centre[1]
        along, across = np.cos(angle) * dx + np.sin(angle) * dy, -np.sin(angle) * dx + np.cos(angle) * dy
        turn = np.arctan2(across, along)
        wave = 1 + sum(rng.normal(0, 0.035) * np.cos(order * turn + rng.uniform(0, 6.3)) for order in (2, 3, 4))
        inside = np.hypot(along / long, across / short) < wave
        window = labels[top : top + inside.shape[0], left : left + inside.shape[1]]
        area = int(inside.sum())
        if area < 25 or (window[inside] > 0).mean() > 0.04:
            continue
        placed += 1
        window[inside & (window == 0)] = placed
    return labels


def _photograph(labels: NDArray[np.uint16], rng: np.random.Generator) -> NDArray[np.uint16]:
    """Turn labels into what a camera would have seen."""
    from scipy.ndimage import gaussian_filter, zoom

    shape = labels.shape
    brightness = rng.lognormal(0, 0.35, int(labels.max()) + 1)
    brightness[0] = 0
    grain = gaussian_filter(rng.normal(0, 1, shape), 2.0)
    texture = 1 + 0.25 * grain / max(float(grain.std()), 1e-9)
    signal = gaussian_filter(brightness[labels] * np.clip(texture, 0.2, None), 1.2)
    uneven = zoom(rng.uniform(0.02, 0.12, (4, 4)), np.array(shape) / 4, order=3)[: shape[0], : shape[1]]
    photons = 260 * (signal + uneven)
    counts = 100 + 2.5 * rng.poisson(np.clip(photons, 0, None)) + rng.normal(0, 6, shape)
    picture: NDArray[np.uint16] = np.clip(np.rint(counts), 0, 4095).astype(np.uint16)
    return picture
