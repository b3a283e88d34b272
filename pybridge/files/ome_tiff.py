"""OME-TIFF: what its XML says of an image, and the text (the run record) that an image carries in it.

Imports core; tifffile inside functions.
"""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import Any

from pybridge.core.errors import UsageError
from pybridge.core.image import Calibration

SUFFIXES = (".ome.tif", ".ome.tiff")
_NAMESPACE = "pybridge-run"
_LATER = "PYBRIDGE-RECORD-COMES-LATER"
_ANNOTATION = re.compile(
    rf'<(?:\w+:)?CommentAnnotation\b[^>]*\bNamespace="{_NAMESPACE}"[^>]*>.*?<(?:\w+:)?Value>(.*?)</(?:\w+:)?Value>',
    re.S,
)
# Our words for a unit, and OME's, where they differ; and the lengths of OME that are the same.
_UNITS = {"inch": "in", "micron": "µm", "microns": "µm", "um": "µm", "sec": "s", "seconds": "s", "msec": "ms"}
_LENGTHS = {"µm", "nm", "mm", "cm", "m", "km", "pm", "Å", "in", "ft", "pixel"}
_TIMES = {"s", "ms", "µs", "ns", "min", "h", "d"}


def is_ome_tiff(path: Path) -> bool:
    """Tell by its name whether a file is to be an OME-TIFF."""
    return path.name.lower().endswith(SUFFIXES)


def ome_metadata(
    size: Calibration, *, name: str, axes: str, channel_names: tuple[str, ...] = (), info: str = _LATER
) -> dict[str, Any]:
    """Give what tifffile writes into the XML; the keys are OME's. The origin of the coordinates has no place there.

    Parameters
    ----------
    size : Calibration
        Pixel sizes and frame interval.
    name : str
        Title of the image.
    axes : str
        Letters of the array that is written.
    channel_names : tuple of str
        One for each channel, or empty.
    info : str
        Text that the image carries; by default a place for it is kept, for ``put_info``.

    Raises
    ------
    UsageError
        If OME does not have the unit.
    """
    metadata: dict[str, Any] = {"axes": axes, "Name": name}
    if size.unit != "pixel":
        unit = _known(size.unit, _LENGTHS)
        for letter, length in (("X", size.x), ("Y", size.y), ("Z", size.z)):
            metadata |= {f"PhysicalSize{letter}": length, f"PhysicalSize{letter}Unit": unit}
    if size.frame_interval:
        metadata |= {"TimeIncrement": size.frame_interval, "TimeIncrementUnit": _known(size.time_unit, _TIMES)}
    if channel_names:
        metadata["Channel"] = {"Name": list(channel_names)}
    if info:
        metadata["CommentAnnotation"] = {"Namespace": _NAMESPACE, "Value": info}
    return metadata


def info_of(xml: str) -> str:
    """Read the text that an image carries; empty when there is none.

    Examples
    --------
    >>> info_of('<CommentAnnotation Namespace="pybridge-run"><Value>{&quot;a&quot;: 1}</Value></CommentAnnotation>')
    '{"a": 1}'
    """
    found = _ANNOTATION.search(xml)
    return html.unescape(found.group(1)) if found else ""


def put_info(path: Path, info: str) -> None:
    """Put the text that an image carries into a file that kept a place for it."""
    import tifffile

    with tifffile.TiffFile(path, mode="r+") as tiff:
        xml = (tiff.ome_metadata or "").replace(_LATER, html.escape(info))
        tiff.pages.first.tags["ImageDescription"].overwrite(xml.encode() + b"\0")


def _known(unit: str, units: set[str]) -> str:
    named = _UNITS.get(unit, unit)
    if named not in units:
        raise UsageError(
            "write an OME-TIFF",
            found=f"the unit {unit!r}, which OME does not have",
            do="write an ImageJ TIFF: a name that ends in .tif alone",
        )
    return named
