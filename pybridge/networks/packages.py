"""Are the packages of the torch wing installed? Asked before anything else is done. Imports core only."""

from __future__ import annotations

import importlib.util

from pybridge.core.errors import PackageMissingError


def require_packages(*packages: str, asked: str) -> None:
    """Raise when one of these packages is missing, with the way to get it.

    Parameters
    ----------
    *packages : str
        Import names.
    asked : str
        What they are needed for.

    Raises
    ------
    PackageMissingError
        Naming those that are missing.
    """
    missing = [name for name in packages if importlib.util.find_spec(name) is None]
    if missing:
        raise PackageMissingError(
            asked,
            found=f"not installed: {', '.join(missing)}",
            do="install them with `pip install 'pybridge[train]'`",
        )
