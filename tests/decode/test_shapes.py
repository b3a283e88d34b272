"""Shapes of objects, against plain geometry; test_measurements_against_imagej.py compares them with ImageJ's own."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.spatial import ConvexHull
from scipy.spatial.distance import pdist

from pybridge.core.image import Calibration
from pybridge.core.results import ObjectTable
from pybridge.decode import measure_objects
from pybridge.decode.shapes import SHAPE_COLUMNS

MICRONS = Calibration(x=0.5, y=0.25, unit="um", origin_x=3, origin_y=-2)


def shapes_of(labels: np.ndarray, calibration: Calibration | None = None) -> ObjectTable:
    return measure_objects(labels, labels, calibration=calibration, groups=("shape",))


def corners_of(mask: np.ndarray) -> np.ndarray:
    y, x = np.nonzero(mask)
    return np.unique(np.concatenate([np.column_stack([x + dx, y + dy]) for dx in (0, 1) for dy in (0, 1)]), axis=0)


@settings(max_examples=60, deadline=None)
@given(arrays(np.uint8, (9, 13), elements=st.integers(0, 3)), st.sampled_from([0.5, 1.0, 1.7]))
def test_hulls_boxes_and_moments_are_those_of_the_pixels(labels: np.ndarray, height: float) -> None:
    table = shapes_of(labels, Calibration(x=0.5, y=height, unit="um"))
    for row, label in enumerate(table["Label"]):
        mask = labels == label
        points = corners_of(mask) * np.array([0.5, height])
        hull = ConvexHull(points)
        assert table["Feret"][row] == pytest.approx(pdist(points).max())
        widths = np.ptp(points @ hull.equations[:, :2].T, axis=0)
        assert table["MinFeret"][row] == pytest.approx(widths.min())
        assert table["Solidity"][row] == pytest.approx(mask.sum() * 0.5 * height / hull.volume)
        assert table["Width"][row] == pytest.approx(np.ptp(points[:, 0]))
        assert table["BY"][row] == pytest.approx(points[:, 1].min())


@settings(max_examples=60, deadline=None)
@given(arrays(np.bool_, (9, 13)))
def test_the_ellipse_has_the_moments_of_the_pixels_and_their_area(mask: np.ndarray) -> None:
    if not mask.any():
        return
    table = shapes_of(mask.astype(np.uint8))
    y, x = np.nonzero(mask)
    variances = np.linalg.eigvalsh(np.cov(np.stack([x, y]), bias=True) + np.eye(2) / 12)
    major, minor = float(table["Major"][0]), float(table["Minor"][0])
    assert np.pi / 4 * major * minor == pytest.approx(mask.sum())
    assert (major / minor) ** 2 == pytest.approx(variances[1] / variances[0])
    assert table["Eccentricity"][0] == pytest.approx(np.sqrt(1 - variances[0] / variances[1]), abs=1e-6)


def test_angles_go_counter_clockwise_as_on_the_screen() -> None:
    labels = np.zeros((41, 61), np.int32)
    labels[2, 2:12] = 1
    labels[5:15, 2] = 2
    steps = np.arange(10)
    labels[20 + steps, 2 + steps] = 3  # down to the right
    labels[29 - steps, 20 + steps] = 4
    table = shapes_of(labels)
    assert table["Angle"].tolist() == [0, 90, 135, 45]
    assert table["FeretAngle"][2:].tolist() == [135, 45]
    assert table["FeretX"].tolist() == [2, 2, 2, 20]


def test_one_pixel_has_a_shape() -> None:
    labels = np.zeros((5, 7), np.int32)
    labels[2, 3] = 9
    found = {name: float(column[0]) for name, column in zip(*_parts(shapes_of(labels)), strict=True)}
    assert (found["BX"], found["BY"], found["Width"], found["Height"]) == (3, 2, 1, 1)
    assert (found["AR"], found["Angle"], found["Solidity"], found["Eccentricity"]) == (1, 0, 1, 0)
    assert found["Feret"] == pytest.approx(np.sqrt(2))
    assert found["MinFeret"] == pytest.approx(1)


def _parts(table: ObjectTable) -> tuple[tuple[str, ...], tuple[np.ndarray, ...]]:
    return table.names, table.columns


def test_holes_lessen_the_area_and_nothing_of_the_hull() -> None:
    labels = np.zeros((12, 15), np.int32)
    labels[1:11, 2:13] = 1
    whole = shapes_of(labels, MICRONS)
    labels[4:8, 5:10] = 0
    holed = shapes_of(labels, MICRONS)
    for name in ("Perim.", "Feret", "MinFeret", "FeretAngle", "Width", "BX"):
        assert whole[name][0] == holed[name][0]
    assert holed["Solidity"][0] == pytest.approx(90 / 110)


def test_the_whole_image_may_be_one_object() -> None:
    table = shapes_of(np.ones((5, 7)), MICRONS)
    found = [float(table[name][0]) for name in ("BX", "BY", "Width", "Height", "Solidity")]
    assert found == [-1.5, 0.5, 3.5, 1.25, 1]


def test_other_ids_and_float_labels_change_nothing() -> None:
    rng = np.random.default_rng(5)
    labels = np.repeat(np.repeat(rng.integers(0, 5, (6, 8)), 4, 0), 5, 1)
    expected = shapes_of(labels)
    renamed = shapes_of(np.array([0, 7, 70, 700, 65536], np.float32)[labels])
    assert renamed["Label"].tolist() == [7, 70, 700, 65536]
    for name in SHAPE_COLUMNS:
        np.testing.assert_array_equal(renamed[name], expected[name])


def test_an_image_without_objects_keeps_the_columns() -> None:
    table = measure_objects(np.zeros((5, 7)), np.zeros((5, 7)), groups=("shape", "intensity", "neighbours"))
    assert len(table) == 0
    assert {*SHAPE_COLUMNS, "Median", "Touching"} < set(table.names)
    assert len(set(table.names)) == len(table.names)
