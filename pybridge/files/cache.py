"""Small JSON files under ``PYBRIDGE_HOME/cache``: what was worked out once and need not be worked out again.

A cache that is missing or damaged costs time, never an answer: reading one gives None, and a folder that cannot be
written is only noted in the log.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import tempfile
from pathlib import Path
from typing import Any

from pybridge.files.home import home_folder

_log = logging.getLogger("pybridge.files")


def cache_path(kind: str, key: str) -> Path:
    """Give the place of a cache file: ``kind`` is a folder under the cache, ``key`` a hash of all that matters."""
    return home_folder() / "cache" / kind / f"{key}.json"


def load_cached(path: Path) -> Any | None:
    """Read a cache file; None when it is missing or no JSON."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        _log.warning("the cache file %s is damaged (%s) and will be written anew", path, error)
        return None


def store_cached(path: Path, content: Any) -> None:
    """Write a cache file whole or not at all."""
    temporary: str | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, suffix=".tmp", delete=False) as file:
            temporary = file.name
            json.dump(content, file, ensure_ascii=False)
        os.replace(temporary, path)
    except OSError as error:
        _log.info("%s could not be written: %s", path, error)
        if temporary is not None:
            with contextlib.suppress(OSError):
                os.unlink(temporary)
