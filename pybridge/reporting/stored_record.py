"""Reading a run record back, wherever it is kept, and saying what is wrong with it.

A record of an older or newer schema is read as far as it can be: unknown fields are kept, missing ones have their
empty value, and ``problems`` names them. Imports pydantic, core and files.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from pybridge.core.errors import UsageError, list_some
from pybridge.core.record import SCHEMA, record_sha256
from pybridge.reporting.record_fields import (
    StoredDevice,
    StoredInput,
    StoredModel,
    StoredOutput,
    StoredRecord,
    StoredTiming,
    missing_fields,
    record_schema,
    unknown_fields,
)
from pybridge.reporting.record_text import find_record, image_records

__all__ = [
    "StoredDevice",
    "StoredInput",
    "StoredModel",
    "StoredOutput",
    "StoredRecord",
    "StoredTiming",
    "image_records",
    "parse_record",
    "read_record",
    "record_schema",
]

_FAMILY, _, _NUMBER = SCHEMA.partition("/")


def read_record(path: str | os.PathLike[str]) -> StoredRecord:
    """Read the run record of a result.

    Parameters
    ----------
    path : path-like
        A record's ``.json``; a label or other result image that carries its record (ImageJ TIFF, OME-TIFF, OME-Zarr);
        or the folder of a run, whose newest run record is taken.

    Returns
    -------
    StoredRecord
        With ``problems``: what a reader must know of the record itself.

    Raises
    ------
    UsageError
        If there is no record, or it is damaged.

    Examples
    --------
    >>> import tempfile
    >>> from pybridge.core.record import RunRecord, now
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder, "a-record.json")
    ...     _ = file.write_text(RunRecord("1", "PyBridge Segment", {"model": "m"}, now()).to_json())
    ...     record = read_record(file)
    >>> record.parameters, record.problems
    ({'model': 'm'}, ())
    """
    found = find_record(Path(path))
    return parse_record(found.content, path=found.path, notes=found.notes)


def parse_record(content: dict[str, Any], *, path: Path, notes: tuple[str, ...] = ()) -> StoredRecord:
    """Make a record of a JSON object.

    Parameters
    ----------
    content : dict
        The object, ``schema`` and ``record_sha256`` among its fields.
    path : Path
        Where it was read.
    notes : tuple of str
        What is known to be wrong already.

    Raises
    ------
    UsageError
        If it is no run record.
    """
    asked = f"read the run record of {str(path)!r}"
    schema = content.get("schema")
    if not isinstance(schema, str) or not re.fullmatch(rf"{_FAMILY}/\d{{1,9}}", schema):
        raise UsageError(
            asked,
            found=f"JSON of the schema {schema!r}" if schema is not None else "JSON without a schema",
            do=f"give a record whose schema is {SCHEMA!r}",
        )
    record, unread = _validated(content)
    problems = [*notes, *_problems(record, unread, content)]
    record._path = path
    record._was_edited = record.record_sha256 != record_sha256(content)
    record._problems = tuple(problems)
    return record


def _validated(content: dict[str, Any]) -> tuple[StoredRecord, dict[str, str]]:
    """Read the fields that are as they should be; name the others, with the reason."""
    unread: dict[str, str] = {}
    while True:
        try:
            return StoredRecord.model_validate({k: v for k, v in content.items() if k not in unread}), unread
        except ValidationError as error:
            for each in error.errors():
                where = ".".join(map(str, each["loc"]))
                unread.setdefault(str(each["loc"][0]), f"{where}: {each['msg']}")


def _problems(record: StoredRecord, unread: dict[str, str], content: dict[str, Any]) -> list[str]:
    problems = []
    if not record.record_sha256:
        problems.append("the record has no hash of itself, so that nothing shows whether it was edited")
    elif record.record_sha256 != record_sha256(content):
        problems.append("the hash of the record does not fit its content: it was edited after PyBridge wrote it")
    number = int(record.schema_name.partition("/")[2])
    age = "newer than" if number > int(_NUMBER) else "older than" if number < int(_NUMBER) else ""
    if age:
        problems.append(f"its schema {record.schema_name!r} is {age} {SCHEMA!r}, which this PyBridge writes")
    missing = [name for name in dict.fromkeys(missing_fields(record)) if name not in unread]
    if missing:
        problems.append(f"fields of {SCHEMA!r} that it lacks: {list_some(missing, most=20)}")
    unknown = [repr(name) for name in dict.fromkeys(unknown_fields(record))]
    if unknown:
        problems.append(f"fields that {SCHEMA!r} does not have, kept as they are: {list_some(unknown, most=20)}")
    if unread:
        problems.append(f"fields that could not be understood and were left out: {list_some([*unread.values()])}")
    return problems
