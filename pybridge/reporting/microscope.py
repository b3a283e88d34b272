"""What an image file says of the microscope: OME metadata. tifffile inside functions.

Nothing is guessed: what the file does not name stays empty.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_LONGEST = 1 << 26


@dataclass(frozen=True, slots=True)
class Microscope:
    """How an image was acquired, each part as text for people; empty when it is not known."""

    name: str = ""
    objective: str = ""
    magnification: str = ""
    numerical_aperture: str = ""
    detector: str = ""
    illumination: str = ""
    exposure: str = ""
    channels: str = ""
    acquired: str = ""


def read_microscope(path: Path) -> Microscope:
    """Read the OME metadata of a TIFF; of other files, and where it is damaged, nothing is known.

    Parameters
    ----------
    path : Path
        The image file.
    """
    import tifffile

    if path.suffix.lower() not in (".tif", ".tiff"):
        return Microscope()
    with contextlib.suppress(OSError, ValueError, tifffile.TiffFileError), tifffile.TiffFile(path) as tiff:
        return parse_ome(tiff.ome_metadata or "") if tiff.is_ome else Microscope()
    return Microscope()


def parse_ome(text: str) -> Microscope:
    """Read the acquisition out of OME-XML.

    Examples
    --------
    >>> found = parse_ome('<OME><Objective NominalMagnification="40" LensNA="1.3"/></OME>')
    >>> found.magnification, found.numerical_aperture
    ('40×', '1.3')
    """
    from xml.etree import ElementTree

    # OME-XML has no document type; one may only be there to do harm.
    if not text or len(text) > _LONGEST or "<!DOCTYPE" in text or "<!ENTITY" in text:
        return Microscope()
    try:
        root = ElementTree.fromstring(text)
    except (ElementTree.ParseError, ValueError):
        return Microscope()
    objective = _first(root, "Objective")
    image = _first(root, "Image")
    magnification = objective.get("NominalMagnification") or objective.get("CalibratedMagnification") or ""
    immersion = objective.get("Immersion", "")
    lights = [each for kind in ("Laser", "LightEmittingDiode", "Arc", "Filament") for each in _all(root, kind)]
    return Microscope(
        name=_made_by(_first(root, "Microscope")),
        objective=", ".join(each for each in (_made_by(objective), objective.get("Correction", ""), immersion) if each),
        magnification=f"{magnification.removesuffix('.0')}×" if magnification else "",
        numerical_aperture=objective.get("LensNA", ""),
        detector="; ".join(dict.fromkeys(_made_by(each) for each in _all(root, "Detector") if _made_by(each))),
        illumination="; ".join(dict.fromkeys(_light(each) for each in lights if _light(each))),
        exposure=_exposures(_all(image, "Plane")),
        channels="; ".join(_channel(each) for each in _all(image, "Channel") if _channel(each)),
        acquired=next((each.text or "" for each in _all(image, "AcquisitionDate")), ""),
    )


def _all(root: Element, name: str) -> list[Element]:
    return [each for each in root.iter() if isinstance(each.tag, str) and each.tag.rpartition("}")[2] == name]


def _first(root: Element, name: str) -> Element:
    from xml.etree.ElementTree import Element as Empty

    return next(iter(_all(root, name)), Empty(name))


def _made_by(part: Element) -> str:
    return " ".join(part.get(key, "") for key in ("Manufacturer", "Model", "Type") if part.get(key))


def _light(part: Element) -> str:
    wavelength = part.get("Wavelength")
    made = _made_by(part) or part.tag.rpartition("}")[2]
    return f"{made} {wavelength} {part.get('WavelengthUnit', 'nm')}" if wavelength else _made_by(part)


def _channel(part: Element) -> str:
    said = [part.get("Name", ""), part.get("Fluor", ""), part.get("AcquisitionMode", "")]
    for key, word in (("ExcitationWavelength", "excitation"), ("EmissionWavelength", "emission")):
        if part.get(key):
            said.append(f"{word} {part.get(key)} {part.get(key + 'Unit', 'nm')}")
    return ", ".join(dict.fromkeys(each for each in said if each))


def _exposures(planes: list[Element]) -> str:
    """List the exposure times that occur, at most four."""
    times = [
        f"{each.get('ExposureTime')} {each.get('ExposureTimeUnit', 's')}" for each in planes if each.get("ExposureTime")
    ]
    different = list(dict.fromkeys(times))
    return ", ".join(different[:4]) + (" and others" if len(different) > 4 else "")
