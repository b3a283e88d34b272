"""Taking whatever a Python user has at hand as an ``Image``: a path, numpy, xarray or an ImagePlus."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pybridge.core.axes import guess_axes
from pybridge.core.errors import ImageError
from pybridge.core.image import Image
from pybridge.tasks.xarrays import xarray_to_image

# Image, path, ndarray, xarray.DataArray or ij.ImagePlus: the last two are libraries that may not be there.
ImageLike = Image | str | os.PathLike[str] | NDArray[Any] | Any


def to_image(image: ImageLike) -> Image:
    """Take a path, numpy array, xarray or ImagePlus as an ``Image``.

    Raises
    ------
    ImageFileError
        If a path cannot be read.
    ImageError
        If it is nothing that holds an image.

    Examples
    --------
    >>> to_image(np.zeros((5, 7), np.uint8)).axes
    'YX'
    """
    if isinstance(image, Image):
        return image
    if isinstance(image, (str, os.PathLike)):
        from pybridge.files.read import read_image

        return read_image(image)
    if isinstance(image, np.ndarray):
        return Image(image, guess_axes(image.shape))
    if hasattr(image, "dims") and hasattr(image, "coords"):
        return xarray_to_image(image)
    # A Java object: an ImagePlus, or a Dataset or other image of ImageJ2.
    if hasattr(image, "getProcessor") or hasattr(image, "numDimensions"):
        from pybridge.core.doors import imageplus_reader

        return imageplus_reader()(image)
    raise ImageError(
        f"an image from {type(image).__name__}",
        found="no path, array, xarray or ImagePlus",
        do="give one of these, or a pybridge.Image",
    )
