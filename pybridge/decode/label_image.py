"""What counts as a label image, and in which form the compiled loops take it. Imports core."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pybridge.core.errors import ImageError

MAX_ID = 2**26  # tables indexed by id must stay small; float32 holds whole numbers up to 2**24


def labels_to_int32(labels: NDArray[Any]) -> NDArray[np.int32]:
    """Give a label plane of any type as int32 (Y, X) in memory order; without a copy where it is so already.

    Raises
    ------
    ImageError
        If it is not two-dimensional, or has values that are no ids: not whole, below 0, or above 67,108,864; in
        float32 above 16,777,216, where not every whole number exists, so that two ids may have become one.
    """
    if labels.ndim != 2 or labels.dtype.kind not in "buif":
        raise ImageError(
            f"take an array of shape {labels.shape} and type {labels.dtype} as labels",
            found="it is not a plane of numbers",
            do="give one plane (Y, X) at a time",
        )
    if labels.size:
        low, high = labels.min(), labels.max()  # NaN fails the comparison too
        whole = labels.dtype.kind != "f" or bool((labels == np.rint(labels)).all())
        highest = MAX_ID if labels.dtype.kind != "f" else min(MAX_ID, 2 ** (int(np.finfo(labels.dtype).nmant) + 1))
        if low >= 0 and highest < high < np.inf and whole:
            raise ImageError(
                "take an image as labels",
                found=f"ids up to {int(high):,} in an image of {labels.dtype}, in which they end at {highest:,}",
                do="number the objects from 1, in an integer type",
            )
        if not (low >= 0 and high <= highest and whole):
            raise ImageError(
                "take an image as labels",
                found=f"values from {low} to {high}" + ("" if whole else ", not all of them whole numbers"),
                do="give a label image: 0 for the background, 1, 2, 3 … for the objects, never interpolated",
            )
    return np.ascontiguousarray(labels, dtype=np.int32)
