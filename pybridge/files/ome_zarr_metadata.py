"""The metadata of OME-Zarr: scales, units and channel names, in both directions. Imports core; never zarr."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from pybridge.core.image import Calibration
from pybridge.core.store import ImageForm

_VERSION = "0.4"
_UNITS = {"micrometer": "µm", "nanometer": "nm", "millimeter": "mm", "angstrom": "Å", "centimeter": "cm", "meter": "m"}
_TIMES = {"second": "sec", "millisecond": "msec", "minute": "min", "hour": "hour"}


def read_scales(scales: Mapping[str, Any], names: list[str]) -> tuple[dict[str, float], dict[str, float]]:
    """Bring the scales and translations of the full resolution and of the whole image together, by axis."""
    scale, shift = np.ones(len(names)), np.zeros(len(names))
    of_image = scales.get("coordinateTransformations", [])
    for each in [*scales["datasets"][0].get("coordinateTransformations", []), *of_image]:
        if "scale" in each:
            scale, shift = scale * each["scale"], shift * each["scale"]
        if "translation" in each:
            shift = shift + each["translation"]
    return dict(zip(names, scale.tolist(), strict=True)), dict(zip(names, shift.tolist(), strict=True))


def scales_to_calibration(scale: dict[str, float], shift: dict[str, float], units: dict[str, str]) -> Calibration:
    """Turn scales, translations and units, by axis, into a calibration."""
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


def omero_to_channel_names(omero: Mapping[str, Any], count: int) -> tuple[str, ...]:
    """Read the names of the channels; none unless each has one of its own."""
    names = tuple(str(channel.get("label", "")) for channel in omero.get("channels", ()))
    return names if len(names) == count and all(names) and len(set(names)) == count else ()


def form_to_attributes(form: ImageForm, info: str) -> dict[str, Any]:
    """Give the attributes of an image's group; ``info`` is a JSON text (the run record), kept under ``pybridge``."""
    size, axes = form.calibration, form.axes
    steps = {"T": size.frame_interval or 1.0, "C": 1.0, "Z": size.z, "Y": size.y, "X": size.x}
    origins = {"Z": size.origin_z, "Y": size.origin_y, "X": size.origin_x}
    names = form.channel_names
    transformations: list[dict[str, Any]] = [{"type": "scale", "scale": [steps[axis] for axis in axes]}]
    if any(origins.values()):
        shift = [0.0 - origins.get(axis, 0.0) * steps[axis] for axis in axes]
        transformations.append({"type": "translation", "translation": shift})
    return {
        "multiscales": [
            {
                "version": _VERSION,
                "name": form.name,
                "axes": [_axis(letter, size) for letter in axes],
                "datasets": [{"path": "0", "coordinateTransformations": transformations}],
            }
        ],
        "pybridge": {"record": json.loads(info)},
    } | ({"omero": {"channels": [{"label": label} for label in names]}} if names else {})


def _axis(letter: str, size: Calibration) -> dict[str, str]:
    kind = {"T": "time", "C": "channel"}.get(letter, "space")
    known = {short: long for long, short in (_TIMES if letter == "T" else _UNITS).items()}
    unit = known.get(size.time_unit if letter == "T" else size.unit) if letter != "C" else None
    unit = None if letter == "T" and not size.frame_interval else unit
    return {"name": letter.lower(), "type": kind} | ({"unit": unit} if unit else {})
