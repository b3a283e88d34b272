"""ImagePlus to Image and back: pixels in TZCYX, calibration, channel names, display, "Info" and path."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pybridge.core.axes import to_order
from pybridge.core.errors import ImageError
from pybridge.core.image import Calibration, Image
from pybridge.core.titles import channel_names_of
from pybridge.imagej.display import read_display, write_display
from pybridge.imagej.jvm import JavaObject, java_class
from pybridge.imagej.pixels import array_to_java, java_to_array

_RGB = 4  # ImagePlus.COLOR_RGB
_TYPES = {0: np.uint8, 1: np.uint16, 2: np.float32, 3: np.uint8, _RGB: np.int32}
_COMPOSITE, _GRAYSCALE = 1, 3
_MOST_COMPOSITE_CHANNELS = 7


def imageplus_to_image(imp: JavaObject, *, display: bool = False) -> Image:
    """Copy an ImagePlus into an ``Image``.

    Axes of length 1 are left out, Y and X excepted. Values are taken as stored: look-up tables and calibration
    functions are not applied. Of signed 16-bit images, which ImageJ keeps shifted by 32,768, the file's values are.

    Parameters
    ----------
    imp : ij.ImagePlus
        8-bit, 16-bit, 32-bit or RGB; a plane, stack or hyperstack, virtual ones too.
    display : bool
        Also read look-up tables, display ranges and overlay, which models do not need.

    Returns
    -------
    Image
        ``uint8``, ``uint16``, ``int16`` or ``float32``; RGB as ``uint8`` with the axis S.
    """
    width, height = int(imp.getWidth()), int(imp.getHeight())
    channels, slices, frames = int(imp.getNChannels()), int(imp.getNSlices()), int(imp.getNFrames())
    stack = imp.getStack()
    kind = int(imp.getType())
    pixels = np.empty((frames * slices * channels, height, width), _TYPES[kind])
    # ImageJ counts planes with C fastest, then Z, then T: the memory order of TZCYX.
    for index in range(len(pixels)):
        java_to_array(stack.getPixels(index + 1), pixels[index])
    if kind == 1 and imp.getCalibration().isSigned16Bit():
        pixels = (pixels ^ 0x8000).view(np.int16)  # what the file holds; ImageJ keeps it shifted
    array: NDArray[Any] = pixels.reshape(frames, slices, channels, height, width)
    axes = "TZCYX"
    if kind == _RGB:
        array, axes = _unpack_rgb(array), "TZCYXS"
    kept = [index for index, letter in enumerate(axes) if letter in "YXS" or array.shape[index] > 1]
    info = imp.getProperty("Info")
    return Image(
        array.reshape([array.shape[index] for index in kept]),
        "".join(axes[index] for index in kept),
        name=str(imp.getTitle()),
        calibration=read_calibration(imp),
        channel_names=_read_channel_names(stack, channels),
        path=path_of(imp),
        inverting_lut=bool(imp.isInvertedLut()),
        info="" if info is None else str(info),
        display=read_display(imp) if display else None,
    )


def image_to_imageplus(image: Image) -> JavaObject:
    """Copy an ``Image`` into a new ImagePlus; it is not shown.

    Parameters
    ----------
    image : Image
        ``uint8``, ``uint16``, ``int16`` and ``float32`` keep their type (``int16`` as ImageJ's signed 16 bit); other
        types become the smallest of ImageJ's that holds every value exactly.

    Returns
    -------
    ij.ImagePlus
        A hyperstack when the image has more than one plane; RGB when it has 8-bit samples.

    Raises
    ------
    ImageError
        If ImageJ has no type that holds the values exactly.
    """
    signed = image.array.dtype == np.int16 and not image.is_rgb and int(image.array.min(initial=0)) < 0
    shifted = dataclasses.replace(image, array=image.array.view(np.uint16) ^ 0x8000) if signed else image
    planes, kind = _planes(shifted)
    frames, slices, channels, height, width = planes.shape
    names = image.channel_names if len(image.channel_names) == channels else ()
    stack = java_class("ij.ImageStack")(width, height)
    for index, plane in enumerate(planes.reshape(-1, height, width)):
        stack.addSlice(names[index % channels] if names else None, array_to_java(plane))
    imp = java_class("ij.ImagePlus")(image.name, stack)
    imp.setDimensions(channels, slices, frames)
    write_calibration(imp, image.calibration)
    if signed:
        imp.getCalibration().setSigned16BitCalibration()
    shown = image.display
    if channels > 1 and kind != _RGB and (shown is None or shown.mode != "plain"):
        mode = _COMPOSITE if channels <= _MOST_COMPOSITE_CHANNELS else _GRAYSCALE
        imp = java_class("ij.CompositeImage")(imp, mode)
    imp.setOpenAsHyperStack(channels > 1 or frames > 1)
    if shown is not None:
        write_display(imp, shown)
    elif image.inverting_lut and kind != _RGB:
        invert_lut(imp)
    if image.info:
        imp.setProperty("Info", image.info)
    return imp


def exact_for_imagej(array: NDArray[Any], name: str) -> NDArray[Any]:
    """Give pixels the smallest of ImageJ's types (uint8, uint16, float32) that holds every value exactly.

    ``uint8``, ``uint16`` and ``float32`` are returned as they are; other floating-point types become ``float32``.

    Raises
    ------
    ImageError
        If no type of ImageJ's does.

    Examples
    --------
    >>> exact_for_imagej(np.array([[0, 300]]), "a").dtype, exact_for_imagej(np.array([[-1.5]]), "b").dtype
    (dtype('uint16'), dtype('float32'))
    """
    native = array.dtype.newbyteorder("=")
    if native in (np.uint8, np.uint16, np.float32):
        return array.astype(native, copy=False)
    if native == np.bool_:
        return array.astype(np.uint8)
    if native.kind in "ui":
        low, high = (int(array.min()), int(array.max())) if array.size else (0, 0)
        for kind in (np.uint8, np.uint16):
            if low >= 0 and high <= np.iinfo(kind).max:
                return array.astype(kind)
    with np.errstate(over="ignore"):
        single = array.astype(np.float32)
    # Compared in the wider type, so that rounding in either direction shows.
    if native.kind == "f":
        same = np.array_equal(single.astype(native), array, equal_nan=True)
    else:
        same = bool((np.abs(single) < 2.0**63).all()) and np.array_equal(single.astype(native), array)
    if not same:
        raise ImageError(
            f"an ImagePlus of {name!r} ({native})",
            found="values that ImageJ's types (8, 16 and 32 bit) do not hold exactly",
            do="convert it first, for example with array.astype(numpy.float32), which rounds to 7 digits",
        )
    return single


def read_calibration(imp: JavaObject) -> Calibration:
    """Read pixel sizes, unit, origin and frame interval of an ImagePlus."""
    size = imp.getCalibration()
    return Calibration(
        x=float(size.pixelWidth),
        y=float(size.pixelHeight),
        z=float(size.pixelDepth),
        unit=str(size.getUnit()).strip() or "pixel",
        origin_x=float(size.xOrigin),
        origin_y=float(size.yOrigin),
        origin_z=float(size.zOrigin),
        frame_interval=float(size.frameInterval),
        time_unit=str(size.getTimeUnit()),
    )


def write_calibration(imp: JavaObject, calibration: Calibration) -> None:
    """Set pixel sizes, unit, origin and frame interval of an ImagePlus."""
    size = imp.getCalibration()
    size.pixelWidth, size.pixelHeight, size.pixelDepth = calibration.x, calibration.y, calibration.z
    size.setUnit(calibration.unit)
    size.xOrigin, size.yOrigin, size.zOrigin = calibration.origin_x, calibration.origin_y, calibration.origin_z
    size.frameInterval = calibration.frame_interval
    size.setTimeUnit(calibration.time_unit)
    imp.setCalibration(size)


def invert_lut(imp: JavaObject) -> None:
    """Show low values bright; the values stay."""
    processor = imp.getProcessor()
    processor.invertLut()
    if imp.getStackSize() > 1:
        imp.getStack().setColorModel(processor.getColorModel())


def _planes(image: Image) -> tuple[NDArray[Any], int | None]:
    """Give the pixels as TZCYX in a type of ImageJ's; RGB packed into int32."""
    if not image.is_rgb:
        return exact_for_imagej(image.tzcyx(), image.name), None
    array = image.tzcyx()
    if array.dtype == np.uint8 and array.shape[2] == 1 and array.shape[-1] in (3, 4):
        return _pack_rgb(array), _RGB
    if array.shape[2] != 1:
        raise ImageError(
            f"an ImagePlus of {image.name!r} ({image.axes})",
            found="RGB samples and several channels",
            do="give one or the other: ImageJ has no such image",
        )
    # Samples of more than 8 bits are channels in ImageJ ("48-bit RGB").
    return exact_for_imagej(to_order(array[:, :, 0], "TZYXC", "TZCYX"), image.name), None


def _pack_rgb(samples: NDArray[np.uint8]) -> NDArray[np.int32]:
    wide = samples[..., :3].astype(np.int32)
    packed: NDArray[np.int32] = (-1 << 24) | (wide[..., 0] << 16) | (wide[..., 1] << 8) | wide[..., 2]
    return packed


def _unpack_rgb(packed: NDArray[Any]) -> NDArray[np.uint8]:
    return np.stack([(packed >> shift) & 0xFF for shift in (16, 8, 0)], axis=-1).astype(np.uint8)


def _read_channel_names(stack: JavaObject, channels: int) -> tuple[str, ...]:
    """Read the names of the channels from the slice labels, or nothing when they do not tell them apart."""
    labels = [stack.getSliceLabel(channel + 1) for channel in range(channels)]
    return channel_names_of([None if label is None else str(label) for label in labels])


def path_of(imp: JavaObject) -> str | None:
    """Give the file that the image was opened from, when it was a file."""
    source = imp.getOriginalFileInfo()
    if source is None or source.fileName is None or str(source.url or ""):
        return None
    folder = str(source.directory or "")
    return folder + str(source.fileName) if folder else None
