"""What goes over the wire: the form of an ImagePlus, its bytes as an Image, and what a command answers.

Bytes are little-endian, planes in the order of a hyperstack (C fastest, then Z, then T), which is that of TZCYX.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pybridge.core.errors import OutputError
from pybridge.core.image import Calibration, Image
from pybridge.core.results import ObjectTable
from pybridge.core.titles import channel_names_of

_RGB = 4  # ImagePlus.COLOR_RGB
_TYPES = {0: "u1", 1: "<u2", 2: "<f4", 3: "u1", _RGB: "<u4"}


@dataclass(frozen=True, slots=True)
class ImagePlusForm:
    """All of an ImagePlus but its pixels, as the client describes it.

    Parameters
    ----------
    title, short_title : str
        ImageJ's titles.
    type : int
        ``ImagePlus.getType()``.
    width, height, channels, slices, frames : int
        Dimensions.
    hyperstack : bool
        ``ImagePlus.isHyperStack()``.
    signed : bool
        Whether 16-bit values are kept shifted by 32,768.
    pixel_size, origin : sequence of float
        x, y, z.
    unit, time_unit : str
        Units.
    frame_interval : float
        Time between frames.
    labels : sequence of str or None
        Labels of the first slices, one for each channel.
    path, folder : str or None
        The file that it was opened from, and its folder.
    info : str
        Its "Info".
    inverting : bool
        Whether its look-up table is inverting.
    selected : bool
        Whether there is a selection.
    """

    title: str
    short_title: str
    type: int
    width: int
    height: int
    channels: int
    slices: int
    frames: int
    hyperstack: bool
    signed: bool
    pixel_size: Sequence[float]
    origin: Sequence[float]
    unit: str
    time_unit: str
    frame_interval: float
    labels: Sequence[str | None]
    path: str | None
    folder: str | None
    info: str
    inverting: bool
    selected: bool

    @property
    def count_bytes(self) -> int:
        """Bytes of all planes."""
        planes = self.channels * self.slices * self.frames
        return planes * self.width * self.height * np.dtype(_TYPES[self.type]).itemsize


def bytes_to_image(data: NDArray[np.uint8], form: ImagePlusForm) -> Image:
    """Take the bytes of an ImagePlus as an ``Image``; axes of length 1 are left out, Y and X excepted.

    The image lies in the bytes given wherever it can, so that they are not to be used again.

    Examples
    --------
    >>> form = ImagePlusForm("a.tif", "a", 1, 3, 2, 1, 1, 1, False, False, (0.5, 0.5, 1), (0, 0, 0), "um", "s", 0, (),
    ...     None, None, "", False, False)
    >>> bytes_to_image(np.arange(12, dtype=np.uint8), form)
    Image('a.tif', YX 2×3, uint16, 0.5 um)
    """
    pixels = data.view(_TYPES[form.type]).reshape(form.frames, form.slices, form.channels, form.height, form.width)
    array: NDArray[Any] = pixels.astype(pixels.dtype.newbyteorder("="), copy=False)
    axes = "TZCYX"
    if form.type == _RGB:
        # Blue, green, red, alpha from the lowest byte up.
        array = np.ascontiguousarray(data.reshape(*pixels.shape, 4)[..., 2::-1])
        axes = "TZCYXS"
    elif form.type == 1 and form.signed:
        # What the file holds; ImageJ keeps it shifted. In place: such stacks may have gigabytes.
        array = np.bitwise_xor(array, 0x8000, out=array).view(np.int16)
    kept = [index for index, letter in enumerate(axes) if letter in "YXS" or array.shape[index] > 1]
    x, y, z = form.pixel_size
    origin_x, origin_y, origin_z = form.origin
    return Image(
        array.reshape([array.shape[index] for index in kept]),
        "".join(axes[index] for index in kept),
        name=form.title,
        calibration=Calibration(
            x=float(x),
            y=float(y),
            z=float(z),
            unit=form.unit.strip() or "pixel",
            origin_x=float(origin_x),
            origin_y=float(origin_y),
            origin_z=float(origin_z),
            frame_interval=float(form.frame_interval),
            time_unit=form.time_unit,
        ),
        channel_names=channel_names_of(form.labels),
        path=form.path,
        inverting_lut=form.inverting,
        info=form.info,
    )


@dataclass(frozen=True, slots=True, eq=False)
class ShownImage:
    """An image that Fiji is to show.

    Parameters
    ----------
    role : str
        What it is among the outputs.
    image : Image
        uint8, uint16 or float32, or RGB (uint8 with axis S); its name is the title.
    hyperstack : bool
        Whether it is to open as a hyperstack.
    display : tuple of float or None
        Display range; None for the range of the values.
    colours : ndarray of uint8, shape (256, 3), or None
        Look-up table.
    slice_labels : tuple of str
        One for each plane, or empty for the names of the channels.
    legend : sequence of (str, tuple of int)
        Words and the colours that they explain, laid over it where there is a window.
    """

    role: str
    image: Image
    hyperstack: bool
    display: tuple[float, float] | None = None
    colours: NDArray[np.uint8] | None = None
    slice_labels: tuple[str, ...] = ()
    legend: Sequence[tuple[str, tuple[int, ...]]] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """What a command gives to Fiji, in the order in which it is shown: the last image becomes the active one.

    Parameters
    ----------
    images : tuple of ShownImage
        To show.
    table : ObjectTable or None
        Rows for the Results table.
    rois : tuple of bytes
        ROIs as ImageJ's files hold them.
    rois_to : str
        ``overlay`` (on the last image) or ``manager``.
    record : str or None
        The run record as JSON; goes into the "Info" of every image.
    lines : tuple of str
        For the Log.
    open_path : str or None
        A file that Fiji is to open.
    failure : OutputError or None
        What kept a file of this run from being written: raised when all is shown.
    """

    images: tuple[ShownImage, ...] = ()
    table: ObjectTable | None = None
    rois: tuple[bytes, ...] = ()
    rois_to: str = "overlay"
    record: str | None = None
    lines: tuple[str, ...] = ()
    open_path: str | None = None
    failure: OutputError | None = None
