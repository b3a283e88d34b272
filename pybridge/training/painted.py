"""An image with painted labels as training files: cut into parts, since one image has no neighbour to be tested on.

Imports files and core; never torch.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pybridge.core.errors import UsageError
from pybridge.core.image import Calibration, Image
from pybridge.files.write import write_imagej_tiff, write_labels, write_text

# Shares of one plane: what is learnt from, what chooses, what is scored once.
_SHARES = (("train", 0.6), ("validation", 0.2), ("test", 0.2))
_LEAST_SIDE_PX = 32


@dataclass(frozen=True, slots=True, eq=False)
class PaintedPlane:
    """One plane with all of its objects painted.

    Parameters
    ----------
    name : str
        For file names, for example ``"cells t2"``.
    pixels : ndarray, shape (Y, X) or (C, Y, X)
        As stored.
    labels : ndarray of int32, shape (Y, X)
        What was painted.
    calibration : Calibration
        Of the image.
    """

    name: str
    pixels: NDArray[np.generic]
    labels: NDArray[np.int32]
    calibration: Calibration


def write_painted(planes: list[PaintedPlane], folder: Path) -> None:
    """Write images, labels and an index with the sides of the split, as ``find_pairs`` reads them.

    Every plane is cut into three parts along its longer side, one for each side of the split.

    Parameters
    ----------
    planes : list of PaintedPlane
        At least one.
    folder : Path
        Gets ``images``, ``labels`` and ``index.csv``.

    Raises
    ------
    UsageError
        If a plane is too small to be cut, or a part that must have objects has none.
    """
    rows = [["name", "group", "side"]]
    objects = dict.fromkeys((side for side, _ in _SHARES), 0)
    for plane in planes:
        for side, window in _parts(plane):
            name = f"{plane.name}-{side}"
            axes = "CYX" if plane.pixels.ndim == 3 else "YX"
            pixels = plane.pixels[(..., *window)]
            labels = plane.labels[window]
            objects[side] += int(np.count_nonzero(np.unique(labels)))
            image = Image(np.ascontiguousarray(pixels), axes, name=name, calibration=plane.calibration)
            write_imagej_tiff(folder / "images" / f"{name}.tif", image)
            painted = Image(np.ascontiguousarray(labels), "YX", name=name, calibration=plane.calibration)
            write_labels(folder / "labels" / f"{name}.tif", painted)
            rows.append([name, name, side])
    empty = [side for side in ("train", "validation") if not objects[side]]
    if empty:
        raise UsageError(
            "train on the painted image",
            found=f"no painted object lies in the part for {' and '.join(empty)} ({objects})",
            do="paint objects all over the image, or select the part that is painted with a rectangle",
        )
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    write_text(folder / "index.csv", text.getvalue())


def _parts(plane: PaintedPlane) -> Iterator[tuple[str, tuple[slice, slice]]]:
    axis = int(np.argmax(plane.labels.shape))
    length = plane.labels.shape[axis]
    if length * min(share for _, share in _SHARES) < _LEAST_SIDE_PX or min(plane.labels.shape) < _LEAST_SIDE_PX:
        raise UsageError(
            f"train on the painted image {plane.name!r}",
            found=f"{plane.labels.shape[1]}×{plane.labels.shape[0]} pixels are too few to hold back a part of them",
            do=f"paint an image of at least {5 * _LEAST_SIDE_PX}×{_LEAST_SIDE_PX} pixels, or give images= and labels=",
        )
    start = 0.0
    for side, share in _SHARES:
        cut = slice(round(start * length), round((start + share) * length))
        start += share
        yield side, (cut, slice(None)) if axis == 0 else (slice(None), cut)
