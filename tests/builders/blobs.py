"""Label images of convex objects, many of which touch."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def paint_blobs(seed: int, *, shape: tuple[int, int] = (70, 111), count: int = 12) -> NDArray[np.int32]:
    """Paint turned ellipses, cut where they meet, of at least 40 pixels, none of them thin; ids in raster order."""
    rng = np.random.default_rng(seed)
    at = rng.uniform(0, shape, (count, 2))[:, :, None, None]
    radius = (rng.uniform(5, 14, (count, 1)) * rng.uniform(0.6, 1, (count, 2)))[:, :, None, None]
    turn = rng.uniform(0, np.pi, (count, 1, 1))
    dy, dx = np.moveaxis(np.indices(shape)[None] - at, 1, 0)
    along, across = np.cos(turn) * dy + np.sin(turn) * dx, np.cos(turn) * dx - np.sin(turn) * dy
    inside = (along / radius[:, 0]) ** 2 + (across / radius[:, 1]) ** 2 <= 1
    nearest = np.argmin(dy**2 + dx**2, axis=0)  # a convex share of the plane for each
    labels = np.zeros(shape, np.int32)
    for index in range(count):
        mask = inside[index] & (nearest == index)
        longest = max(np.ptp(place) + 1 for place in np.nonzero(mask)) if mask.any() else 0
        if mask.sum() >= max(40, 0.5 * longest**2):
            labels[mask] = index + 1
    return number_in_raster_order(labels)


def number_in_raster_order(labels: NDArray[np.int32]) -> NDArray[np.int32]:
    """Number objects from 1 in raster order of their first pixels."""
    ids, first = np.unique(labels, return_index=True)
    ids, first = ids[ids > 0], first[ids > 0]
    number = np.zeros(int(labels.max()) + 1, np.int32)
    number[ids[np.argsort(first)]] = np.arange(1, ids.size + 1)
    return number[labels]


def worst_match(truth: NDArray[np.int32], found: NDArray[np.int32]) -> float:
    """Give the lowest IoU of an object with the one that covers most of it; 1 when there is none."""
    scores = [1.0]
    for label in range(1, int(truth.max()) + 1):
        mine = truth == label
        other = found == np.bincount(found[mine]).argmax()
        scores.append((mine & other).sum() / (mine | other).sum())
    return min(scores)
