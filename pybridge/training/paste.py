"""Pasting: copies of objects laid against others of the same crop, since touching objects are rare and hard.

The idea of copy-paste augmentation (Ghiasi et al., CVPR 2021) for fluorescence: light of two objects adds up, and an
object is only ever pasted into the image that it came from, so that its look fits. Imports NumPy, SciPy in functions.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_MOST_PASTED = 4
_SMALLEST_PX, _LARGEST_SHARE = 16, 0.1
_MOST_COVERED = 0.35
_SOFT_EDGE_PX = 1.0
_MARGIN_PX = 3


def paste_objects(
    pixels: NDArray[np.float32], labels: NDArray[np.int32], rng: np.random.Generator
) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
    """Lay copies of some objects against others.

    Parameters
    ----------
    pixels : ndarray of float32, shape (C, Y, X)
        A crop.
    labels : ndarray of int32, shape (Y, X)
        Its labels, from 1 without gaps.
    rng : numpy.random.Generator
        Where all chance comes from.

    Returns
    -------
    pixels, labels : ndarray
        New arrays; the pasted objects have labels of their own.

    Examples
    --------
    >>> labels = np.zeros((40, 60), np.int32)
    >>> labels[10:20, 10:20], labels[10:20, 40:50] = 1, 2
    >>> bright = (labels > 0).astype(np.float32)[None]
    >>> pasted, more = paste_objects(bright, labels, np.random.default_rng(0))
    >>> int(more.max()) > 2, bool(pasted.max() >= 1)
    (True, True)
    """
    from scipy.ndimage import find_objects

    pixels, labels = pixels.copy(), labels.copy()
    count = int(labels.max())
    area = np.bincount(labels.ravel(), minlength=count + 1)
    boxes = find_objects(labels)
    usable = [
        label
        for label in range(1, count + 1)
        if _SMALLEST_PX <= area[label] <= _LARGEST_SHARE * labels.size and _is_inside(boxes[label - 1], labels.shape)
    ]
    if not usable or area[0] == 0:
        return pixels, labels
    ground = np.median(pixels[:, labels == 0], axis=1)[:, None, None].astype(np.float32)
    # What is pasted comes from the crop as it was, never from a copy.
    original, first = pixels.copy(), labels.copy()
    for _ in range(int(rng.integers(1, _MOST_PASTED + 1))):
        source, neighbour = int(rng.choice(usable)), int(rng.choice(usable))
        light, mask = _patch(original, first, source, boxes[source - 1], ground, rng)
        corner = _place(mask, area[source], boxes[neighbour - 1], area[neighbour], rng)
        _lay(pixels, labels, light, mask, corner, area, ground, additive=rng.random() < 0.5)
    return pixels, labels


def _is_inside(box: tuple[slice, slice], shape: tuple[int, ...]) -> bool:
    return all(each.start > 0 and each.stop < extent for each, extent in zip(box, shape, strict=True))


def _patch(
    pixels: NDArray[np.float32],
    labels: NDArray[np.int32],
    label: int,
    box: tuple[slice, slice],
    ground: NDArray[np.float32],
    rng: np.random.Generator,
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Cut an object out of its ground, with a soft edge; turned, mirrored and of another brightness."""
    from scipy.ndimage import gaussian_filter

    wide = tuple(
        slice(max(each.start - _MARGIN_PX, 0), min(each.stop + _MARGIN_PX, extent))
        for each, extent in zip(box, labels.shape, strict=True)
    )
    mask = labels[wide] == label
    soft = np.maximum(gaussian_filter(mask.astype(np.float32), _SOFT_EDGE_PX), mask)
    light = (pixels[(slice(None), *wide)] - ground) * soft * np.float32(rng.uniform(0.5, 1.2))
    turns, mirrored = int(rng.integers(4)), rng.random() < 0.5
    light, mask = np.rot90(light, turns, axes=(1, 2)), np.rot90(mask, turns)
    return (light[:, :, ::-1], mask[:, ::-1]) if mirrored else (light, mask)


def _place(
    mask: NDArray[np.bool_], area: int, box: tuple[slice, slice], neighbour_area: int, rng: np.random.Generator
) -> tuple[int, int]:
    """Choose the corner of a patch so that its object touches, or overlaps a little with, its neighbour."""
    reach = np.sqrt(area / np.pi) + np.sqrt(neighbour_area / np.pi)
    distance, angle = reach * rng.uniform(0.75, 1.1), rng.uniform(0, 2 * np.pi)
    centre = [(each.start + each.stop) / 2 for each in box]
    y, x = centre[0] + distance * np.sin(angle), centre[1] + distance * np.cos(angle)
    return round(y - mask.shape[0] / 2), round(x - mask.shape[1] / 2)


def _lay(
    pixels: NDArray[np.float32],
    labels: NDArray[np.int32],
    light: NDArray[np.float32],
    mask: NDArray[np.bool_],
    corner: tuple[int, int],
    area: NDArray[np.int64],
    ground: NDArray[np.float32],
    *,
    additive: bool,
) -> None:
    """Add a patch in place, unless it leaves the crop or hides too much of an object."""
    window = tuple(slice(start, start + extent) for start, extent in zip(corner, mask.shape, strict=True))
    if any(part.start < 0 or part.stop > extent for part, extent in zip(window, labels.shape, strict=True)):
        return
    below = labels[window]
    covered = np.bincount(below[mask], minlength=area.size)[: area.size]
    if np.any(covered[1:] > _MOST_COVERED * area[1:]) or np.any(below[mask] >= area.size):
        return
    there = pixels[(slice(None), *window)]
    # Where no light is pasted, the ground's own noise stays.
    there[:] = there + light if additive else np.where(light > 0, np.maximum(there, light + ground), there)
    below[mask] = labels.max() + 1
