"""The one image value that every room shares: pixels, named axes, calibration, name. Imports numpy only."""

from __future__ import annotations

import dataclasses
import hashlib
import os
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pybridge.core import axes as axis_names
from pybridge.core.display import Display
from pybridge.core.errors import ImageError
from pybridge.core.lazy import row_bands


@dataclass(frozen=True, slots=True)
class Calibration:
    """What turns pixels into the world's units, as ImageJ keeps it.

    Parameters
    ----------
    x, y, z : float
        Size of a pixel, in ``unit``.
    unit : str
        Unit of length; ``"pixel"`` when the image is not calibrated.
    origin_x, origin_y, origin_z : float
        Where the zero of the calibrated coordinates lies, in pixels (ImageJ's ``xOrigin`` …).
    frame_interval : float
        Time between frames, in ``time_unit``; 0 when unknown.
    time_unit : str
        Unit of time.
    """

    x: float = 1.0
    y: float = 1.0
    z: float = 1.0
    unit: str = "pixel"
    origin_x: float = 0.0
    origin_y: float = 0.0
    origin_z: float = 0.0
    frame_interval: float = 0.0
    time_unit: str = "sec"


@dataclass(frozen=True, slots=True, eq=False)
class Image:
    """An image: an array with named axes, its calibration and its name. Never changed in place.

    Parameters
    ----------
    array : ndarray
        Pixels as stored; look-up tables are not applied. 2 to 6 dimensions. Images that ``files.lazy`` opens have a
        ``core.lazy.LazyArray`` in its place, whose views ``np.asarray`` reads.
    axes : str
        One letter for each dimension out of ``T Z C Y X S``, for example ``"TZCYX"``; ``S`` are RGB samples.
    name : str
        Title or file name, for example ``"cells.tif"``.
    calibration : Calibration
        Pixel sizes, units, origin and frame interval.
    channel_names : tuple of str
        One for each channel, or empty.
    path : str or None
        The file that the image came from.
    sha256_file : str or None
        Hash of that file as it was read.
    inverting_lut : bool
        Whether the file shows low values bright. Values are kept as stored; a task warns of it.
    info : str
        Free text that came with the image (ImageJ's "Info"); carried along, never interpreted.
    display : Display or None
        Colours, display ranges and overlay that came with the image; carried along, never interpreted.

    Examples
    --------
    >>> import numpy as np
    >>> image = Image(np.zeros((5, 7, 11), np.uint8), "ZYX", name="small")
    >>> image.size_of("Z"), image.size_of("T"), image.tzcyx().shape
    (5, 1, (1, 5, 1, 7, 11))
    """

    array: NDArray[Any]
    axes: str
    name: str = "image"
    calibration: Calibration = field(default_factory=Calibration)
    channel_names: tuple[str, ...] = ()
    path: str | None = None
    sha256_file: str | None = None
    inverting_lut: bool = False
    info: str = ""
    display: Display | None = None

    def __post_init__(self) -> None:
        axis_names.check_axes(self.axes, ndim=self.array.ndim)
        if self.array.dtype.kind not in "buif":
            raise ImageError(
                f"an image {self.name!r} of type {self.array.dtype}",
                found="pixels that are not real numbers",
                do="convert it to an integer or floating-point type first",
            )

    def __repr__(self) -> str:
        extent = "×".join(map(str, self.array.shape))
        size = f"{self.calibration.x:g} {self.calibration.unit}"
        return f"Image({self.name!r}, {self.axes} {extent}, {self.array.dtype}, {size})"

    @property
    def is_rgb(self) -> bool:
        """Whether the image has RGB samples (axis ``S``)."""
        return "S" in self.axes

    @property
    def stem(self) -> str:
        """Name without folder and extension, as ImageJ's "short title"."""
        base = os.path.basename(self.name)
        return short_stem(base) if "." in base.lstrip(".") else base

    def size_of(self, letter: str) -> int:
        """Length of an axis; 1 when the image does not have it."""
        return int(self.array.shape[self.axes.index(letter)]) if letter in self.axes else 1

    def tzcyx(self) -> NDArray[Any]:
        """View the pixels in canonical order ``TZCYX`` (``TZCYXS`` for RGB), missing axes with length 1."""
        return axis_names.to_order(self.array, self.axes, axis_names.CANONICAL + ("S" if self.is_rgb else ""))

    def replace(
        self, *, array: NDArray[Any], axes: str, name: str, channel_names: tuple[str, ...] = (), info: str = ""
    ) -> Image:
        """Make an image with other pixels that keeps this one's calibration; path and display are not carried over."""
        return dataclasses.replace(
            self,
            array=array,
            axes=axes,
            name=name,
            channel_names=channel_names,
            path=None,
            sha256_file=None,
            inverting_lut=False,
            info=info,
            display=None,
        )

    def sha256_pixels(self) -> str:
        """Hash of dtype, shape and C-order little-endian bytes, all in TZCYX order."""
        data = self.tzcyx()
        little = data.dtype.newbyteorder("<")
        digest = hashlib.sha256(f"{little.str}{data.shape}".encode())
        for index in np.ndindex(data.shape[:3]):
            for rows in row_bands(data[index], axis=0):
                digest.update(np.ascontiguousarray(rows, dtype=little).view(np.uint8).data)
        return digest.hexdigest()


def short_stem(name: str) -> str:
    """Give a file name without its extension; ``.ome.zarr`` counts as one.

    Examples
    --------
    >>> short_stem("a.b.tif"), short_stem("a.ome.zarr")
    ('a.b', 'a')
    """
    stem = name.rsplit(".", 1)[0]
    return stem.removesuffix(".ome") if name.lower().endswith(".ome.zarr") else stem
