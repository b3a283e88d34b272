"""The images of one call in ImageJ: at hand in whatever form, or named by an open title first, then by a path."""

from __future__ import annotations

import glob
import os
from pathlib import Path
from typing import Any

from pybridge.commands.named_image import path_of_named
from pybridge.core.image import Image
from pybridge.imagej.convert import imageplus_to_image
from pybridge.imagej.images import image_with_title
from pybridge.imagej.jvm import JavaObject, java_class
from pybridge.imagej.open_image import check_source
from pybridge.tasks.images import ImageLike, to_image

Given = ImageLike
"""A text is the title of an open image first, then a path."""


def is_imageplus(given: Any) -> bool:
    """Say whether this is an ImagePlus; arrays, other images of Java, paths and titles are none."""
    return isinstance(given, java_class("ij.ImagePlus"))


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
        given : str, path, Image, ij.ImagePlus, ndarray or xarray.DataArray
            A text is a title or a path.
        besides : ij.ImagePlus, optional
            The image that is something else already, should it have this title too.

        Raises
        ------
        ImageError
            If it is nothing that holds an image.
        """
        if isinstance(given, str):
            imp = image_with_title(given, besides=besides)
            if imp is None:
                return Path(given) if glob.has_magic(given) else path_of_named(given)
            return self._copy(imp)
        if isinstance(given, os.PathLike):
            return Path(given)
        return self._copy(given) if is_imageplus(given) else to_image(given)

    def _copy(self, imp: JavaObject) -> Image:
        for known, image in self._copied:
            if known == imp:
                return image
        check_source(imp)
        self._copied.append((imp, imageplus_to_image(imp)))
        return self._copied[-1][1]
