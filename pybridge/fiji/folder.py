"""Recognising a Fiji."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from pybridge.core.errors import UsageError

_NEEDED = ("ij", "imagej-legacy", "scijava-common")
_VERSIONED = re.compile(r"(?P<name>.+?)-(?P<version>\d.*)\.jar")


@dataclass(frozen=True, slots=True)
class FijiFolder:
    """A folder that holds a Fiji.

    Parameters
    ----------
    path : Path
        The folder in which ``jars`` lies.
    jars : dict of str to str
        Version of each Java library, by its name without version, for example ``{"ij": "1.54p"}``.
    """

    path: Path
    jars: dict[str, str]

    @property
    def runs_jython(self) -> bool:
        """Whether it can run Jython scripts."""
        return "scripting-jython" in self.jars and any(name.startswith("jython") for name in self.jars)


def find_fiji(folder: Path, *, asked: str) -> FijiFolder:
    """Look into a folder for a Fiji.

    Parameters
    ----------
    folder : Path
        What the user named.
    asked : str
        What is to be done, for messages.

    Raises
    ------
    UsageError
        If it holds no Fiji; the message says what it is, or where the Fiji is.
    """
    if not folder.is_dir():
        raise UsageError(asked, found="there is no such folder", do="give the folder of your Fiji (with jars/ in it)")
    path = folder.resolve()
    jars = jars_in(path)
    if all(name in jars for name in _NEEDED):
        return FijiFolder(path, jars)
    inside = [each for each in path.iterdir() if each.is_dir() and all(name in jars_in(each) for name in _NEEDED)]
    if inside:
        raise UsageError(asked, found="a folder around a Fiji", do=f"give {str(inside[0])!r}")
    if (path / "ij.jar").is_file() or "ij" in jars:
        raise UsageError(
            asked,
            found="an ImageJ without Fiji's script commands (jars/ has no imagej-legacy and scijava-common)",
            do="give a Fiji, or use `pybridge macro` and pybridge.imagej.start(), which need none",
        )
    raise UsageError(
        asked,
        found=f"no Fiji: there is no {'ij.jar in jars/' if (path / 'jars').is_dir() else 'folder jars/ in it'}",
        do="give the folder of your Fiji (with jars/ in it)",
    )


def jars_in(folder: Path) -> dict[str, str]:
    """List the Java libraries of a Fiji: their versions by name."""
    found = {}
    for place in (folder / "jars", folder / "jars" / "bio-formats", folder / "plugins"):
        for jar in sorted(place.glob("*.jar")):
            match = _VERSIONED.fullmatch(jar.name)
            found[match["name"] if match else jar.stem] = match["version"] if match else ""
    return found


def jar_name(jar: Path) -> str:
    """Give the name of a library without its version.

    Examples
    --------
    >>> jar_name(Path("jna-platform-5.14.0.jar"))
    'jna-platform'
    """
    match = _VERSIONED.fullmatch(jar.name)
    return match["name"] if match else jar.stem
