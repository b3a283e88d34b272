"""A test image of a size that a network takes. Imports samples and zoo."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pybridge.export.tensors import channel_names_of, space_of
from pybridge.samples import simulate_nuclei
from pybridge.zoo.model import FixedSize, Size, SteppedSize, TensorSpec

_PLANE_PX = (192, 256)
_DEPTH_PX = 8
_SMALLEST_SIMULATED_PX = 16


def image_for(tensor: TensorSpec, given: NDArray[Any] | None = None) -> NDArray[np.float32]:
    """Take the image given when the network takes its size; simulate one of nuclei otherwise.

    Parameters
    ----------
    tensor : TensorSpec
        The input.
    given : ndarray, shape (C, Y, X) or (C, Z, Y, X), optional
        An image as stored.

    Returns
    -------
    ndarray of float32, shape (C, Y, X) or (C, Z, Y, X)
    """
    channels, sizes = len(channel_names_of(tensor)), [axis.size for axis in space_of(tensor)]
    if given is not None and _takes(given.shape, channels, sizes):
        return np.asarray(given, np.float32)
    wanted = (_DEPTH_PX, *_PLANE_PX)[3 - len(sizes) :]
    shape = tuple(_nearest(size, length) for size, length in zip(sizes, wanted, strict=True))
    planes = channels * (shape[0] if len(shape) == 3 else 1)
    height, width = shape[-2:]
    simulated = [_plane(height, width, seed=7 + index) for index in range(planes)]
    return np.stack(simulated).reshape(channels, *shape)


def _takes(shape: Sequence[int], channels: int, sizes: Sequence[Size]) -> bool:
    if len(shape) != 1 + len(sizes) or shape[0] != channels:
        return False
    return all(_nearest(size, length) == length for size, length in zip(sizes, shape[1:], strict=True))


def _nearest(size: Size, length: int) -> int:
    """Give the first allowed length from this one on."""
    if isinstance(size, FixedSize):
        return size.size
    assert isinstance(size, SteppedSize)
    return size.minimum + max(0, -(-(length - size.minimum) // size.step)) * size.step


def _plane(height: int, width: int, *, seed: int) -> NDArray[np.float32]:
    shape = (max(height, _SMALLEST_SIMULATED_PX), max(width, _SMALLEST_SIMULATED_PX))
    count = max(3, shape[0] * shape[1] // 2400)
    image, _ = simulate_nuclei(shape=shape, count=count, seed=seed)
    return np.asarray(image.array)[:height, :width].astype(np.float32)
