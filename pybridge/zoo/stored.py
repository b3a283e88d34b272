"""Validated descriptions kept on disk as plain JSON, so that a second start need not import ``bioimageio.spec``.

The key is the SHA-256 of the description's text together with the versions of what read it. A cache file that cannot
be read is as good as none.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import json
import logging
import os
import tempfile
from pathlib import Path
from typing import Any

import pybridge
from pybridge.files.home import home_folder
from pybridge.zoo import model as values
from pybridge.zoo import processing
from pybridge.zoo.description import Described

_log = logging.getLogger("pybridge.zoo")

# Raised when the dataclasses change their meaning within one version of PyBridge.
_LAYOUT = 1

_CLASSES: dict[str, Any] = {
    kind.__name__: kind
    for kind in (
        Described,
        values.TensorSpec,
        values.AxisSpec,
        values.FileRef,
        values.FixedSize,
        values.SteppedSize,
        values.TiedSize,
        values.FreeSize,
        values.DecoderSpec,
        values.PyBridgeConfig,
        *processing.STEPS,
    )
}


def stored_path(text: str) -> Path:
    """Give the place of a description's cache file."""
    from importlib import metadata

    made_by = f"{_LAYOUT} {pybridge.__version__} {metadata.version('bioimageio.spec')}"
    key = hashlib.sha256(f"{made_by}\n{text}".encode()).hexdigest()
    return home_folder() / "cache" / "models" / f"{key}.json"


def load_described(text: str) -> Described | None:
    """Read what an earlier start made of this text; None when there is nothing or it is damaged."""
    path = stored_path(text)
    try:
        found = _from_plain(json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        _log.warning("the cache file %s is damaged (%s) and is written anew", path, error)
        return None
    return found if isinstance(found, Described) else None


def store_described(text: str, described: Described) -> None:
    """Keep what was made of this text; a folder that cannot be written only costs time at the next start."""
    path = stored_path(text)
    content = json.dumps(_to_plain(described), ensure_ascii=False)
    temporary: str | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, suffix=".tmp", delete=False) as file:
            temporary = file.name
            file.write(content)
        os.replace(temporary, path)
    except OSError as error:
        _log.info("the description could not be kept in %s: %s", path, error)
        if temporary is not None:
            with contextlib.suppress(OSError):
                os.unlink(temporary)


def _to_plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {each.name: _to_plain(getattr(value, each.name)) for each in dataclasses.fields(value)}
        return {"is": type(value).__name__, "fields": fields}
    if isinstance(value, dict):
        return {"is": "mapping", "fields": value}
    if isinstance(value, tuple):
        return [_to_plain(item) for item in value]
    return value


def _from_plain(value: Any) -> Any:
    if isinstance(value, dict):
        if value["is"] == "mapping":
            return value["fields"]
        return _CLASSES[value["is"]](**{name: _from_plain(item) for name, item in value["fields"].items()})
    if isinstance(value, list):
        return tuple(_from_plain(item) for item in value)
    return value
