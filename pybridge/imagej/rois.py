"""Objects as ImageJ ROIs, one for each label, named by its number, placed at its slice and frame; and back."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pybridge.core.errors import ImageError
from pybridge.core.image import Image
from pybridge.imagej.display import roi_to_bytes
from pybridge.imagej.jvm import JavaObject, java_class


def labels_to_rois(labels: Image, *, imp: JavaObject) -> Iterator[JavaObject]:
    """Trace the objects of a label image as ROIs, in rising order of labels within each plane.

    Parameters
    ----------
    labels : Image
        Labels with axes out of T, Z, Y, X.
    imp : ij.ImagePlus
        The image on which the ROIs will lie; tells plain stacks from hyperstacks.

    Yields
    ------
    ij.gui.Roi
        A polygon, or a composite selection for an object with holes or several pieces.
    """
    from pybridge.decode.outlines import trace_outlines

    planes = labels.tzcyx()[:, :, 0]
    frames, slices = planes.shape[:2]
    for frame in range(frames):
        for z in range(slices):
            for label, outer, holes in trace_outlines(planes[frame, z]).of_objects():
                roi = _rings_to_roi(outer, holes)
                roi.setName(str(label))
                if bool(imp.isHyperStack()):
                    roi.setPosition(1, z + 1, frame + 1)
                elif frames * slices > 1:
                    roi.setPosition(frame * slices + z + 1)
                yield roi


def set_overlay(imp: JavaObject, rois: Iterable[JavaObject]) -> None:
    """Lay ROIs over an image as its overlay."""
    overlay = java_class("ij.gui.Overlay")()
    for roi in rois:
        overlay.add(roi)
    imp.setOverlay(overlay)


def rois_to_labels(
    rois: JavaObject | Iterable[JavaObject] | str | os.PathLike[str], *, image: Image | JavaObject
) -> Image:
    """Paint ImageJ ROIs as a label image.

    When every name is a whole number, as ``labels_to_rois`` names them, these are the labels; otherwise the ROIs are
    numbered from 1 in their order.

    Parameters
    ----------
    rois : Overlay, RoiManager, iterable of ij.gui.Roi, or path-like
        What was drawn, or a ``.roi`` or ``.zip`` file of it.
    image : Image or ij.ImagePlus
        The image that it was drawn on: gives shape, calibration and name.

    Returns
    -------
    Image
        Labels, int32, with the axes of the image without C and S.

    Raises
    ------
    ImageError
        If a ROI has no area or lies outside the image, or two overlap.
    """
    from pybridge.files import roi_labels

    source = image if isinstance(image, Image) else _outline_of(image)
    shape = tuple(source.size_of(letter) for letter in "TZYX")
    found = roi_labels.read_rois(rois) if isinstance(rois, (str, os.PathLike)) else _as_files_hold(rois)
    painted = roi_labels.rois_to_labels(found, shape=shape, axes="TZYX", channels=source.size_of("C"))
    names = [roi.name for roi in found]
    if names and all(name.isascii() and name.isdigit() and 0 < int(name) < 2**31 for name in names):
        painted = np.array([0, *map(int, names)], np.int32)[painted]
    axes = "".join(letter for letter in "TZYX" if letter in source.axes)
    dropped = tuple(place for place, letter in enumerate("TZYX") if letter not in axes)
    return source.replace(array=painted.squeeze(dropped), axes=axes, name=f"{source.stem}-labels")


def _outline_of(imp: JavaObject) -> Image:
    """Give shape, calibration and name of an ImagePlus, without its pixels."""
    from pybridge.imagej.convert import read_calibration

    sizes = (imp.getNFrames(), imp.getNSlices(), imp.getNChannels(), imp.getHeight(), imp.getWidth())
    kept = [place for place, size in enumerate(sizes) if size > 1 or place > 2]
    pixels = np.broadcast_to(np.uint8(0), [int(sizes[place]) for place in kept])
    axes = "".join("TZCYX"[place] for place in kept)
    return Image(pixels, axes, name=str(imp.getTitle()), calibration=read_calibration(imp))


def _as_files_hold(rois: JavaObject | Iterable[JavaObject]) -> list[Any]:
    from roifile import ImagejRoi

    if hasattr(rois, "getRoisAsArray"):  # the ROI Manager
        rois = rois.getRoisAsArray()
    elif hasattr(rois, "toArray"):  # an overlay, or a list of Java's
        rois = rois.toArray()
    elif hasattr(rois, "getBounds"):
        rois = [rois]
    found = list(rois)
    wrong = [type(roi).__name__ for roi in found if not isinstance(roi, java_class("ij.gui.Roi"))]
    if wrong:
        raise ImageError(
            "paint ROIs as labels",
            found=f"{wrong[0]}, no ROI of ImageJ",
            do="give an Overlay, the ROI Manager, a list of ij.gui.Roi, or the path of a .roi or .zip file",
        )
    return [ImagejRoi.frombytes(roi_to_bytes(roi)) for roi in found]


def _rings_to_roi(outer: list[NDArray[np.int32]], holes: list[NDArray[np.int32]]) -> JavaObject:
    if len(outer) == 1 and not holes:
        x, y = _columns(outer[0])
        roi_class = java_class("ij.gui.PolygonRoi")
        return roi_class(x, y, len(outer[0]), java_class("ij.gui.Roi").TRACED_ROI)
    path = java_class("java.awt.geom.Path2D$Float")(java_class("java.awt.geom.Path2D").WIND_EVEN_ODD)
    for ring in (*outer, *holes):
        points = ring.tolist()
        path.moveTo(float(points[0][0]), float(points[0][1]))
        for x, y in points[1:]:
            path.lineTo(float(x), float(y))
        path.closePath()
    return java_class("ij.gui.ShapeRoi")(path)


def _columns(ring: NDArray[np.int32]) -> tuple[Any, Any]:
    import jpype

    ints = jpype.JArray(jpype.JInt)
    return ints(ring[:, 0].tolist()), ints(ring[:, 1].tolist())
