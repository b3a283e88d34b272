"""Doctests of the torch wing need torch: where it is not installed (`make test`), `make test-torch` runs them."""

from __future__ import annotations

import importlib
import importlib.util
from pathlib import Path

WING = ("networks", "training", "export")
_PACKAGE = Path(__file__).parent / "pybridge"


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Leave out the modules of the wing that cannot be imported for want of torch, and no others."""
    if importlib.util.find_spec("torch") is not None or collection_path.suffix != ".py":
        return None
    try:
        parts = collection_path.relative_to(_PACKAGE).with_suffix("").parts
    except ValueError:
        return None
    if parts[0] not in WING:
        return None
    try:
        importlib.import_module(".".join(("pybridge", *parts)))
    except ModuleNotFoundError as error:
        return True if error.name in ("torch", "monai") else None
    return None
