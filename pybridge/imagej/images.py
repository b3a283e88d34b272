"""ImageJ's table of open images: what is active, what a call opened, and closing that again."""

from __future__ import annotations

from pybridge.commands.named_image import check_one_title
from pybridge.core.errors import ImageError
from pybridge.core.titles import title_beside
from pybridge.imagej.jvm import JavaObject, java_class


def active_image(asked: str) -> JavaObject:
    """Give ImageJ's active image.

    Raises
    ------
    ImageError
        If no image is open.
    """
    imp = java_class("ij.WindowManager").getCurrentImage()
    if imp is None:
        raise ImageError(asked, found="no image is open", do="open an image first, or check that open(…) worked")
    return imp


def open_images() -> list[JavaObject]:
    """List the open images: those with a window and those of batch mode."""
    manager = java_class("ij.WindowManager")
    ids = manager.getIDList()
    found = [manager.getImage(number) for number in ids] if ids is not None else []
    return [imp for imp in found if imp is not None]


def image_with_title(title: str, *, besides: JavaObject | None = None) -> JavaObject | None:
    """Find an open image by its title; None when there is none.

    Parameters
    ----------
    title : str
        The title.
    besides : ij.ImagePlus, optional
        The image that the command is called on: of two of this title, the other one is meant.

    Raises
    ------
    UsageError
        If several have this title.
    """
    found = [imp for imp in open_images() if str(imp.getTitle()) == title]
    others = [imp for imp in found if imp != besides]
    check_one_title(title, len(others))
    return next(iter(others or found), None)


def unique_title(title: str) -> str:
    """Make a title unique as ImageJ does, by ``-1``, ``-2`` …; images of batch mode count too.

    ImageJ's own ``WindowManager.makeUniqueName`` knows windows only, and in batch mode there are none.
    """
    return title_beside(title, {str(imp.getTitle()) for imp in open_images()})


def open_ids() -> frozenset[int]:
    """Give the ids of the open images."""
    ids = java_class("ij.WindowManager").getIDList()
    return frozenset(int(number) for number in ids) if ids is not None else frozenset()


def close_images_since(before: frozenset[int]) -> None:
    """Close the images of batch mode that were opened after ``before`` was taken; windows stay open."""
    interpreter = java_class("ij.macro.Interpreter")
    for number in open_ids() - before:
        imp = interpreter.getBatchModeImage(number)
        if imp is not None:
            imp.changes = False
            imp.close()
            interpreter.removeBatchModeImage(imp)
    java_class("ij.WindowManager").setTempCurrentImage(None)
