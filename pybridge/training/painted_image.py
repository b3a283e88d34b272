"""From an image and the ROIs painted on it to the planes that a training learns from. Imports files and core."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from pybridge.core.image import Image
from pybridge.training.painted import PaintedPlane


def planes_of_painting(
    image: Image, rois: list[Any], *, name: str, window: tuple[int, int, int, int] | None
) -> list[PaintedPlane]:
    """Take the planes on which there are ROIs, cut to the selected rectangle.

    Parameters
    ----------
    image : Image
        The image.
    rois : list of roifile.ImagejRoi
        Its objects.
    name : str
        What the planes are called.
    window : tuple of int or None
        Left, top, width and height of the part that is painted; None for all of it.
    """
    from pybridge.files.roi_labels import rois_to_labels

    stack = image.tzcyx()
    frames, slices, channels, height, width = stack.shape
    labels = rois_to_labels(rois, shape=(frames, slices, height, width), axes="TZYX", channels=channels)
    part = _slices(window, height=height, width=width)
    size = image.calibration
    # A part of a plane has no origin, no depth and no time.
    flat = dataclasses.replace(size, z=1.0, origin_x=0.0, origin_y=0.0, origin_z=0.0, frame_interval=0.0)
    planes = []
    for t, z in np.argwhere(labels.any((2, 3))).tolist():
        pixels = stack[t, z] if channels > 1 else stack[t, z, 0]
        place = (f" t{t + 1}" if frames > 1 else "") + (f" z{z + 1}" if slices > 1 else "")
        planes.append(PaintedPlane(f"{name}{place}", pixels[(..., *part)], labels[t, z][part], flat))
    return planes


def _slices(window: tuple[int, int, int, int] | None, *, height: int, width: int) -> tuple[slice, slice]:
    if window is None:
        return slice(0, height), slice(0, width)
    x, y, wide, high = window
    return slice(max(y, 0), min(y + high, height)), slice(max(x, 0), min(x + wide, width))
