"""OME-Zarr: images of any size in a folder of chunks. OME-NGFF 0.4 and 0.5 are read; 0.4, the better known, is written.

What the metadata means is in ``ome_zarr_metadata``. Imports core; zarr (the extra ``zarr``) inside functions.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any

import numpy as np

from pybridge.core.axes import guess_axes
from pybridge.core.errors import ImageFileError
from pybridge.core.image import Image
from pybridge.core.lazy import LazyArray, Windows
from pybridge.core.store import ImageForm
from pybridge.files.ome_zarr_metadata import (
    form_to_attributes,
    omero_to_channel_names,
    read_scales,
    scales_to_calibration,
)
from pybridge.files.read import as_file_error

SUFFIX = ".zarr"
_CHUNK = 512
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
            scale, shift = read_scales(first, names)
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
            calibration=scales_to_calibration(scale, shift, units),
            channel_names=omero_to_channel_names(omero, dict(zip(letters, array.shape, strict=True)).get("C", 1)),
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
        attributes = form_to_attributes(self._form, info)
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
