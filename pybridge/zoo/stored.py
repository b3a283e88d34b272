"""Validated descriptions kept on disk as plain JSON, so that a second start need not import ``bioimageio.spec``.

The key is the SHA-256 of the description's text together with the versions of what read it. A cache file that cannot
be read is as good as none.
"""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import logging
from pathlib import Path
from typing import Any

import pybridge
from pybridge.files.cache import cache_path, load_cached, store_cached
from pybridge.zoo import model as values
from pybridge.zoo import processing
from pybridge.zoo.description import Described

_log = logging.getLogger("pybridge.zoo")

# Raised when the dataclasses change their meaning within one version of PyBridge.
_LAYOUT = 2

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
    return cache_path("models", hashlib.sha256(f"{_made_by()}\n{text}".encode()).hexdigest())


@functools.cache
def _made_by() -> str:
    """Name what a cache file depends on besides its description."""
    from importlib import metadata

    return f"{_LAYOUT} {pybridge.__version__} {metadata.version('bioimageio.spec')}"


def load_described(text: str) -> Described | None:
    """Read what an earlier start made of this text; None when there is nothing or it is damaged."""
    content = load_cached(stored_path(text))
    try:
        found = None if content is None else _from_plain(content)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        _log.warning("a description in the cache is damaged (%s) and is read anew", error)
        return None
    return found if isinstance(found, Described) else None


def store_described(text: str, described: Described) -> None:
    """Keep what was made of this text."""
    store_cached(stored_path(text), _to_plain(described))


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
