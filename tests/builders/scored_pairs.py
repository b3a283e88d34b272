"""Pairs of label images, a truth and a result with errors of every kind, the same on every machine."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Labels = NDArray[np.int32]


def paint_balls(seed: int, *, shape: tuple[int, ...], count: int) -> Labels:
    """Paint balls that may touch and cover each other, in any number of dimensions; ids rise with gaps between."""
    rng = np.random.default_rng(seed)
    grid = np.indices(shape)
    labels = np.zeros(shape, np.int32)
    for index in range(count):
        centre = [int(rng.random() * extent) for extent in shape]
        radius = 3 + rng.random() * 5
        off = sum((axis - at) ** 2 for axis, at in zip(grid, centre, strict=True))
        labels[off <= radius * radius] = 3 * index + 2
    return labels


def spoil(truth: Labels, seed: int) -> Labels:
    """Give a result with errors: objects moved, left out, cut in two, joined, and some that are not there."""
    rng = np.random.default_rng(seed)
    result = np.zeros_like(truth)
    ids = np.unique(truth[truth > 0])
    for number, label in enumerate(ids):
        kind = rng.random()
        mask = truth == label
        if kind < 0.15:
            continue
        shift = [int(rng.random() * 3) - 1 for _ in truth.shape]
        mask = np.roll(mask, shift, tuple(range(truth.ndim)))
        name = 2 * number + 5
        if 0.15 <= kind < 0.3 and number:  # joined to the one before
            name -= 2
        result[mask] = name
        if kind > 0.85:  # the second half gets an id of its own
            half = np.flatnonzero(mask.ravel())
            result.reshape(-1)[half[half.size // 2 :]] = 1000 + number
    extra = paint_balls(seed + 1, shape=truth.shape, count=2)
    return np.where((result == 0) & (truth == 0) & (extra > 0), 2000 + extra, result).astype(np.int32)


def paint_images(seed: int, *, shape: tuple[int, ...]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give a smooth truth and an image of it with noise, another offset and another gain."""
    rng = np.random.default_rng(seed)
    truth = np.zeros(shape)
    for axis, extent in enumerate(shape):
        wave = np.abs((np.arange(extent) * (axis + 2)) % 17 - 8.0)
        truth += wave.reshape([-1 if other == axis else 1 for other in range(len(shape))])
    return 10 * truth, 7 * truth + 20 + 15 * (rng.random(shape) - 0.5)


# Name: seed, shape, number of balls. The numbers of other programs in tests/metrics were computed on these pairs.
_PAIRS = {"flat": (0, (60, 91), 14), "crowd": (1, (60, 91), 30), "stack": (2, (13, 40, 51), 16)}
SPACING_UM = {2: (0.5, 0.3), 3: (2.0, 0.5, 0.3)}


def named_pair(name: str) -> tuple[Labels, Labels]:
    """Give one of the pairs on which other programs were run: flat, crowd or stack."""
    seed, shape, count = _PAIRS[name]
    truth = paint_balls(seed, shape=shape, count=count)
    return truth, spoil(truth, seed + 10)
