"""Scribbles for a forest from a file or from ROIs at hand: which class each pixel of an image is said to have.

Imports baselines, files and core.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pybridge.baselines.scribbles import CLASSES, rois_to_scribbles
from pybridge.core.errors import ImageError
from pybridge.core.image import Image
from pybridge.files.read import read_image, sha256_of_file
from pybridge.files.roi_labels import ROI_SUFFIXES


@dataclass(frozen=True, slots=True, eq=False)
class Scribbles:
    """The marks on one image.

    Parameters
    ----------
    marks : ndarray of uint8, shape (T, Z, Y, X)
        0 nothing said, 1 background, 2 inside, 3 border.
    sha256 : str
        Of the file, or of the marks where there is none.
    repainted : int
        Pixels under marks of two classes.
    """

    marks: NDArray[np.uint8]
    sha256: str
    repainted: int = 0


def read_scribbles(file: Path, image: Image) -> Scribbles:
    """Read the scribbles of an image: an image of classes, or ROIs whose groups or names say them.

    Raises
    ------
    ImageError
        If they do not fit the image, or are no scribbles.
    ImageFileError
        If the file cannot be read.
    """
    if file.suffix.lower() in ROI_SUFFIXES:
        painted = rois_to_scribbles(file, shape=_plane_shape(image), axes="TZYX", channels=image.size_of("C"))
        return Scribbles(painted.values, sha256_of_file(file), painted.repainted)
    stored = read_image(file)
    return Scribbles(_classes_of(stored, image, file=file), stored.sha256_file or stored.sha256_pixels())


def take_scribbles(rois: Sequence[Any], image: Image) -> Scribbles:
    """Take ROIs at hand, ``roifile.ImagejRoi``, as the scribbles of an image."""
    painted = rois_to_scribbles(rois, shape=_plane_shape(image), axes="TZYX", channels=image.size_of("C"))
    return Scribbles(painted.values, Image(painted.values, "TZYX").sha256_pixels(), painted.repainted)


def _classes_of(stored: Image, image: Image, *, file: Path) -> NDArray[np.uint8]:
    """Check a scribble image: classes, not labels or a picture, one plane for each plane of its image."""
    asked = f"use {str(file)!r} as scribbles"
    pixels = stored.tzcyx()
    if stored.is_rgb or pixels.shape[2] != 1:
        raise ImageError(
            asked,
            found="an RGB image" if stored.is_rgb else f"{pixels.shape[2]} channels",
            do="save one channel with 0 nothing said, 1 background, 2 inside, 3 border",
        )
    marks = pixels[:, :, 0]
    values = np.unique(marks)
    if values.size and not np.isin(values, range(len(CLASSES) + 1)).all():
        raise ImageError(
            asked,
            found=f"values from {values[0]} to {values[-1]}",
            do="use 0 nothing said, 1 background, 2 inside, 3 border; label images of objects are given as labels",
        )
    wanted = _plane_shape(image)
    # Pages without a meaning are read as slices: a stack of one kind may stand for one of the other.
    exchanged = marks.shape[:2] == wanted[1::-1] and 1 in wanted[:2]
    if marks.shape[2:] != wanted[2:] or not (exchanged or marks.shape[:2] == wanted[:2]):
        raise ImageError(
            asked,
            found=f"{_told(marks.shape)}, and its image has {_told(wanted)}",
            do="give scribbles of the image itself, a plane for each of its planes",
        )
    return marks.reshape(wanted).astype(np.uint8)


def _told(shape: tuple[int, ...]) -> str:
    return f"{shape[0]} frame(s) of {shape[1]} slice(s) of {shape[3]} × {shape[2]} pixels"


def _plane_shape(image: Image) -> tuple[int, ...]:
    return tuple(image.size_of(letter) for letter in "TZYX")
