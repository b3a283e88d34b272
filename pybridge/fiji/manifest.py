"""What was put into a Fiji: ``config/pybridge/installed.json``, with the SHA-256 of each file."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from pybridge import __version__
from pybridge.core.errors import UsageError
from pybridge.fiji.folder import FijiFolder

PLACE = "config/pybridge/installed.json"
_SCHEMA = "pybridge-installed/1"


@dataclass(frozen=True, slots=True)
class Manifest:
    """The files of an installation.

    Parameters
    ----------
    version : str
        The PyBridge that installed them.
    files : dict of str to tuple of str
        By the path below the Fiji's folder, the hashes that they may have; two while an installation is under way.
    folders : tuple of str
        The folders that were made for them.
    finished : bool
        Whether the installation came to its end.
    """

    version: str = __version__
    files: dict[str, tuple[str, ...]] = field(default_factory=dict)
    folders: tuple[str, ...] = ()
    finished: bool = True

    def is_ours(self, path: str, content: bytes) -> bool:
        """Say whether a file is as it was put there."""
        return sha256(content) in self.files.get(path, ())

    def to_json(self) -> str:
        """Write it as JSON."""
        written = {
            "schema": _SCHEMA,
            "pybridge": self.version,
            "finished": self.finished,
            "folders": list(self.folders),
            "files": {path: list(self.files[path]) for path in sorted(self.files)},
        }
        return json.dumps(written, indent=1, ensure_ascii=False) + "\n"


class _Written(BaseModel):
    """The file's form: it lies where everybody can edit it."""

    model_config = ConfigDict(extra="ignore")

    schema_: str
    pybridge: str
    finished: bool
    folders: tuple[str, ...]
    files: dict[str, tuple[str, ...]]


def read_manifest(fiji: FijiFolder, *, asked: str) -> Manifest | None:
    """Read what was installed; None when nothing was.

    Raises
    ------
    UsageError
        If the file is damaged, or names files outside the Fiji.
    """
    path = fiji.path / PLACE
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    damaged = f"{str(path)!r} is damaged"
    advice = "delete that file and install again; files of PyBridge that are there are recognised by their content"
    try:
        data = json.loads(text)
        rest = {key: data[key] for key in ("pybridge", "finished", "folders", "files")}
        written = _Written(schema_=data["schema"], **rest)
    except (ValueError, ValidationError, KeyError, TypeError) as error:
        raise UsageError(asked, found=damaged, do=advice) from error
    named = (*written.files, *written.folders)
    outside = [name for name in named if not (fiji.path / name).resolve().is_relative_to(fiji.path)]
    if written.schema_ != _SCHEMA or outside:
        raise UsageError(asked, found=f"{damaged}: it names {outside or written.schema_!r}", do=advice)
    return Manifest(written.pybridge, written.files, written.folders, written.finished)


def sha256(content: bytes) -> str:
    """Hash the content of a file."""
    return hashlib.sha256(content).hexdigest()


def read_file(path: Path) -> bytes | None:
    """Read a file; None when there is none."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
