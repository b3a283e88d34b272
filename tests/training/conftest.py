"""Files to train on, written where a test wants them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile

from pybridge.training.pairs import Pair


@pytest.fixture
def write_pair(tmp_path: Path) -> Callable[..., Pair]:
    """Write an image and its labels, by default nine squares on 31 × 47 pixels; gives the pair."""

    def write(name: str = "cells", *, image: Any = None, labels: Any = None, suffix: str = ".tif", **pair: Any) -> Pair:
        drawn = squares() if labels is None else labels
        pixels = 100 + 50 * (squares() > 0).astype(np.uint16) if image is None else image
        files = tmp_path / f"{name}.tif", tmp_path / f"{name}_mask{suffix}"
        tifffile.imwrite(files[0], pixels)
        if suffix == ".tif":
            tifffile.imwrite(files[1], drawn)
        else:
            from PIL import Image

            Image.fromarray(drawn).save(files[1])
        return Pair(name, *files, **pair)

    return write


def squares() -> np.ndarray[Any, Any]:
    """Nine squares, labelled 1 to 9."""
    labels = np.zeros((31, 47), np.uint16)
    for number in range(9):
        y, x = 2 + 10 * (number // 3), 3 + 15 * (number % 3)
        labels[y : y + 7, x : x + 7] = number + 1
    return labels
