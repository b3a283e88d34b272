"""Label images as ImageJ wants them: type, title, calibration, colours, display range."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pybridge.core.image import Image
from pybridge.core.label_colours import display_maximum, label_colours
from pybridge.files.write import labels_for_imagej
from pybridge.imagej.convert import image_to_imageplus
from pybridge.imagej.images import unique_title
from pybridge.imagej.jvm import JavaObject, java_class
from pybridge.imagej.pixels import array_to_java


def labels_to_imageplus(labels: Image, *, source: JavaObject) -> JavaObject:
    """Make the label image that belongs to an ImagePlus; it is not shown.

    It is 16-bit, or 32-bit above 65,535 objects. Its title is ``<short title>-labels``, made unique. The display range
    is 0 to the highest label, so that each of up to 255 labels has a colour of its own. With more than 511 labels the
    range ends at 511, since otherwise the lowest labels would be drawn in the colour of the background.

    Parameters
    ----------
    labels : Image
        Labels with axes out of T, Z, Y, X.
    source : ij.ImagePlus
        The image that was segmented: gives title, calibration and the shape of the hyperstack.

    Returns
    -------
    ij.ImagePlus
        The label image.
    """
    array = labels_for_imagej(labels.array)
    plain = dataclasses.replace(labels, array=array, name=labels_title(source), channel_names=(), info="")
    imp = image_to_imageplus(plain)
    imp.setOpenAsHyperStack(bool(source.isHyperStack()) and imp.getStackSize() > 1)
    calibration = source.getCalibration().copy()
    calibration.disableDensityCalibration()  # "signed 16 bit" and the like concern the input's values
    imp.setCalibration(calibration)
    colour_labels(imp, highest=float(array.max(initial=0)))
    return imp


def labels_title(source: JavaObject) -> str:
    """Give the title of an image's label image: ``<short title>-labels``, made unique as ImageJ does."""
    return unique_title(f"{source.getShortTitle()}-labels")


def colour_labels(imp: JavaObject, *, highest: float) -> None:
    """Give a label image our colours and a display range that draws no label as background."""
    imp.setLut(label_lut())
    imp.setDisplayRange(0.0, display_maximum(highest, bits=int(imp.getBitDepth())))


def label_lut() -> JavaObject:
    """Give our colours as ImageJ's look-up table."""
    columns: NDArray[Any] = np.ascontiguousarray(label_colours().T)
    return java_class("ij.process.LUT")(*(array_to_java(column) for column in columns))
