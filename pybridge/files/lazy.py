"""Opening an image whose pixels stay in the file until they are needed: OME-Zarr, and TIFF too large to be read whole.

Imports core and files; tifffile and zarr inside functions.
"""

from __future__ import annotations

import dataclasses
import importlib.util
import os
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pybridge.core.image import Image
from pybridge.core.lazy import LazyArray, Windows
from pybridge.files.ome_zarr import is_zarr, open_ome_zarr
from pybridge.files.read import as_file_error, check_whole_tiff, is_tiff, read_image, sha256_of_file, tiff_to_image

# Below this, reading at once is simpler and costs nothing.
MOST_AT_ONCE_BYTES = 256 << 20
_BAND_ROWS = 256


def open_image(path: str | os.PathLike[str], *, most_bytes: int = MOST_AT_ONCE_BYTES) -> Image:
    """Open an image file: read it when it is small, else leave its pixels where they are.

    Parameters
    ----------
    path : path-like
        An OME-Zarr folder, or any file that ``read_image`` takes.
    most_bytes : int
        A TIFF with more bytes of pixels than this is not read at once, if it is uncompressed or tiled.

    Returns
    -------
    Image
        Its ``array`` is a ``LazyArray`` when it was not read. ``sha256_file`` is None for a folder.

    Raises
    ------
    ImageFileError
        If it is missing, truncated, or no image that we can read.
    """
    file = Path(path)
    if is_zarr(file):
        return open_ome_zarr(file)
    stored = _open_tiff(file, most_bytes) if file.is_file() and is_tiff(file) else None
    return read_image(file) if stored is None else stored


def is_lazy(image: Image) -> bool:
    """Tell whether the pixels of an image are still in its file."""
    return isinstance(image.array, LazyArray)


class MappedArray:
    """An uncompressed array inside a file, mapped only while it is touched, so that its pages never pile up.

    Parameters
    ----------
    path : Path
        The file.
    offset : int
        Where the array begins in it, in bytes.
    shape : tuple of int
        Its shape, in C order.
    dtype : dtype
        Its type, with the byte order of the file.
    """

    def __init__(self, path: Path, *, offset: int, shape: tuple[int, ...], dtype: Any) -> None:
        self._path, self._offset, self._shape, self._dtype = path, offset, shape, np.dtype(dtype)

    def __setitem__(self, where: Any, pixels: Any) -> None:
        self._map("r+")[where] = pixels

    def read(self, windows: Windows) -> NDArray[Any]:
        """Copy a window."""
        with as_file_error(self._path):
            return np.array(self._map("r")[windows]).astype(self._dtype.newbyteorder("="), copy=False)

    def lazy(self) -> LazyArray:
        """View it as a lazy array."""
        rows = (1,) * (len(self._shape) - 2) + (_BAND_ROWS,)
        native = self._dtype.newbyteorder("=")
        return LazyArray(self.read, shape=self._shape, dtype=native, chunks=(*rows, self._shape[-1]))

    def _map(self, mode: Any) -> NDArray[Any]:
        return np.memmap(self._path, dtype=self._dtype, mode=mode, offset=self._offset, shape=self._shape)


def _open_tiff(file: Path, most_bytes: int) -> Image | None:
    """Open a large TIFF; None when it is small, RGB, or compressed where zarr is not installed."""
    import tifffile

    with as_file_error(file), tifffile.TiffFile(file) as tiff:
        series = tiff.series[0]
        if series.nbytes <= most_bytes or "S" in series.axes:
            return None
        check_whole_tiff(file, tiff)
        if series.dataoffset is not None:
            dtype = np.dtype(tiff.byteorder + series.dtype.char)
            pixels = MappedArray(file, offset=series.dataoffset, shape=series.shape, dtype=dtype).lazy()
        elif importlib.util.find_spec("zarr") is not None:
            pixels = _chunked_tiff(file, series)
        else:
            return None
        # An Image's array is typed as what most of its users have; what is lazy stands in its place.
        image = tiff_to_image(file, tiff, pixels)  # type: ignore[arg-type]
    return dataclasses.replace(image, sha256_file=sha256_of_file(file))


def _chunked_tiff(file: Path, series: Any) -> LazyArray:
    """View the first series of a TIFF through tifffile's store, which decodes one tile or strip at a time."""
    import tifffile
    import zarr

    chunks = (1,) * (len(series.shape) - len(series.keyframe.chunks)) + tuple(series.keyframe.chunks)

    def read(windows: Windows) -> NDArray[Any]:
        with as_file_error(file), tifffile.imread(file, aszarr=True, series=0) as store:
            return np.asarray(zarr.open_array(store, mode="r")[windows])

    return LazyArray(read, shape=series.shape, dtype=series.dtype, chunks=chunks)
