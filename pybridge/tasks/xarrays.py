"""Image to xarray and back, with PyImageJ's names and order of dimensions. xarray is imported inside functions."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pybridge.core.axes import to_order
from pybridge.core.display import display_to_plain, plain_to_display
from pybridge.core.errors import ImageError, PackageMissingError
from pybridge.core.image import Calibration, Image

_DIMENSION_NAMES = {"t": "T", "time": "T", "z": "Z", "pln": "Z", "c": "C", "ch": "C", "channel": "C"}
_DIMENSION_NAMES |= {"y": "Y", "row": "Y", "x": "X", "col": "X"}
_PYIMAGEJ_NAMES = {"T": "t", "Z": "pln", "Y": "row", "X": "col", "C": "ch", "S": "ch"}
_ATTRIBUTE = "pybridge"


def image_to_xarray(image: Image) -> Any:
    """Give an image as an ``xarray.DataArray``, as PyImageJ's ``from_java`` does.

    Dimensions come in the order ``t, pln, row, col, ch``, those of length 1 left out as in the image. Coordinates are
    calibrated, with their unit in ``attrs["units"]``; those of ``ch`` are the channels' names. What has no place of
    its own (Info, display, calibration) is in ``attrs["pybridge"]``, as text and numbers.

    Parameters
    ----------
    image : Image
        Any image; RGB samples become ``ch``.

    Returns
    -------
    xarray.DataArray
        A view of the pixels.

    Raises
    ------
    PackageMissingError
        If xarray is not installed.
    ImageError
        If the image has RGB samples and channels: both would be ``ch``.
    """
    try:
        import xarray
    except ImportError as error:
        raise PackageMissingError("give an image as xarray", found=str(error), do="pip install xarray") from error
    if image.is_rgb and "C" in image.axes:
        raise ImageError(
            f"an xarray of {image.name!r} ({image.axes})",
            found="RGB samples and several channels",
            do="give one or the other: both would be the dimension 'ch'",
        )
    order = "".join(letter for letter in "TZYXCS" if letter in image.axes)
    array = to_order(np.asarray(image.array), image.axes, order)
    coordinates = {}
    for letter, length in zip(order, array.shape, strict=True):
        values, attributes = _coordinates(image, letter, length)
        coordinates[_PYIMAGEJ_NAMES[letter]] = (_PYIMAGEJ_NAMES[letter], values, attributes)
    kept = {
        "rgb": image.is_rgb,
        "info": image.info,
        "inverting_lut": image.inverting_lut,
        "path": image.path or "",
        "calibration": dataclasses.asdict(image.calibration),
    }
    if image.display is not None:
        kept["display"] = display_to_plain(image.display)
    return xarray.DataArray(
        array,
        dims=[_PYIMAGEJ_NAMES[letter] for letter in order],
        coords=coordinates,
        attrs={_ATTRIBUTE: kept},
        name=image.name,
    )


def xarray_to_image(data: Any) -> Image:
    """Take an ``xarray.DataArray`` as an ``Image``.

    Parameters
    ----------
    data : xarray.DataArray
        With dimensions named ``t, z, c, y, x`` or, as PyImageJ does, ``t, pln, ch, row, col``, in any order. Evenly
        spaced coordinates give pixel sizes and origin.

    Raises
    ------
    ImageError
        If a dimension has another name.
    """
    unknown = [str(name) for name in data.dims if str(name).lower() not in _DIMENSION_NAMES]
    if unknown:
        raise ImageError(
            f"an xarray with dimensions {tuple(data.dims)!r}",
            found=f"no meaning for {unknown!r}",
            do="name the dimensions t, z, c, y, x (PyImageJ: t, pln, ch, row, col)",
        )
    axes = "".join(_DIMENSION_NAMES[str(name).lower()] for name in data.dims)
    kept: Mapping[str, Any] = data.attrs.get(_ATTRIBUTE, {})
    names = (
        tuple(map(str, data.coords[data.dims[axes.index("C")]].values)) if "C" in axes and _has(data, "C", axes) else ()
    )
    if kept.get("rgb") and "C" in axes and data.sizes[data.dims[axes.index("C")]] in (3, 4):
        axes, names = axes.replace("C", "S"), ()
    display = kept.get("display")
    return Image(
        np.asarray(data.values),
        axes,
        name=str(data.name or "image"),
        calibration=_calibration(data, axes, kept.get("calibration")),
        channel_names=names,
        path=kept.get("path") or None,
        inverting_lut=bool(kept.get("inverting_lut", False)),
        info=str(kept.get("info", "")),
        display=None if display is None else plain_to_display(display),
    )


def _coordinates(image: Image, letter: str, length: int) -> tuple[NDArray[Any], dict[str, str]]:
    size = image.calibration
    index = np.arange(length, dtype=np.float64)
    if letter in "CS":
        named = letter == "C" and len(image.channel_names) == length
        return (np.array(image.channel_names) if named else index), {}
    if letter == "T":
        return index * (size.frame_interval or 1.0), {"units": size.time_unit} if size.frame_interval else {}
    name = letter.lower()
    values = (index - getattr(size, f"origin_{name}")) * getattr(size, name)
    return values, {} if size.unit == "pixel" else {"units": size.unit}


def _calibration(data: Any, axes: str, kept: Mapping[str, Any] | None) -> Calibration:
    """Read pixel sizes and origin off the coordinates; for axes that are too short, what the image had before."""
    before = Calibration() if kept is None else Calibration(**kept)
    steps = {letter: _step(data, letter, axes) for letter in "YXZT"}
    values: dict[str, Any] = {}
    for letter in "XYZ":
        step, name = steps[letter], letter.lower()
        if step is not None:
            first = float(data.coords[data.dims[axes.index(letter)]].values[0])
            values[name] = _unless_close(getattr(before, name), step)
            # A plain count of pixels from anywhere is no calibration: PyImageJ numbers what has none.
            values[f"origin_{name}"] = _unless_close(getattr(before, f"origin_{name}"), -first / step)
    unit = next((str(data.coords[name].attrs["units"]) for name in _lengths(data, axes) if _has_unit(data, name)), None)
    calibrated = any(values.get(name, 1.0) != 1.0 for name in "xyz")
    values["unit"] = unit or (before.unit if kept is not None else "unit" if calibrated else "pixel")
    step = steps["T"]
    if step is not None and (step != 1.0 or before.frame_interval):
        values["frame_interval"] = _unless_close(before.frame_interval, step)
    return dataclasses.replace(before, **values)


def _unless_close(before: float, found: float) -> float:
    """Prefer the number that was written down over the same one with the rounding of coordinates."""
    return before if np.isclose(before, found, rtol=1e-9, atol=1e-9) else found + 0.0  # no minus zero


def _lengths(data: Any, axes: str) -> list[Any]:
    return [name for name, letter in zip(data.dims, axes, strict=True) if letter in "XYZ"]


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
