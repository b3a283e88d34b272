"""What only the user knows of an experiment, read from a small YAML file. Imports core and files.

``facts_template`` writes the file, with everything known filled in.
"""

from __future__ import annotations

import dataclasses
import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pybridge.core.advice import WRITE_FACTS
from pybridge.core.errors import UsageError, did_you_mean
from pybridge.files.yaml_file import read_yaml

_UNPRINTABLE = re.compile("[^\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class SampleFacts:
    """The images that were analysed."""

    specimen: str = ""
    staining: str = ""
    origin: str = ""
    excluded: str = ""
    deposited: str = ""


@dataclass(frozen=True, slots=True)
class MicroscopeFacts:
    """How they were acquired."""

    name: str = ""
    objective: str = ""
    magnification: str = ""
    numerical_aperture: str = ""
    detector: str = ""
    illumination: str = ""
    exposure: str = ""
    pixel_size: str = ""


@dataclass(frozen=True, slots=True)
class ValidationFacts:
    """How the result was checked."""

    annotators: str = ""
    why_acceptable: str = ""


@dataclass(frozen=True, slots=True)
class TrainingFacts:
    """The images that the model learnt from, where its description does not say."""

    specimen: str = ""
    staining: str = ""
    microscope: str = ""
    objective: str = ""
    detector: str = ""
    exposure: str = ""
    pixel_size: str = ""
    annotators: str = ""
    deposited: str = ""


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """The model."""

    architecture: str = ""
    origin: str = ""
    deposited: str = ""
    limitations: str = ""
    compared: str = ""


@dataclass(frozen=True, slots=True)
class CodeFacts:
    """Scripts of one's own."""

    repository: str = ""
    version: str = ""


@dataclass(frozen=True, slots=True)
class UserFacts:
    """All parts; whatever is empty was not said."""

    sample: SampleFacts = field(default_factory=SampleFacts)
    microscope: MicroscopeFacts = field(default_factory=MicroscopeFacts)
    validation: ValidationFacts = field(default_factory=ValidationFacts)
    training: TrainingFacts = field(default_factory=TrainingFacts)
    model: ModelFacts = field(default_factory=ModelFacts)
    code: CodeFacts = field(default_factory=CodeFacts)


HELP = {
    "sample.specimen": "species, tissue or cell line, preparation",
    "sample.staining": "dye, antibody or fluorescent protein, and what it marks",
    "sample.origin": "where the images come from: your own, or a data set with its identifier",
    "sample.excluded": "which images were left out, and why; write 'none' if none were",
    "sample.deposited": "where the images can be had: BioImage Archive, Zenodo … with the identifier",
    "microscope.name": "maker and model",
    "microscope.objective": "type, correction, immersion",
    "microscope.magnification": "for example 40×",
    "microscope.numerical_aperture": "for example 1.3",
    "microscope.detector": "camera or detector, maker and model",
    "microscope.illumination": "lamp, LED or laser, wavelengths and filters",
    "microscope.exposure": "exposure time or dwell time",
    "microscope.pixel_size": "with its unit, for example 0.325 µm",
    "validation.annotators": "who drew the ground truth, how many people, with which tool and rule",
    "validation.why_acceptable": "why the scores are good enough for your question",
    "training.specimen": "of the training images",
    "training.staining": "of the training images",
    "training.microscope": "of the training images",
    "training.objective": "magnification and numerical aperture",
    "training.detector": "of the training images",
    "training.exposure": "exposure and illumination",
    "training.pixel_size": "with its unit",
    "training.annotators": "who annotated them and how",
    "training.deposited": "where the training images can be had",
    "model.architecture": "kind of network or algorithm, with the paper",
    "model.origin": "ready-made, fine-tuned (from which model) or trained from scratch",
    "model.deposited": "where the model can be had: bioimage.io, Zenodo … with the identifier",
    "model.limitations": "what you know or tested of its limits",
    "model.compared": "which simpler method you compared it with, and the outcome",
    "code.repository": "where your own scripts and macros can be had; write 'none' if you used none",
    "code.version": "release, commit or archive identifier of them",
}


def read_facts(path: Path) -> UserFacts:
    """Read the facts of a user.

    Parameters
    ----------
    path : Path
        A YAML file, as ``pybridge report --template`` writes it. Whatever is left empty counts as not said.

    Raises
    ------
    UsageError
        If it is no such file, or names something that there is not.
    """
    asked = f"read the facts in {str(path)!r}"
    do = WRITE_FACTS
    found = read_yaml(path, asked=asked, do=do)
    if found is None:
        return UserFacts()
    parts = {each.name: each.type for each in dataclasses.fields(UserFacts)}
    sections: dict[str, Any] = {}
    for name, values in _mapping(found, asked=asked, where="the file", do=do).items():
        if name not in parts:
            raise UsageError(asked, found=f"no part {name!r}", do=did_you_mean(name, parts))
        kind = _KINDS[name]
        known = [each.name for each in dataclasses.fields(kind)]
        said = {}
        for key, value in _mapping(values or {}, asked=asked, where=name, do=do).items():
            if key not in known:
                raise UsageError(asked, found=f"no {key!r} in {name!r}", do=did_you_mean(key, known))
            if isinstance(value, (dict, list)):
                raise UsageError(asked, found=f"{name}.{key} is a {type(value).__name__}, no text", do="write one text")
            said[key] = "" if value is None else " ".join(str(value).split())
        sections[name] = kind(**said)
    return UserFacts(**sections)


def facts_template(known: UserFacts, *, about: str, hints: dict[str, str] | None = None) -> str:
    """Write the file for a user, with what is known filled in.

    Parameters
    ----------
    known : UserFacts
        What is known already.
    about : str
        What the file is about, for its first line.
    hints : dict of str to str
        Further lines above a key such as ``sample.origin``.

    Examples
    --------
    >>> print(facts_template(UserFacts(), about="cells.tif").splitlines()[0])
    # Facts for the report of cells.tif: what only you know. Leave empty what you do not know or what does not apply.
    """
    lines = [
        f"# Facts for the report of {_printable(about)}: what only you know. "
        "Leave empty what you do not know or what does not apply.",
        "# What is filled in comes from the record, the model and the image files; correct it where it is wrong.",
        "# Then: pybridge report RECORD --facts THIS_FILE",
    ]
    for part in dataclasses.fields(UserFacts):
        lines += ["", f"{part.name}:"]
        values = getattr(known, part.name)
        for each in dataclasses.fields(values):
            name = f"{part.name}.{each.name}"
            lines.append(f"  # {HELP[name]}")
            if hints and hints.get(name):
                lines.append(f"  # known: {_printable(hints[name])}")
            # A JSON text is a YAML text, whatever is in it.
            lines.append(f"  {each.name}: {json.dumps(_printable(getattr(values, each.name)), ensure_ascii=False)}")
    return "\n".join(lines) + "\n"


_KINDS: dict[str, type[Any]] = {
    "sample": SampleFacts,
    "microscope": MicroscopeFacts,
    "validation": ValidationFacts,
    "training": TrainingFacts,
    "model": ModelFacts,
    "code": CodeFacts,
}


def _mapping(value: object, *, asked: str, where: str, do: str) -> dict[str, object]:
    if not isinstance(value, dict):
        raise UsageError(asked, found=f"{where} is a {type(value).__name__}, not names with values", do=do)
    return {str(key): each for key, each in value.items()}


def _printable(text: str) -> str:
    """Keep a text on one line of a YAML file: no line ends, no control characters."""
    return _UNPRINTABLE.sub(" ", " ".join(text.split()))
