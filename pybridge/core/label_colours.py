"""Colours for labels: 255 that are far from each other and from black, made by us and always the same.

ImageJ's own jar ships no such table. Greedy choice of the farthest colour, after Glasbey, van der Heijden, Toh and
Gray, "Colour displays for categorical images", Color Research & Application 32 (2007).
"""

from __future__ import annotations

import functools

import numpy as np
from numpy.typing import NDArray

_LEVELS = 18
_DARKEST = 30.0  # CIE lightness below which a colour is hard to tell from the black background


@functools.cache
def label_colours() -> NDArray[np.uint8]:
    """Give the colours of label images.

    Returns
    -------
    ndarray of uint8, shape (256, 3)
        RGB; entry 0, the background, is black, and no other is near it.

    Examples
    --------
    >>> label_colours().shape, label_colours()[0].tolist()
    ((256, 3), [0, 0, 0])
    """
    levels = np.linspace(0, 255, _LEVELS).round().astype(np.int64)
    candidates = np.stack(np.meshgrid(levels, levels, levels, indexing="ij"), axis=-1).reshape(-1, 3)
    lab = _rgb_to_lab(candidates / 255.0)
    bright = lab[:, 0] >= _DARKEST
    # Whole numbers from here on, so that the choice is the same on every machine.
    candidates, points = candidates[bright], np.rint(lab[bright] * 100).astype(np.int64)
    chosen = [int(np.argmax(points[:, 0]))]
    nearest = _squared_distance(points, points[chosen[0]])
    nearest = np.minimum(nearest, _squared_distance(points, np.zeros(3, np.int64)))
    while len(chosen) < 255:
        chosen.append(int(np.argmax(nearest)))
        nearest = np.minimum(nearest, _squared_distance(points, points[chosen[-1]]))
    table = np.zeros((256, 3), np.uint8)
    table[1:] = candidates[chosen]
    return table


def _squared_distance(points: NDArray[np.int64], to: NDArray[np.int64]) -> NDArray[np.int64]:
    distance: NDArray[np.int64] = ((points - to) ** 2).sum(axis=1)
    return distance


def _rgb_to_lab(rgb: NDArray[np.float64]) -> NDArray[np.float64]:
    """Turn sRGB (0 to 1) into CIE L*a*b* under D65, where distances are close to what people see."""
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    to_xyz = np.array(
        [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
    )
    xyz = linear @ to_xyz.T / np.array([0.95047, 1.0, 1.08883])
    f = np.where(xyz > (6 / 29) ** 3, np.cbrt(xyz), xyz / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.stack([116 * f[:, 1] - 16, 500 * (f[:, 0] - f[:, 1]), 200 * (f[:, 1] - f[:, 2])], axis=-1)


def display_maximum(highest: float, *, bits: int) -> float:
    """Give the end of the display range at which ImageJ draws no label in the colour of the background.

    ImageJ spreads the display range evenly over 256 colours and rounds: from a maximum of 512 on (511 in 32-bit
    images), label 1 gets colour 0, that of the background.

    Parameters
    ----------
    highest : float
        The highest label.
    bits : int
        16 or 32.

    Examples
    --------
    >>> display_maximum(120, bits=16), display_maximum(2000, bits=16), display_maximum(70000, bits=32)
    (120.0, 511.0, 510.0)
    """
    return float(min(max(highest, 1), {16: 511, 32: 510}[bits]))
