"""The versions that this room works with: all that is too old is told at once, when ImageJ was started or joined."""

from __future__ import annotations

import importlib.metadata
import re

from pybridge.core.errors import ImageJError
from pybridge.imagej.java import OLDEST_JAVA
from pybridge.imagej.jvm import java_class

OLDEST_IMAGEJ = "1.53t"
_OLDEST_PACKAGES = {"jpype1": "1.5.2", "scyjava": "1.12"}
_OLDEST_PYIMAGEJ = {"pyimagej": "1.7"}


def check_versions(*, with_imagej2: bool) -> None:
    """Compare what runs with what PyBridge needs.

    Parameters
    ----------
    with_imagej2 : bool
        Whether PyImageJ's gateway is used.

    Raises
    ------
    ImageJError
        If something is too old; the message names all of it.
    """
    found = {
        "ImageJ": (str(java_class("ij.IJ").getVersion()), OLDEST_IMAGEJ),
        "Java": (str(java_class("java.lang.System").getProperty("java.version")), str(OLDEST_JAVA)),
    }
    for name, oldest in (_OLDEST_PACKAGES | (_OLDEST_PYIMAGEJ if with_imagej2 else {})).items():
        found[name] = (_version_of(name), oldest)
    wrong = violations(found)
    if wrong:
        raise ImageJError(
            "use this ImageJ",
            found="; ".join(wrong),
            do="update them: ImageJ with Help > Update…, Java through JAVA_HOME, packages with pip install --upgrade",
        )


def violations(found: dict[str, tuple[str, str]]) -> list[str]:
    """Say of each part that is too old which version it has and which it needs.

    Parameters
    ----------
    found : dict of str to (str, str)
        For each part the version found and the oldest one that will do.

    Examples
    --------
    >>> violations({"ImageJ": ("1.52a", "1.53t"), "Java": ("1.8.0_392", "11"), "scyjava": ("1.12.1", "1.12")})
    ['ImageJ 1.52a, at least 1.53t is needed', 'Java 1.8.0_392, at least 11 is needed']
    """
    return [
        f"{name} {version or 'unknown'}, at least {oldest} is needed"
        for name, (version, oldest) in found.items()
        if _order(version) < _order(oldest)
    ]


def _order(version: str) -> tuple[tuple[int, str], ...]:
    """Give what sorts versions: ``1.54p`` after ``1.54f`` after ``1.54``; Java's ``1.8`` is 8."""
    if version.startswith("1.8.0"):
        return ((8, ""),)
    number = version.rsplit("/", 1)[-1].lower()  # "2.17.0/1.54p": ImageJ2's own, and ImageJ's
    return tuple((int(digits), letter) for digits, letter in re.findall(r"(\d+)([a-z]?)", number))


def _version_of(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return ""
