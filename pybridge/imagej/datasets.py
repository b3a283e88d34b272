"""Images of ImageJ2 (Dataset, ImgPlus, Img) to ImagePlus and back, by the converters of PyImageJ and ImageJ2."""

from __future__ import annotations

from typing import Any

from pybridge.core.errors import ImageError, ImageJError
from pybridge.imagej.jvm import JavaObject, has_class, java_class, java_errors


def is_imagej2_image(data: Any) -> bool:
    """Say whether something is an image of ImageJ2: a Dataset, an ImgPlus, an Img or another interval of ImgLib2."""
    name = "net.imglib2.RandomAccessibleInterval"
    return hasattr(data, "numDimensions") and has_class(name) and isinstance(data, java_class(name))


def dataset_to_imageplus(imagej2: Any, data: JavaObject) -> JavaObject:
    """Give an image of ImageJ2 as an ImagePlus.

    Parameters
    ----------
    imagej2 : object or None
        PyImageJ's gateway.
    data : net.imagej.Dataset, ImgPlus, Img or another RandomAccessibleInterval
        Without names of axes they are taken as X, Y, Channel, Z, Time, as ImageJ2 does.

    Raises
    ------
    ImageJError
        If this ImageJ has no ImageJ2, or ImageJ2 cannot convert it.
    """
    asked = f"turn {_kind(data)} into an ImagePlus"
    _require(imagej2, asked)
    with java_errors(asked):
        made = imagej2.py.to_imageplus(data)
    if made is None:
        raise ImageJError(asked, found="ImageJ2 has no converter for it", do="turn it into a Dataset first")
    return made


def imageplus_to_dataset(imagej2: Any, imp: JavaObject) -> JavaObject:
    """Give an ImagePlus as a Dataset of ImageJ2; they may share their pixels.

    Raises
    ------
    ImageJError
        If this ImageJ has no ImageJ2.
    """
    asked = "turn an ImagePlus into a Dataset"
    _require(imagej2, asked)
    if not isinstance(imp, java_class("ij.ImagePlus")):
        raise ImageError(asked, found=f"{type(imp).__name__}, no ImagePlus", do="use to_imageplus first")
    with java_errors(asked):
        return imagej2.py.to_dataset(imp)


def _require(imagej2: Any, asked: str) -> None:
    if imagej2 is None:
        raise ImageJError(
            asked,
            found="this ImageJ has no ImageJ2: it is the embedded ImageJ 1, or was joined without PyImageJ's gateway",
            do="start a Fiji with start('/path/to/Fiji') or start('sc.fiji:fiji'), or attach(imagej.init(…))",
        )


def _kind(data: Any) -> str:
    return type(data).__name__.rsplit(".", 1)[-1]
