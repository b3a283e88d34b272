"""Objects as ImageJ ROIs: one for each label, named by its number, placed at its slice and frame."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pybridge.core.image import Image
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


def set_overlay(imp: JavaObject, rois: Iterator[JavaObject]) -> None:
    """Lay ROIs over an image as its overlay."""
    overlay = java_class("ij.gui.Overlay")()
    for roi in rois:
        overlay.add(roi)
    imp.setOverlay(overlay)


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
