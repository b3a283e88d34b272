"""Taking whatever a Python user has at hand as an ``Image``: a path, numpy, xarray or an ImagePlus."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pybridge.core.axes import guess_axes
from pybridge.core.errors import ImageError
from pybridge.core.image import Calibration, Image

# Image, path, ndarray, xarray.DataArray or ij.ImagePlus: the last two are libraries that may not be there.
ImageLike = Image | str | os.PathLike[str] | NDArray[Any] | Any

_DIMENSION_NAMES = {"t": "T", "time": "T", "z": "Z", "pln": "Z", "c": "C", "ch": "C", "channel": "C"}
_DIMENSION_NAMES |= {"y": "Y", "row": "Y", "x": "X", "col": "X"}


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
        return _xarray_to_image(image)
    # A Java object: JPype's proxies name their class.
    if type(image).__name__ == "ij.ImagePlus" or hasattr(image, "getProcessor"):
        from pybridge.core.doors import imageplus_reader

        return imageplus_reader()(image)
    raise ImageError(
        f"an image from {type(image).__name__}",
        found="no path, array, xarray or ImagePlus",
        do="give one of these, or a pybridge.Image",
    )


def _xarray_to_image(data: Any) -> Image:
    unknown = [str(name) for name in data.dims if str(name).lower() not in _DIMENSION_NAMES]
    if unknown:
        raise ImageError(
            f"an xarray with dimensions {tuple(data.dims)!r}",
            found=f"no meaning for {unknown!r}",
            do="name the dimensions t, z, c, y, x (PyImageJ: t, pln, ch, row, col)",
        )
    axes = "".join(_DIMENSION_NAMES[str(name).lower()] for name in data.dims)
    names = (
        tuple(map(str, data.coords[data.dims[axes.index("C")]].values)) if "C" in axes and _has(data, "C", axes) else ()
    )
    steps = {letter: _step(data, letter, axes) for letter in "YXZT"}
    unit = next((str(data.coords[name].attrs["units"]) for name in data.dims if _has_unit(data, name)), None)
    calibrated = any(steps[letter] not in (None, 1.0) for letter in "YXZ")
    size = Calibration(
        x=steps["X"] or 1.0,
        y=steps["Y"] or 1.0,
        z=steps["Z"] or 1.0,
        unit=unit or ("unit" if calibrated else "pixel"),
        frame_interval=steps["T"] or 0.0 if steps["T"] != 1.0 else 0.0,
    )
    return Image(np.asarray(data.values), axes, name=str(data.name or "image"), calibration=size, channel_names=names)


def _has(data: Any, letter: str, axes: str) -> bool:
    """Whether an axis has coordinates that are names rather than running numbers."""
    dim = data.dims[axes.index(letter)]
    return dim in data.coords and data.coords[dim].values.dtype.kind in "UO"


def _has_unit(data: Any, dim: Any) -> bool:
    return dim in data.coords and "units" in data.coords[dim].attrs


def _step(data: Any, letter: str, axes: str) -> float | None:
    """Give the even spacing of an axis' coordinates; None when there is none."""
    if letter not in axes:
        return None
    dim = data.dims[axes.index(letter)]
    if dim not in data.coords or data.coords[dim].size < 2 or data.coords[dim].values.dtype.kind not in "iuf":
        return None
    gaps = np.diff(data.coords[dim].values.astype(np.float64))
    return float(gaps[0]) if np.allclose(gaps, gaps[0]) and gaps[0] > 0 else None
