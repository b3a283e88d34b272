"""Three rectangles as labels, and the scores of what is evaluated against them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pybridge.core.image import Calibration, Image

SIZE = Calibration(x=0.5, y=0.25, z=2.0, unit="µm")


def squares(shape: tuple[int, int] = (50, 70), *, ids: tuple[int, int, int] = (1, 2, 3)) -> NDArray[np.uint16]:
    """Three rectangles of 10 × 12 pixels."""
    labels = np.zeros(shape, np.uint16)
    for number, left in zip(ids, (5, 25, 45), strict=True):
        labels[10:20, left : left + 12] = number
    return labels


def labels(array: NDArray[Any], name: str = "mine-labels.tif", axes: str = "YX", size: Calibration = SIZE) -> Image:
    """Calibrated labels."""
    return Image(array, axes, name, size)


def cell(result: Any, name: str) -> Any:
    """The value of the first row of a result's table."""
    return result.table[name].tolist()[0]
