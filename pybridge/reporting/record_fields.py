"""What a run record looks like when it is read back: the same fields as ``pybridge.core.record``, as pydantic models.

Nothing is required, so that records of older and newer schemas can be read; fields that are not known are kept.
Imports pydantic and core.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, StrictFloat, StrictInt, StrictStr

from pybridge.core.record import SCHEMA


class StoredPart(BaseModel):
    """A part of a record."""

    model_config = ConfigDict(extra="allow", frozen=True)


class StoredModel(StoredPart):
    """Which model ran."""

    id: StrictStr = ""
    version: StrictStr = ""
    sha256: StrictStr = ""
    license: StrictStr = ""
    cite: tuple[StrictStr, ...] = ()
    source: StrictStr = ""


class StoredInput(StoredPart):
    """One input image."""

    name: StrictStr = ""
    path: StrictStr | None = None
    sha256_pixels: StrictStr = ""
    sha256_file: StrictStr | None = None
    axes: StrictStr = ""
    shape: tuple[StrictInt, ...] = ()
    dtype: StrictStr = ""
    pixel_size: tuple[StrictFloat | None, ...] = ()
    unit: StrictStr = ""
    role: StrictStr = ""

    @property
    def is_table(self) -> bool:
        """Whether it is a table of classes, which has rows and no pixels."""
        return self.dtype == "table"


class StoredOutput(StoredPart):
    """One output; ``sha256_pixels`` is empty for tables."""

    role: StrictStr = ""
    name: StrictStr = ""
    sha256_pixels: StrictStr = ""


class StoredDevice(StoredPart):
    """The device asked for and the one that really ran."""

    asked: StrictStr = ""
    used: StrictStr = ""
    provider: StrictStr = ""
    name: StrictStr = ""
    driver: StrictStr = ""


class StoredTiming(StoredPart):
    """Wall seconds."""

    load: StrictFloat = 0.0
    read: StrictFloat = 0.0
    prepare: StrictFloat = 0.0
    network: StrictFloat = 0.0
    decode: StrictFloat = 0.0
    table: StrictFloat = 0.0
    write: StrictFloat = 0.0
    total: StrictFloat = 0.0


class StoredRecord(StoredPart):
    """A run record that was read from a file.

    The fields are those of ``pybridge.core.record.RunRecord``; a field that the file lacks has its empty value, and
    ``problems`` names it. All text in it comes from outside: escape it before it is shown.
    """

    schema_name: StrictStr = Field("", alias="schema")
    id: StrictStr = ""
    command: StrictStr = ""
    parameters: dict[str, Any] = Field(default_factory=dict)
    started: StrictStr = ""
    model: StoredModel | None = None
    inputs: tuple[StoredInput, ...] = ()
    outputs: tuple[StoredOutput, ...] = ()
    device: StoredDevice | None = None
    versions: dict[str, StrictStr] = Field(default_factory=dict)
    timing_s: StoredTiming = StoredTiming()
    scores: dict[str, Any] | None = None
    warnings: tuple[StrictStr, ...] = ()
    record_sha256: StrictStr = ""

    _problems: tuple[str, ...] = PrivateAttr(())
    _path: Path = PrivateAttr(Path())
    _was_edited: bool = PrivateAttr(False)

    @property
    def problems(self) -> tuple[str, ...]:
        """What a reader must know of the record itself, one sentence each: edited, another schema, fields missing."""
        return self._problems

    @property
    def path(self) -> Path:
        """The file that it was read from: a JSON file, or the image that carries it."""
        return self._path

    @property
    def was_edited(self) -> bool:
        """Whether its hash does not fit its content."""
        return self._was_edited

    @property
    def images(self) -> tuple[StoredInput, ...]:
        """The inputs that are the images themselves, without truths and the like."""
        return self.inputs_as("image")

    @property
    def truths(self) -> tuple[StoredInput, ...]:
        """The inputs that are ground truth, in the order of the images, or none."""
        return self.inputs_as("truth")

    @property
    def subjects(self) -> tuple[StoredInput, ...]:
        """What the run was about: the images, or of an evaluation the results that were scored."""
        return self.images or self.inputs_as("result")

    def inputs_as(self, role: str) -> tuple[StoredInput, ...]:
        """List the inputs of one role, such as ``result`` or ``raw``."""
        return tuple(used for used, each in zip(self.inputs, self.roles, strict=True) if each == role)

    @property
    def roles(self) -> tuple[str, ...]:
        """The role of each input. Records of the first days do not say it: with scores, each image is followed by its
        truth.
        """
        pairs = self.scores is not None and len(self.inputs) % 2 == 0
        return tuple(
            used.role or ("truth" if pairs and number % 2 else "image") for number, used in enumerate(self.inputs)
        )


def missing_fields(part: StoredPart, *, inside: str = "") -> Iterator[str]:
    """Name the fields that a record lacks, each once: ``device.driver``, ``inputs[].axes``."""
    names = type(part).model_fields
    for name, field in names.items():
        if name not in part.model_fields_set:
            yield f"{inside}{field.alias or name}"
            continue
        for each, where in _parts(getattr(part, name), f"{inside}{name}"):
            yield from missing_fields(each, inside=where)


def unknown_fields(part: StoredPart, *, inside: str = "") -> Iterator[str]:
    """Name the fields that a record has and this PyBridge does not know."""
    yield from (f"{inside}{name}" for name in part.model_extra or {})
    for name in type(part).model_fields:
        for each, where in _parts(getattr(part, name), f"{inside}{name}"):
            yield from unknown_fields(each, inside=where)


def _parts(value: object, where: str) -> Iterator[tuple[StoredPart, str]]:
    if isinstance(value, StoredPart):
        yield value, f"{where}."
    elif isinstance(value, tuple):
        yield from ((each, f"{where}[].") for each in value if isinstance(each, StoredPart))


def record_schema() -> dict[str, Any]:
    """Give the JSON Schema of the records that this PyBridge writes; ``run_record.schema.json`` holds it.

    Examples
    --------
    >>> record_schema()["properties"]["schema"]["const"]
    'pybridge-run/1'
    """
    schema = StoredRecord.model_json_schema(by_alias=True)
    for part in (schema, *schema["$defs"].values()):
        # What we write is whole; that nothing is required holds for reading alone.
        part["required"] = list(part["properties"])
        for described in part["properties"].values():
            described.pop("default", None)
    schema["properties"]["schema"] = {"const": SCHEMA, "title": "Schema", "type": "string"}
    schema["title"], schema["description"] = "PyBridge run record", "What was done, with what, on which device."
    return {"$schema": "https://json-schema.org/draft/2020-12/schema"} | schema
