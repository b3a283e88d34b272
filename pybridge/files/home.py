"""Where everything of the user's lies: one folder, ``PYBRIDGE_HOME``."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def home_folder() -> Path:
    """Give the folder of the user's models, caches and settings; ``PYBRIDGE_HOME`` when it is set.

    The folder is made on demand by those who write into it, not here.
    """
    chosen = os.environ.get("PYBRIDGE_HOME")
    if chosen:
        return Path(chosen).expanduser()
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local")) / "pybridge"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "pybridge"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "pybridge"


def user_models_folder() -> Path:
    """Give the folder of the models that the user installed."""
    return home_folder() / "models"


def numba_cache() -> None:
    """Let numba keep its compiled code under ``PYBRIDGE_HOME``; call this before numba is imported.

    Without it the cache lies beside the package, which may be read-only.
    """
    os.environ.setdefault("NUMBA_CACHE_DIR", str(home_folder() / "cache" / "numba"))


def shipped_folder(name: str) -> Path:
    """Find a folder that comes with PyBridge: ``models``, ``macros`` or ``fiji-scripts``.

    In a checkout it lies beside the package; in an installed wheel, inside it.
    """
    package = Path(__file__).resolve().parent.parent
    inside = package / "shipped" / name
    return inside if inside.is_dir() else package.parent / name
