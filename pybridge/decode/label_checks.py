"""Is an image labels? Whole numbers, no colours, one channel: what is refused whatever it shows. Imports core."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pybridge.core.errors import ImageError
from pybridge.core.image import Image
from pybridge.decode.label_image import labels_to_int32

_LOSSY = (".jpg", ".jpeg")


def image_to_label_planes(image: Image, *, file: Path) -> NDArray[np.int32]:
    """Take an image as labels, or say why it is none.

    Parameters
    ----------
    image : Image
        What the file holds. RGB is taken when the three are equal.
    file : Path
        The file, for messages.

    Returns
    -------
    ndarray of int32, shape (T, Z, Y, X)
        Ids as stored.

    Raises
    ------
    ImageError
        If values are not whole, or are colours, or the format loses some.

    Examples
    --------
    >>> image_to_label_planes(Image(np.eye(5, 7), "YX"), file=Path("a.tif")).shape
    (1, 1, 5, 7)
    """
    asked = f"use {str(file)!r} as labels"
    if file.suffix.lower() in _LOSSY:
        raise ImageError(
            asked,
            found="a JPEG file: its compression changes values, so that ids do not survive",
            do="save label images as TIFF or PNG",
        )
    pixels = image.tzcyx()
    if image.is_rgb:
        if not (pixels == pixels[..., :1]).all():
            raise ImageError(
                asked,
                found="an RGB image: colours are not ids",
                do="save the labels themselves: one grey value for each object, 16-bit, no look-up table applied",
            )
        pixels = pixels[..., 0]
    if pixels.shape[2] != 1:
        raise ImageError(
            asked,
            found=f"{pixels.shape[2]} channels",
            do="save one label image: 0 for the background, one value for each object",
        )
    pixels = pixels[:, :, 0]
    planes = np.empty(pixels.shape, np.int32)
    for place in np.ndindex(pixels.shape[:2]):
        planes[place] = _ids(pixels[place], asked=asked)
    return planes


def _ids(plane: NDArray[Any], *, asked: str) -> NDArray[np.int32]:
    if plane.dtype.kind == "f" and not np.isfinite(plane).all():
        raise ImageError(
            asked,
            found=f"{int(np.count_nonzero(~np.isfinite(plane)))} pixels that are NaN or infinite",
            do="set them to 0, the background",
        )
    try:
        return labels_to_int32(plane)
    except ImageError as error:
        raise ImageError(asked, found=error.found, do=error.do) from None
