"""Where the text of a run record lies in a file: JSON files, the "Info" of TIFFs, OME metadata, folders of runs.

Imports core and files; tifffile inside functions. Only the metadata of images is read.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pybridge.core.errors import UsageError, list_some
from pybridge.core.image import short_stem
from pybridge.files.ome_tiff import info_of
from pybridge.files.ome_zarr import is_zarr, read_attributes
from pybridge.files.read import as_file_error, is_tiff
from pybridge.files.tiff_metadata import imagej_info_of

MOST_BYTES = 1 << 28
"""A record of ten thousand images has some 10 MB; nothing larger than this is read as one."""
RUN_RECORD = "run-record"
IMAGE_RECORD = "-record.json"
_DEEPEST = 100
_RUN = re.compile(rf"{RUN_RECORD}(-\d+)?\.json")


@dataclass(frozen=True, slots=True)
class FoundRecord:
    """The text of a record.

    Parameters
    ----------
    content : dict
        The JSON object, as it stood there.
    path : Path
        The file.
    notes : tuple of str
        What the reader must know of the choice of this file.
    """

    content: dict[str, Any]
    path: Path
    notes: tuple[str, ...] = ()


def find_record(path: Path) -> FoundRecord:
    """Find the record that a user named by its file, by an image that carries it, or by the folder of a run.

    Raises
    ------
    UsageError
        If there is none, several that say nothing of each other, or it is damaged.
    ImageFileError
        If an image cannot be read.
    """
    asked = f"read the run record of {str(path)!r}"
    if is_zarr(path):
        return FoundRecord(_of_zarr(path, asked=asked), path)
    if path.is_dir():
        return _in_folder(path, asked=asked)
    if not path.is_file():
        raise UsageError(asked, found="no such file or folder", do="check the path")
    if path.suffix.lower() == ".json":
        return FoundRecord(load_object(_text_of(path, asked=asked), asked=asked), path)
    if is_tiff(path):
        return FoundRecord(_of_tiff(path, asked=asked), path)
    raise UsageError(asked, found=f"a {path.suffix or 'nameless'} file, which holds none", do=_advice(path))


def load_object(text: str, *, asked: str) -> dict[str, Any]:
    """Understand the text of a JSON object that anybody may have written.

    Raises
    ------
    UsageError
        If it is damaged, or no object.

    Examples
    --------
    >>> load_object('{"schema": "pybridge-run/1"}', asked="read it")
    {'schema': 'pybridge-run/1'}
    """
    try:
        return _checked(json.loads(text, parse_constant=_no_json))
    except RecursionError:
        raise _damaged(asked, "JSON that is nested too deeply for a record") from None
    except ValueError as error:
        raise _damaged(asked, f"damaged JSON ({str(error)[:200]})") from None


def _damaged(asked: str, found: str) -> UsageError:
    do = "give the record as PyBridge wrote it; another copy of it may be in the result image"
    return UsageError(asked, found=found, do=do)


def _no_json(name: str) -> object:
    raise ValueError(f"{name} is no JSON")


def _checked(found: object) -> dict[str, Any]:
    if not isinstance(found, dict):
        raise ValueError(f"a {type(found).__name__} and no object")
    return {_text_only(key): _text_only(each) for key, each in found.items()}


def _text_only(value: Any, *, depth: int = 1) -> Any:
    """Replace halves of letters (lone surrogates), which no file and no page can hold."""
    if depth > _DEEPEST:
        raise RecursionError
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, list):
        return [_text_only(each, depth=depth + 1) for each in value]
    if isinstance(value, dict):
        return {_text_only(key): _text_only(each, depth=depth + 1) for key, each in value.items()}
    return value


def _text_of(path: Path, *, asked: str) -> str:
    size = path.stat().st_size
    if size > MOST_BYTES:
        raise UsageError(asked, found=f"{size} bytes, too many for a record", do="check that this is the right file")
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UsageError(asked, found="no UTF-8 text", do="give the record as PyBridge wrote it") from None


def _of_tiff(path: Path, *, asked: str) -> dict[str, Any]:
    import tifffile

    with as_file_error(path), tifffile.TiffFile(path) as tiff:
        info = info_of(tiff.ome_metadata or "") if tiff.is_ome else imagej_info_of(tiff)
    content = record_in_text(info)
    if content is None:
        raise UsageError(asked, found="the image carries none", do=_advice(path))
    return content


def _of_zarr(path: Path, *, asked: str) -> dict[str, Any]:
    with as_file_error(path):
        ours = read_attributes(path).get("pybridge")
    content = ours.get("record") if isinstance(ours, dict) else None
    if not isinstance(content, dict):
        raise UsageError(asked, found="the image carries none", do=_advice(path))
    try:
        return _checked(content)
    except RecursionError:
        raise _damaged(asked, "JSON that is nested too deeply for a record") from None


def record_in_text(info: str) -> dict[str, Any] | None:
    """Find a record in a text; programs that open an image put lines of their own around its "Info".

    Examples
    --------
    >>> record_in_text('Title: a.tif {"schema": "pybridge-run/1"}')
    {'schema': 'pybridge-run/1'}
    """
    decoder = json.JSONDecoder()
    for begin in re.finditer(r"\{\s*\"schema\"", info):
        try:
            return _checked(decoder.raw_decode(info, begin.start())[0])
        except (ValueError, RecursionError):
            continue
    return None


def _in_folder(folder: Path, *, asked: str) -> FoundRecord:
    """Choose the newest record of a run over files, or else the one record of an image."""
    runs = sorted(file for file in folder.iterdir() if _RUN.fullmatch(file.name))
    images = image_records(folder)
    if not runs and len(images) != 1:
        names = list_some([file.name for file in images])
        raise UsageError(
            asked,
            found=f"no {RUN_RECORD}.json in this folder" + (f", but {names}" if images else ""),
            do="name one of these" if images else "name the folder that a run wrote to, or a result image of it",
        )
    if not runs:
        return FoundRecord(load_object(_text_of(images[0], asked=asked), asked=asked), images[0])
    found = [FoundRecord(load_object(_text_of(run, asked=asked), asked=asked), run) for run in runs]
    newest = max(found, key=lambda each: (str(each.content.get("started", "")), each.path.stat().st_mtime_ns))
    if len(found) == 1:
        return newest
    note = f"the folder holds {len(found)} run records; this is the newest, {newest.path.name!r}"
    return FoundRecord(newest.content, newest.path, (note,))


def image_records(folder: Path) -> tuple[Path, ...]:
    """List the records of single images in a folder, ``<stem>-record.json``."""
    found = (file for file in folder.iterdir() if file.name.endswith(IMAGE_RECORD) and not _RUN.fullmatch(file.name))
    return tuple(sorted(found))


def _advice(path: Path) -> str:
    stem = short_stem(path.name)
    for beside in (path.with_name(f"{stem}{IMAGE_RECORD}"), path.with_name(f"{stem.rpartition('-')[0]}{IMAGE_RECORD}")):
        if beside.is_file():
            return f"give {str(beside)!r}, which lies beside it"
    return "give the record's .json, the run's folder, or a label image as PyBridge wrote it"
