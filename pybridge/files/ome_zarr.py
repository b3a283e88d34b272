"""OME-Zarr: images of any size in a folder of chunks. OME-NGFF 0.4 and 0.5 are read; 0.4, the better known, is written.

The metadata is small, so it is read and written here. Imports core; zarr (the extra ``zarr``) inside functions.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any

import numpy as np

from pybridge.core.axes import guess_axes
from pybridge.core.errors import ImageFileError
from pybridge.core.image import Calibration, Image
from pybridge.core.lazy import LazyArray, Windows
from pybridge.core.store import ImageForm
from pybridge.files.read import as_file_error

SUFFIX = ".zarr"
_VERSION = "0.4"
_CHUNK = 512
_UNITS = {"micrometer": "µm", "nanometer": "nm", "millimeter": "mm", "angstrom": "Å", "centimeter": "cm", "meter": "m"}
_TIMES = {"second": "sec", "millisecond": "msec", "minute": "min", "hour": "hour"}
_MARKS = (".zarray", ".zgroup", "zarr.json")
_threads = ThreadPoolExecutor(max_workers=1, thread_name_prefix="pybridge-zarr")


def is_zarr(path: Path) -> bool:
    """Tell whether a path is a Zarr folder."""
    return path.is_dir() and (path.suffix.lower() == SUFFIX or any((path / mark).is_file() for mark in _MARKS))


def open_ome_zarr(path: Path) -> Image:
    """Open the full resolution of an OME-Zarr image; its pixels are read when they are needed.

    A chunk that is missing reads as the fill value: the format means it so, and nothing can tell it from damage.

    Parameters
    ----------
    path : Path
        The folder: an image (a multiscale group), or a bare array.

    Returns
    -------
    Image
        Its ``array`` is a ``LazyArray``.

    Raises
    ------
    ImageFileError
        If it is no image, or zarr is not installed.
    """
    zarr = _zarr(path)
    with as_file_error(path):
        node = zarr.open(str(path), mode="r")
        attributes = dict(node.attrs)
        scales = attributes.get("ome", attributes).get("multiscales")
        scale: dict[str, float] = {}
        shift: dict[str, float] = {}
        units: dict[str, str] = {}
        if isinstance(node, zarr.Array):
            array, names = node, _dimension_names(node)
        elif scales:
            first = scales[0]
            array = node[first["datasets"][0]["path"]]
            axes = [axis if isinstance(axis, dict) else {"name": axis} for axis in first.get("axes", "tczyx")]
            names = [str(axis["name"]).upper() for axis in axes]
            scale, shift = _transformation(first, names)
            units = {name: str(axis.get("unit", "")) for name, axis in zip(names, axes, strict=True)}
        else:
            raise ImageFileError(
                f"open {str(path)!r}",
                found=f"no image in it, but {', '.join(sorted(node.keys())[:5]) or 'nothing'}",
                do="name one image inside it, for example its folder '0'",
            )
        omero = attributes.get("ome", attributes).get("omero", {})
        letters = "".join(names)
        return Image(
            array=_lazy(array, path),  # type: ignore[arg-type]  # lazy in the place of an ndarray: see Image
            axes=letters,
            name=path.name,
            calibration=_calibration(scale, shift, units),
            channel_names=_channel_names(omero, dict(zip(letters, array.shape, strict=True)).get("C", 1)),
            path=str(path),
        )


def read_attributes(path: Path) -> dict[str, Any]:
    """Read the attributes of a Zarr folder, as far as it has any; zarr is not needed for that.

    Raises
    ------
    ValueError
        If they are no JSON.
    """
    for name in (".zattrs", "zarr.json"):
        if (path / name).is_file():
            found = json.loads((path / name).read_text(encoding="utf-8"))
            attributes = found.get("attributes", {}) if name == "zarr.json" and isinstance(found, dict) else found
            return attributes if isinstance(attributes, dict) else {}
    return {}


class OmeZarrWriter:
    """A new OME-Zarr folder that takes regions of one image.

    Parameters
    ----------
    path : Path
        The folder; it must not exist, or be empty.
    form : ImageForm
        Axes, shape, calibration and channel names.

    Raises
    ------
    ImageFileError
        If zarr is not installed.
    """

    def __init__(self, path: Path, form: ImageForm) -> None:
        self._path, self._form = path, form
        zarr = _zarr(path)
        self._group, self._array = _undisturbed(lambda: _create(zarr, path, form))

    def __setitem__(self, where: Any, pixels: Any) -> None:
        _undisturbed(lambda: self._array.__setitem__(where, pixels))

    def stored(self) -> LazyArray:
        """View what was written."""
        return _lazy(self._array, self._path)

    def moved(self, path: Path) -> None:
        """Say where the folder is now."""
        zarr = _zarr(path)
        self._array = _undisturbed(lambda: zarr.open_array(str(path / "0"), mode="r"))
        self._path = path

    def finish(self, info: str) -> None:
        """Write the metadata; ``info`` is a JSON text (the run record), kept under ``pybridge``."""
        size, axes = self._form.calibration, self._form.axes
        steps = {"T": size.frame_interval or 1.0, "C": 1.0, "Z": size.z, "Y": size.y, "X": size.x}
        origins = {"Z": size.origin_z, "Y": size.origin_y, "X": size.origin_x}
        names = self._form.channel_names
        transformations: list[dict[str, Any]] = [{"type": "scale", "scale": [steps[axis] for axis in axes]}]
        if any(origins.values()):
            shift = [0.0 - origins.get(axis, 0.0) * steps[axis] for axis in axes]
            transformations.append({"type": "translation", "translation": shift})
        attributes = {
            "multiscales": [
                {
                    "version": _VERSION,
                    "name": self._form.name,
                    "axes": [_axis(letter, size) for letter in axes],
                    "datasets": [{"path": "0", "coordinateTransformations": transformations}],
                }
            ],
            "pybridge": {"record": json.loads(info)},
        } | ({"omero": {"channels": [{"label": label} for label in names]}} if names else {})
        _undisturbed(lambda: self._group.attrs.update(attributes))


def _zarr(path: str | os.PathLike[str]) -> Any:
    try:
        import zarr
    except ImportError:
        raise ImageFileError(
            f"open {os.fspath(path)!r}",
            found="the package zarr is not installed",
            do="install it with `pip install 'pybridge[zarr]'`",
        ) from None
    return zarr


def _create(zarr: Any, path: Path, form: ImageForm) -> tuple[Any, Any]:
    from numcodecs import Blosc

    group = zarr.open_group(str(path), mode="w", zarr_format=2)
    array = group.create_array(
        "0",
        shape=form.shape,
        chunks=tuple(
            min(length, _CHUNK if axis in "YX" else 1) for axis, length in zip(form.axes, form.shape, strict=True)
        ),
        dtype=np.float32,
        compressors=Blosc(cname="lz4", clevel=5, shuffle=Blosc.SHUFFLE),
        chunk_key_encoding={"name": "v2", "separator": "/"},
    )
    return group, array


def _undisturbed(call: Callable[[], Any]) -> Any:
    """Call zarr so that an interrupt comes through when the call is done, not when its threads are half-way.

    zarr works on threads of its own, which would go on writing while we clean up, and complain when Python ends.
    """
    done = None
    try:
        done = _threads.submit(call)
        return done.result()
    except KeyboardInterrupt:
        # Nothing to wait for, or interrupted before its name was known: then the one thread takes this after it.
        wait([done or _threads.submit(int)])
        raise


def _lazy(array: Any, path: Path) -> LazyArray:
    boolean = array.dtype == np.bool_

    def read(windows: Windows) -> Any:
        with as_file_error(path):
            found = np.asarray(_undisturbed(lambda: array[windows]))
        return found.view(np.uint8) if boolean else found

    chunks = array.shards or array.chunks
    return LazyArray(read, shape=array.shape, dtype=np.uint8 if boolean else array.dtype, chunks=chunks)


def _dimension_names(array: Any) -> list[str]:
    names = getattr(array.metadata, "dimension_names", None)
    return [str(name).upper() for name in names] if names and all(names) else list(guess_axes(array.shape))


def _transformation(scales: Mapping[str, Any], names: list[str]) -> tuple[dict[str, float], dict[str, float]]:
    """Bring the scales and translations of the full resolution and of the whole image together, by axis."""
    scale, shift = np.ones(len(names)), np.zeros(len(names))
    of_image = scales.get("coordinateTransformations", [])
    for each in [*scales["datasets"][0].get("coordinateTransformations", []), *of_image]:
        if "scale" in each:
            scale, shift = scale * each["scale"], shift * each["scale"]
        if "translation" in each:
            shift = shift + each["translation"]
    return dict(zip(names, scale.tolist(), strict=True)), dict(zip(names, shift.tolist(), strict=True))


def _calibration(scale: dict[str, float], shift: dict[str, float], units: dict[str, str]) -> Calibration:
    steps = {axis: scale.get(axis) or 1.0 for axis in "ZYX"}
    unit = units.get("X", "")
    calibrated = bool(unit) or any(step != 1.0 for step in steps.values())
    origin = {axis: 0.0 - shift.get(axis, 0.0) / step for axis, step in steps.items()}
    timed = bool(units.get("T")) or scale.get("T", 1.0) != 1.0
    return Calibration(
        x=steps["X"],
        y=steps["Y"],
        z=steps["Z"],
        unit=_UNITS.get(unit, unit or "unit") if calibrated else "pixel",
        origin_x=origin["X"],
        origin_y=origin["Y"],
        origin_z=origin["Z"],
        frame_interval=scale.get("T", 0.0) if timed and math.isfinite(scale.get("T", 0.0)) else 0.0,
        time_unit=_TIMES.get(units.get("T", ""), units.get("T", "") or "sec"),
    )


def _channel_names(omero: Mapping[str, Any], count: int) -> tuple[str, ...]:
    names = tuple(str(channel.get("label", "")) for channel in omero.get("channels", ()))
    return names if len(names) == count and all(names) and len(set(names)) == count else ()


def _axis(letter: str, size: Calibration) -> dict[str, str]:
    kind = {"T": "time", "C": "channel"}.get(letter, "space")
    known = {short: long for long, short in (_TIMES if letter == "T" else _UNITS).items()}
    unit = known.get(size.time_unit if letter == "T" else size.unit) if letter != "C" else None
    unit = None if letter == "T" and not size.frame_interval else unit
    return {"name": letter.lower(), "type": kind} | ({"unit": unit} if unit else {})
