"""The images of one call in ImageJ: at hand, or named by an open title first, then by a path."""

from __future__ import annotations

from pathlib import Path

from pybridge.commands.named_image import path_of_named
from pybridge.core.image import Image
from pybridge.imagej.convert import imageplus_to_image
from pybridge.imagej.images import image_with_title
from pybridge.imagej.jvm import JavaObject
from pybridge.imagej.open_image import check_source

Given = str | Path | Image | JavaObject
"""A text is the title of an open image first, then a path."""


class NamedImages:
    """Takes the images of one call; each ImagePlus is copied once."""

    def __init__(self) -> None:
        self._copied: list[tuple[JavaObject, Image]] = []

    @property
    def selected(self) -> bool:
        """Whether a part of one of those taken was selected."""
        return any(imp.getRoi() is not None for imp, _ in self._copied)

    def take(self, given: Given, *, besides: JavaObject | None = None) -> Image | Path:
        """Give what is meant.

        Parameters
        ----------
        given : str, Path, Image or ij.ImagePlus
            A text is a title or a path.
        besides : ij.ImagePlus, optional
            The image that is something else already, should it have this title too.
        """
        if isinstance(given, (Image, Path)):
            return given
        imp: JavaObject | None = given
        if isinstance(given, str):
            imp = image_with_title(given, besides=besides)
            if imp is None:
                return path_of_named(given)
        for known, image in self._copied:
            if known == imp:
                return image
        check_source(imp)
        self._copied.append((imp, imageplus_to_image(imp)))
        return self._copied[-1][1]
