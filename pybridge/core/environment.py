"""Versions of what is running, for the record. Imports nothing but the standard library."""

from __future__ import annotations

import functools
import platform
from importlib import metadata

from pybridge import __version__

# The packages that can change a result; one of the two onnxruntime wheels is installed.
_PACKAGES = ("numpy", "scipy", "scikit-image", "numba", "tifffile", "onnxruntime", "onnxruntime-gpu")


@functools.cache
def _versions(packages: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    found = [("pybridge", __version__), ("python", platform.python_version()), ("os", platform.platform())]
    for package in packages:
        try:
            found.append((package, metadata.version(package)))
        except metadata.PackageNotFoundError:
            continue
    return tuple(found)


def versions(*further: str) -> dict[str, str]:
    """List the versions of PyBridge, Python, the operating system and the packages that can change a result.

    Parameters
    ----------
    *further : str
        Packages that count besides, such as torch in a training; those not installed are left out.

    Examples
    --------
    >>> "pybridge" in versions() and "numpy" in versions()
    True
    """
    return dict(_versions(_PACKAGES + further))
