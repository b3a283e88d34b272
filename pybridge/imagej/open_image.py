"""``PyBridge Open`` in ImageJ, and the check that an image came from a whole file."""

from __future__ import annotations

from pathlib import Path

from pybridge.commands.macro_options import parse_macro_options
from pybridge.commands.open_image import OpenImage
from pybridge.core.errors import ImageFileError
from pybridge.files.read import check_whole_file
from pybridge.imagej.convert import path_of
from pybridge.imagej.images import open_ids
from pybridge.imagej.jvm import JavaObject, java_class
from pybridge.imagej.variables import resolve_variables


def open_whole_image(options: str | None) -> None:
    """Answer ``run("PyBridge Open", options)``: ImageJ opens the file, which is the active image afterwards."""
    import jpype

    path = Path(parse_macro_options(OpenImage, resolve_variables(OpenImage, options)).path)
    check_whole_file(path)
    before = open_ids()
    found = "ImageJ cannot open it as an image"
    try:
        java_class("ij.IJ").open(str(path.absolute()))
    except jpype.JException as error:
        found = f"ImageJ cannot open it: {error.getMessage()}"
    if not open_ids() - before:
        raise ImageFileError(f"open {str(path)!r}", found=found, do="open it elsewhere and save it as TIFF")


def open_imageplus(path: Path) -> JavaObject:
    """Let ImageJ open a file without showing it.

    Raises
    ------
    ImageFileError
        If the file is missing or cut short, or ImageJ cannot open it as an image.
    """
    check_whole_file(path)
    imp = java_class("ij.IJ").openImage(str(path.absolute()))
    if imp is None:
        raise ImageFileError(
            f"open {str(path)!r}",
            found="ImageJ cannot open it as an image",
            do="open it elsewhere and save it as TIFF",
        )
    return imp


def check_source(imp: JavaObject) -> None:
    """Raise when an image was opened from a file that is cut short: ImageJ shows what is left as if it were all.

    Raises
    ------
    ImageFileError
        If the file of the image is there and is truncated.
    """
    path = path_of(imp)
    if path is not None and Path(path).is_file():
        check_whole_file(Path(path))
