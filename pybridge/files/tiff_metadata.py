"""What a TIFF says of pixel size, units, frame interval, channels and "Info", read as ImageJ reads it."""

from __future__ import annotations

import html
import re
from typing import Any

from pybridge.core.image import Calibration

_INCH, _CENTIMETRE = 2, 3


def calibration_of(tiff: Any) -> Calibration:
    """Read the calibration from ImageJ's description, OME metadata or the resolution tags.

    Parameters
    ----------
    tiff : tifffile.TiffFile
        The open file.

    Returns
    -------
    Calibration
        Sizes in the file's unit; 1 pixel when it says nothing.
    """
    if tiff.is_ome:
        return _ome_calibration(tiff)
    page = tiff.pages.first
    size_x, size_y = _size_of_pixel(page, "XResolution"), _size_of_pixel(page, "YResolution")
    if tiff.is_imagej:
        text = tiff.imagej_metadata or {}
        unit = unescape(str(text.get("unit", "")))
        calibrated = unit not in ("", "pixel")
        return Calibration(
            x=size_x if calibrated else 1.0,
            y=size_y if calibrated else 1.0,
            z=abs(float(text.get("spacing", 1) or 1)) if calibrated else 1.0,
            unit="µm" if unit == "um" else unit or "pixel",
            origin_x=float(text.get("xorigin", 0) or 0),
            origin_y=float(text.get("yorigin", 0) or 0),
            origin_z=float(text.get("zorigin", 0) or 0),
            frame_interval=float(text.get("finterval", 0) or 0),
            time_unit=unescape(str(text.get("tunit", "sec"))),
        )
    unit_tag = page.tags.get("ResolutionUnit")
    unit_value = int(unit_tag.value) if unit_tag is not None else 0
    if unit_value == _CENTIMETRE and size_x != 1.0:
        return Calibration(x=size_x, y=size_y, unit="cm")
    # ImageJ takes 72 dots an inch for "nobody set it".
    if unit_value == _INCH and size_x != 1.0 and abs(size_x - 1 / 72) > 1e-9:
        return Calibration(x=size_x, y=size_y, unit="inch")
    return Calibration()


def channel_names_of(tiff: Any, axes: str, shape: tuple[int, ...]) -> tuple[str, ...]:
    """Read the names of the channels, or nothing when they are not all named."""
    if "C" not in axes:
        return ()
    count = shape[axes.index("C")]
    if tiff.is_ome:
        found = re.findall(r'<Channel\b[^>]*?\bName="([^"]*)"', tiff.ome_metadata or "")
        names = [html.unescape(name) for name in found]
    else:
        # ImageJ keeps one label for each plane, channels running fastest.
        labels = (tiff.imagej_metadata or {}).get("Labels", []) if tiff.is_imagej else []
        names = [labels] if isinstance(labels, str) else list(labels)  # tifffile gives a single one bare
    named = len(names) >= count and all(names[:count]) and len(set(names[:count])) == count
    return tuple(names[:count]) if named else ()


def imagej_info_of(tiff: Any) -> str:
    """Read ImageJ's "Info" text."""
    return str((tiff.imagej_metadata or {}).get("Info", "")) if tiff.is_imagej else ""


def unescape(text: str) -> str:
    r"""Resolve the ``\u00B5`` escapes that ImageJ writes for letters beyond ASCII.

    Examples
    --------
    >>> unescape(r"\u00B5m")
    'µm'
    """
    return re.sub(r"\\u([0-9A-Fa-f]{4})", lambda found: chr(int(found.group(1), 16)), text)


def _size_of_pixel(page: Any, tag: str) -> float:
    value = page.tags.get(tag)
    if value is None:
        return 1.0
    numerator, denominator = value.value if isinstance(value.value, tuple) else (value.value, 1)
    return denominator / numerator if numerator else 1.0


def _ome_calibration(tiff: Any) -> Calibration:
    text = tiff.ome_metadata or ""
    pixels = re.search(r"<Pixels\b[^>]*>", text)
    said = dict(re.findall(r'\b(\w+)="([^"]*)"', pixels.group(0))) if pixels else {}
    if "PhysicalSizeX" not in said:
        return Calibration()
    size_x = float(said["PhysicalSizeX"])
    return Calibration(
        x=size_x,
        y=float(said.get("PhysicalSizeY", size_x)),
        z=float(said.get("PhysicalSizeZ", 1.0)),
        unit=html.unescape(said.get("PhysicalSizeXUnit", "µm")),  # the schema's default
        frame_interval=float(said.get("TimeIncrement", 0.0)),
        time_unit="sec" if said.get("TimeIncrementUnit", "s") == "s" else said["TimeIncrementUnit"],
    )
