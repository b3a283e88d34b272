"""What the tests of decode share: fields as a perfect network would give them, and shapes to find again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from pybridge.decode import DecodedPlane, field_for

Decode = Callable[..., DecodedPlane]


@pytest.fixture
def perfect_outputs() -> Callable[[NDArray[Any]], NDArray[np.float32]]:
    """Give a function: label image → foreground probability and offsets to the centroids, (3, Y, X)."""

    def make(labels: NDArray[Any]) -> NDArray[np.float32]:
        outputs = np.zeros((3, *labels.shape), np.float32)
        outputs[0] = labels > 0
        for label in np.unique(labels[labels > 0]):
            place = np.nonzero(labels == label)
            for channel, position in enumerate(place, start=1):
                outputs[channel][place] = position.mean() - position
        return outputs

    return make


@pytest.fixture
def decode() -> Decode:
    """Give a function: outputs → decoded plane, with thresholds that suit small shapes."""

    def run(
        outputs: NDArray[np.float32],
        *,
        decoder: str = "offsets",
        probability: float = 0.5,
        overlap: float = 0.5,
        min_size: int = 1,
        exclude_border: bool = False,
    ) -> DecodedPlane:
        height, width = outputs.shape[1:]
        field = field_for(decoder, (height, width))
        field.write((outputs,), (slice(0, height), slice(0, width)))
        return field.labels(probability=probability, overlap=overlap, min_size=min_size, exclude_border=exclude_border)

    return run


@pytest.fixture
def paint_ellipses() -> Callable[..., NDArray[np.int32]]:
    """Give a function: shape, ellipses (y, x, radius y, radius x, turn in radians) → label image; later ones on top."""

    def paint(shape: tuple[int, int], *ellipses: tuple[float, float, float, float, float]) -> NDArray[np.int32]:
        labels = np.zeros(shape, np.int32)
        yy, xx = np.mgrid[: shape[0], : shape[1]]
        for number, (y, x, radius_y, radius_x, turn) in enumerate(ellipses, start=1):
            along = np.cos(turn) * (yy - y) + np.sin(turn) * (xx - x)
            across = np.cos(turn) * (xx - x) - np.sin(turn) * (yy - y)
            labels[(along / radius_y) ** 2 + (across / radius_x) ** 2 <= 1] = number
        return labels

    return paint
