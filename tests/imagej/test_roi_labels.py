"""ROIs that ImageJ itself makes and saves, painted by us: the same pixels as ImageJ's own masks."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pybridge.files.roi_labels import read_rois, rois_to_labels

pytestmark = pytest.mark.jvm

SHAPE = (61, 83)


def star(corners: int, *, seed: int) -> np.ndarray[Any, Any]:
    """A ring of corners x, y that crosses itself now and then."""
    random = np.random.default_rng(seed)
    angle = np.sort(random.uniform(0, 2 * math.pi, corners))
    radius = random.uniform(3, 26, corners)
    return np.column_stack([41 + 1.2 * radius * np.cos(angle), 30 + radius * np.sin(angle)])


def polygon(java: Callable[[str], Any], points: Any, kind: str, *, number: str) -> Any:
    import jpype

    array = jpype.JArray({"int": jpype.JInt, "float": jpype.JFloat}[number])
    x, y = (array((column.astype(int) if number == "int" else column).tolist()) for column in np.asarray(points).T)
    return java("ij.gui.PolygonRoi")(x, y, len(points), getattr(java("ij.gui.Roi"), kind))


def wand(java: Callable[[str], Any]) -> Any:
    """What the wand traces around a blob."""
    blob = np.hypot(*np.mgrid[-14:15, -19:20] / np.array([1, 1.3])[:, None, None]) + np.sin(np.arange(39)) < 11
    processor = java("ij.process.ByteProcessor")(83, 61)
    for y, x in np.argwhere(blob):
        processor.set(int(x) + 20, int(y) + 12, 255)
    tracer = java("ij.gui.Wand")(processor)
    tracer.autoOutline(40, 26, 255.0, 255.0)
    roi = java("ij.gui.Roi")
    return java("ij.gui.PolygonRoi")(tracer.xpoints, tracer.ypoints, tracer.npoints, roi.TRACED_ROI)


def composite(java: Callable[[str], Any]) -> Any:
    """A polygon with an oval hole, and a piece apart."""
    shape = java("ij.gui.ShapeRoi")
    body = shape(polygon(java, [[5, 7], [40, 3], [44, 38], [9, 44]], "POLYGON", number="int"))
    return body.not_(shape(java("ij.gui.OvalRoi")(14, 12, 13, 11))).or_(shape(java("ij.gui.Roi")(60, 20, 7, 9)))


def curved(java: Callable[[str], Any]) -> Any:
    """A composite whose path has Bézier curves."""
    return java("ij.gui.ShapeRoi")(java("java.awt.geom.Ellipse2D$Double")(7.3, 9.1, 40.4, 33.7))


ROIS: dict[str, Callable[[Callable[[str], Any]], Any]] = {
    "rectangle": lambda java: java("ij.gui.Roi")(5, 7, 11, 13),
    "rectangle between pixels": lambda java: java("ij.gui.Roi")(5.6, 7.2, 11.5, 13.1),
    "rounded rectangle": lambda java: java("ij.gui.Roi")(5, 7, 41, 33, 15),
    "rounded to the end": lambda java: java("ij.gui.Roi")(5, 7, 21, 33, 90),
    "oval": lambda java: java("ij.gui.OvalRoi")(5, 7, 31, 24),
    "small oval": lambda java: java("ij.gui.OvalRoi")(5, 7, 3, 2),
    "oval between pixels": lambda java: java("ij.gui.OvalRoi")(5.6, 7.2, 11.5, 13.1),
    "polygon": lambda java: polygon(java, [[5, 7], [40, 3], [22, 20], [44, 38], [9, 44]], "POLYGON", number="int"),
    "wild polygon": lambda java: polygon(java, star(40, seed=1), "POLYGON", number="int"),
    "polygon between pixels": lambda java: polygon(java, star(17, seed=2), "POLYGON", number="float"),
    "polygon on half pixels": lambda java: polygon(java, np.rint(2 * star(23, seed=5)) / 2, "POLYGON", number="float"),
    "freehand": lambda java: polygon(java, star(300, seed=3), "FREEROI", number="int"),
    "freehand between pixels": lambda java: polygon(java, star(300, seed=4), "FREEROI", number="float"),
    "traced": wand,
    "ellipse": lambda java: java("ij.gui.EllipseRoi")(12.0, 15.0, 61.0, 44.0, 0.45),
    "rotated rectangle": lambda java: java("ij.gui.RotatedRectRoi")(12.0, 15.0, 61.0, 44.0, 17.0),
    "composite": composite,
    "curved composite": curved,
    "beyond the border": lambda java: java("ij.gui.OvalRoi")(-9, -6, 31, 24),
    "beyond the far border": lambda java: java("ij.gui.OvalRoi")(70, 50, 31, 24),
}


def mask_by_imagej(roi: Any) -> np.ndarray[Any, Any]:
    box, mask = roi.getBounds(), roi.getMask()
    inside = np.zeros(SHAPE, bool)
    for y in range(int(box.height)):
        for x in range(int(box.width)):
            at = int(box.y) + y, int(box.x) + x
            if 0 <= at[0] < SHAPE[0] and 0 <= at[1] < SHAPE[1]:
                inside[at] = mask is None or mask.get(x, y) != 0
    return inside


@pytest.mark.parametrize("kind", ROIS)
def test_a_roi_covers_the_pixels_that_imagej_gives_it(java: Callable[[str], Any], tmp_path: Path, kind: str) -> None:
    file = tmp_path / "saved.roi"
    java("ij.io.RoiEncoder").save(ROIS[kind](java), str(file))
    read_again = java("ij.io.RoiDecoder").open(str(file))
    expected = mask_by_imagej(read_again)
    assert expected.any()
    np.testing.assert_array_equal(rois_to_labels(file, shape=SHAPE) == 1, expected)


@pytest.mark.parametrize("seed", range(10, 30))
def test_any_outline_is_filled_as_imagej_fills_it(java: Callable[[str], Any], tmp_path: Path, seed: int) -> None:
    file = tmp_path / "saved.roi"
    java("ij.io.RoiEncoder").save(polygon(java, star(8 + seed, seed=seed), "POLYGON", number="float"), str(file))
    expected = mask_by_imagej(java("ij.io.RoiDecoder").open(str(file)))
    np.testing.assert_array_equal(rois_to_labels(file, shape=SHAPE) == 1, expected)


def test_positions_that_imagej_saves_lead_to_the_plane(java: Callable[[str], Any], tmp_path: Path) -> None:
    file = tmp_path / "saved.roi"
    roi = java("ij.gui.Roi")(5, 7, 11, 13)
    roi.setPosition(2, 3, 4)  # channel, slice, frame
    java("ij.io.RoiEncoder").save(roi, str(file))
    labels = rois_to_labels(file, shape=(5, 3, *SHAPE), axes="TZYX", channels=2)
    assert [tuple(place) for place in np.unique(np.argwhere(labels)[:, :2], axis=0)] == [(3, 2)]
    roi.setPosition(5)
    java("ij.io.RoiEncoder").save(roi, str(file))
    assert np.unique(np.argwhere(rois_to_labels(file, shape=(7, *SHAPE), axes="ZYX"))[:, 0]).tolist() == [4]
    assert len(read_rois(file)) == 1
