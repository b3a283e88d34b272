"""Normalised examples, ready to be cut into crops. Imports NumPy and export's numbers, never torch."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from pybridge.export.tensors import EPS

if TYPE_CHECKING:
    from pybridge.training.config import NormalisationConfig
    from pybridge.training.load import LabelledImage


@dataclass(frozen=True, slots=True)
class Example:
    """One image as the network sees it.

    Parameters
    ----------
    name : str
        The file's stem.
    group : str
        Its field, plate or animal.
    pixels : ndarray of float32, shape (C, Y, X)
        Normalised.
    labels : ndarray of int32, shape (Y, X)
        Its truth.
    """

    name: str
    group: str
    pixels: NDArray[np.float32]
    labels: NDArray[np.int32]


def normalise(pixels: NDArray[np.generic], percentiles: NormalisationConfig) -> NDArray[np.float32]:
    """Bring two percentiles of each channel to 0 and 1, as the model description tells every program to.

    Parameters
    ----------
    pixels : ndarray, shape (C, Y, X)
        As stored.
    percentiles : NormalisationConfig
        Which.
    """
    planes = []
    for plane in pixels:
        low, high = np.percentile(plane, (percentiles.low_percentile, percentiles.high_percentile))
        planes.append((plane.astype(np.float32) - np.float32(low)) / np.float32(high - low + EPS))
    return np.stack(planes)


def make_examples(images: Sequence[LabelledImage], percentiles: NormalisationConfig) -> tuple[Example, ...]:
    """Normalise labelled images; an image without a group is a group of its own."""
    return tuple(
        Example(
            name=image.name,
            group=image.group or image.pair.name,
            pixels=normalise(image.pixels if image.pixels.ndim == 3 else image.pixels[None], percentiles),
            labels=image.labels,
        )
        for image in images
    )


def sampling_chances(examples: Sequence[Example]) -> NDArray[np.float64]:
    """Give each example its chance of being drawn.

    A field that was cut into many neighbouring images must not drown the others, and a larger image holds more to see:
    the chance goes with the square root of the pixels, and against that of the images in the group.
    """
    sizes = Counter(example.group for example in examples)
    weights = np.array([math.sqrt(example.labels.size / sizes[example.group]) for example in examples])
    return weights / weights.sum()
