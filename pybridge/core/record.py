"""The run record: what was done, with what, on which device, how long it took. Schema ``pybridge-run/1``.

A number never travels alone: every result carries one of these. The classes are plain frozen dataclasses; the JSON
that INTERFACE names is made by ``RunRecord.to_json``.
"""

from __future__ import annotations

import dataclasses
import datetime
import hashlib
import json
import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from pybridge.core.image import Image

SCHEMA = "pybridge-run/1"


@dataclass(frozen=True, slots=True)
class ModelUsed:
    """Which model ran. ``sha256`` covers the weights file and every file it names."""

    id: str
    version: str
    sha256: str
    license: str
    cite: tuple[str, ...]
    source: str


@dataclass(frozen=True, slots=True)
class InputUsed:
    """One input image."""

    name: str
    path: str | None
    sha256_pixels: str
    sha256_file: str | None
    axes: str
    shape: tuple[int, ...]
    dtype: str
    pixel_size: tuple[float, float, float]
    """Size of a pixel along z, y, x in ``unit``."""
    unit: str
    role: str = "image"
    """What it was to the command: ``image``, ``truth``, ``result`` …"""


@dataclass(frozen=True, slots=True)
class OutputMade:
    """One output; ``sha256_pixels`` is empty for tables."""

    role: str
    name: str
    sha256_pixels: str


@dataclass(frozen=True, slots=True)
class DeviceUsed:
    """The device asked for and the one that really ran, read back from the session and probed."""

    asked: str
    used: str
    provider: str
    name: str
    driver: str


@dataclass(frozen=True, slots=True)
class Timing:
    """Wall seconds of one command; ``network`` is the union of the intervals inside ``session.run``."""

    load: float = 0.0
    read: float = 0.0
    prepare: float = 0.0
    network: float = 0.0
    decode: float = 0.0
    table: float = 0.0
    write: float = 0.0
    total: float = 0.0


@dataclass(frozen=True, slots=True)
class RunRecord:
    """Everything that is needed to say what was done, and to do it again.

    ``parameters``, ``versions`` and ``scores`` are mappings because their keys are data (names of parameters, packages
    and metrics), written out as they are.
    """

    id: str
    command: str
    parameters: dict[str, Any]
    started: str
    model: ModelUsed | None = None
    inputs: tuple[InputUsed, ...] = ()
    outputs: tuple[OutputMade, ...] = ()
    device: DeviceUsed | None = None
    versions: dict[str, str] = field(default_factory=dict)
    timing_s: Timing = field(default_factory=Timing)
    scores: dict[str, Any] | None = None
    warnings: tuple[str, ...] = ()

    def with_outputs(self, *outputs: OutputMade) -> RunRecord:
        """Return a copy that lists further outputs."""
        return dataclasses.replace(self, outputs=self.outputs + outputs)

    def with_warnings(self, *warnings: str) -> RunRecord:
        """Return a copy with further warnings, each once."""
        return dataclasses.replace(self, warnings=tuple(dict.fromkeys(self.warnings + warnings)))

    def to_json(self) -> str:
        """Write the record as JSON with ``schema`` first and ``record_sha256`` last."""
        return record_to_json(SCHEMA, dataclasses.asdict(self))


def record_to_json(schema: str, fields: dict[str, Any]) -> str:
    """Write the fields of a record as JSON with ``schema`` first and ``record_sha256`` last.

    The hash covers the canonical JSON (sorted keys, no spaces) of all other fields: it shows edits, it is no
    signature.

    Examples
    --------
    >>> record_to_json("a/1", {"value": float("nan")}).splitlines()[1:3]
    ['  "schema": "a/1",', '  "value": null,']
    """
    content = {"schema": schema} | _plain(fields)
    return json.dumps(content | {"record_sha256": record_sha256(content)}, indent=2, ensure_ascii=False) + "\n"


def record_sha256(content: dict[str, Any]) -> str:
    """Hash the canonical JSON of a record's content, ``record_sha256`` itself left out."""
    rest = {key: value for key, value in content.items() if key != "record_sha256"}
    canonical = json.dumps(rest, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode("utf-8", "backslashreplace")).hexdigest()


def input_used(image: Image, *, role: str = "image") -> InputUsed:
    """Describe an input image for the record, and what it was to the command."""
    size = image.calibration
    return InputUsed(
        name=image.name,
        path=image.path,
        sha256_pixels=image.sha256_pixels(),
        sha256_file=image.sha256_file,
        axes=image.axes,
        shape=image.array.shape,
        dtype=str(image.array.dtype),
        pixel_size=(size.z, size.y, size.x),
        unit=size.unit,
        role=role,
    )


def now() -> str:
    """Give the present time, in UTC, to the second, as ISO 8601."""
    return datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")


class Stopwatch:
    """Collects the wall seconds of the parts of one command.

    Examples
    --------
    >>> watch = Stopwatch()
    >>> with watch.part("decode"):
    ...     pass
    >>> watch.timing().decode >= 0
    True
    """

    def __init__(self) -> None:
        self._start = time.perf_counter()
        self._parts: dict[str, float] = {}

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        """Add the time of the block to a part named as in ``Timing``."""
        begun = time.perf_counter()
        try:
            yield
        finally:
            self.add(name, time.perf_counter() - begun)

    def add(self, name: str, seconds: float) -> None:
        """Add seconds that were measured elsewhere."""
        self._parts[name] = self._parts.get(name, 0.0) + seconds

    def timing(self) -> Timing:
        """Give the parts so far and the total since the watch was made, rounded to microseconds."""
        rounded = {name: round(seconds, 6) for name, seconds in self._parts.items()}
        return Timing(**rounded, total=round(time.perf_counter() - self._start, 6))


def _plain(value: Any) -> Any:
    """Turn tuples into lists, numbers that JSON lacks (NaN, infinity) into null, and letters that no file holds into
    escapes: names of files need not be text.
    """
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, dict):
        return {_plain(str(key)): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
