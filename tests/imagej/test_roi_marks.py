"""Lines and points that ImageJ itself makes, saves and draws, painted by us: the same pixels, or their rim."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import ndimage

from pybridge.files.roi_labels import read_rois
from pybridge.files.roi_marks import paint_marks

pytestmark = pytest.mark.jvm

SHAPE = (61, 83)


def line(java: Callable[[str], Any], points: Any, kind: str, width: float) -> Any:
    import jpype

    x, y = (jpype.JArray(jpype.JFloat)(np.asarray(column, float).tolist()) for column in np.asarray(points).T)
    roi = java("ij.gui.PolygonRoi")(x, y, len(points), getattr(java("ij.gui.Roi"), kind))
    roi.setStrokeWidth(width)
    return roi


def straight(java: Callable[[str], Any], *ends: float, width: float) -> Any:
    roi = java("ij.gui.Line")(*map(float, ends))
    roi.setStrokeWidth(width)
    return roi


def stroke(seed: int) -> Any:
    """A hand's way through the image."""
    steps = np.random.default_rng(seed).normal(0, 1.6, (60, 2)).cumsum(axis=0)
    return np.clip(np.rint(steps + np.array([40, 30])), 2, [78, 56])


def drawn_by_imagej(java: Callable[[str], Any], roi: Any) -> np.ndarray[Any, Any]:
    """What is seen of it: the image with the ROI in its overlay, flattened."""
    imp = java("ij.gui.NewImage").createRGBImage("drawn", SHAPE[1], SHAPE[0], 1, java("ij.gui.NewImage").FILL_BLACK)
    roi.setStrokeColor(java("java.awt.Color")(255, 255, 255))
    imp.setOverlay(java("ij.gui.Overlay")(roi))
    pixels = np.asarray(imp.flatten().getProcessor().getPixels()).reshape(SHAPE)
    return (pixels & 255) > 127


LINES: dict[str, Callable[[Callable[[str], Any]], Any]] = {
    "straight": lambda java: straight(java, 5, 7, 70, 41, width=1),
    "flat": lambda java: straight(java, 5, 7, 70, 7, width=1),
    "straight of width 6": lambda java: straight(java, 5, 20, 70, 41, width=6),
    "flat of width 5": lambda java: straight(java, 5, 20, 70, 20, width=5),
    "polyline": lambda java: line(java, [[5, 7], [40, 12], [30, 50], [70, 30]], "POLYLINE", 1),
    "polyline of width 7": lambda java: line(java, [[9, 9], [40, 12], [30, 50], [70, 30]], "POLYLINE", 7),
    "freehand": lambda java: line(java, stroke(1), "FREELINE", 1),
    "freehand of width 4": lambda java: line(java, stroke(2), "FREELINE", 4),
}


def area_by_imagej(java: Callable[[str], Any], roi: Any) -> np.ndarray[Any, Any]:
    """What ImageJ turns it into with Edit > Selection > Line to Area."""
    inside = np.zeros(SHAPE, bool)
    for point in java("ij.plugin.Selection").lineToArea(roi).getContainedPoints():
        inside[int(point.y), int(point.x)] = True
    return inside


def around(pixels: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    return ndimage.binary_dilation(pixels, np.ones((3, 3)))


@pytest.mark.parametrize("kind", LINES)
def test_a_line_paints_what_imagej_draws(java: Callable[[str], Any], tmp_path: Path, kind: str) -> None:
    file = tmp_path / "saved.roi"
    roi = LINES[kind](java)
    java("ij.io.RoiEncoder").save(roi, str(file))
    painted = paint_marks(read_rois(file), [2], shape=SHAPE).values
    assert set(np.unique(painted)) == {0, 2}
    drawn, area = drawn_by_imagej(java, roi), area_by_imagej(java, LINES[kind](java))
    # ImageJ draws wide lines half their width past their ends, and its areas end with them: ours do too.
    assert not ((painted == 2) & ~around(drawn)).any()
    assert not (area & ~around(painted == 2)).any()
    if kind in ("straight", "flat", "polyline"):
        np.testing.assert_array_equal(painted == 2, drawn)


def test_points_mark_the_pixels_that_imagej_counts(java: Callable[[str], Any], tmp_path: Path) -> None:
    file = tmp_path / "saved.roi"
    roi = java("ij.gui.PointRoi")(5.0, 7.0)
    for x, y in ((12.0, 30.0), (80.4, 59.6), (40.7, 2.2)):
        roi.addPoint(x, y)
    java("ij.io.RoiEncoder").save(roi, str(file))
    expected = sorted((int(point.y), int(point.x)) for point in roi.getContainedPoints())
    painted = paint_marks(read_rois(file), [1], shape=SHAPE).values
    assert [tuple(place) for place in np.argwhere(painted)] == expected


def test_points_of_a_stack_lie_on_the_slices_that_they_were_set_on(java: Callable[[str], Any], tmp_path: Path) -> None:
    stack = java("ij.gui.NewImage").createByteImage("stack", SHAPE[1], SHAPE[0], 5, 1)
    stack.setSlice(2)
    roi = java("ij.gui.PointRoi")(5, 7, stack)
    stack.setSlice(4)
    roi.addPoint(stack, 30.0, 20.0)
    file = tmp_path / "saved.roi"
    java("ij.io.RoiEncoder").save(roi, str(file))
    painted = paint_marks(read_rois(file), [3], shape=(5, *SHAPE), axes="ZYX").values
    assert np.argwhere(painted).tolist() == [[1, 7, 5], [3, 20, 30]]
    stack.close()
