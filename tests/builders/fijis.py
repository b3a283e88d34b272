"""Fiji folders in small: their libraries are empty files with the right names."""

from __future__ import annotations

from pathlib import Path

LIBRARIES = ("ij-1.54p", "imagej-legacy-2.0.3", "scijava-common-2.100.1", "scripting-jython-1.0.1", "jython-slim-2.7.4")
APPOSE = ("appose-0.9.0", "groovy-4.0.28", "groovy-json-4.0.28", "jna-5.14.0", "jna-platform-5.14.0")


def make_fiji_folder(folder: Path, *, without: tuple[str, ...] = (), appose: bool = True) -> Path:
    """Make a folder that is recognised as a Fiji; give it."""
    (folder / "jars").mkdir(parents=True)
    for name in (*LIBRARIES, *(APPOSE if appose else ())):
        if not name.startswith(without or ("-",)):
            (folder / "jars" / f"{name}.jar").write_bytes(b"")
    (folder / "macros" / "AutoRun").mkdir(parents=True)
    (folder / "macros" / "AutoRun" / "Of_the_User.ijm").write_text("// mine\n")
    return folder


def content_of(folder: Path) -> dict[str, bytes]:
    """Read all files below a folder."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }
