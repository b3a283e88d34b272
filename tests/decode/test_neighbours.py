"""Neighbours of objects, against searching all pairs of pixels."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from pybridge.core.image import Calibration
from pybridge.core.results import ObjectTable
from pybridge.decode import measure_objects


def neighbours_of(labels: np.ndarray, calibration: Calibration | None = None) -> ObjectTable:
    return measure_objects(labels, labels, calibration=calibration, groups=("neighbours",))


def gap(labels: np.ndarray, one: int, other: int, pixel: tuple[float, float]) -> float:
    """Distance between the areas of two objects, from all pairs of their pixels."""
    here, there = np.argwhere(labels == one), np.argwhere(labels == other)
    apart = np.maximum(np.abs(here[:, None] - there[None]) - 1, 0) * np.array(pixel[::-1])
    return float(np.sqrt((apart**2).sum(axis=-1)).min())


@settings(max_examples=80, deadline=None)
@given(
    arrays(np.uint8, (11, 15), elements=st.sampled_from([0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 5, 9])),
    st.sampled_from([(1.0, 1.0), (0.5, 0.5), (0.4, 1.3)]),
)
def test_neighbours_are_those_of_all_pairs_of_pixels(labels: np.ndarray, pixel: tuple[float, float]) -> None:
    table = neighbours_of(labels, Calibration(x=pixel[0], y=pixel[1], unit="um"))
    ids = [int(label) for label in table["Label"]]
    centres = np.column_stack([table["X"], table["Y"]]).astype(float)
    for row, label in enumerate(ids):
        gaps = {other: gap(labels, label, other, pixel) for other in ids if other != label}
        assert table["Touching"][row] == sum(distance == 0 for distance in gaps.values())
        if not gaps:
            assert table["Nearest"][row] == 0
            assert np.isnan([table["NearestEdge"][row], table["NearestCentre"][row]]).all()
            continue
        nearest = min(gaps, key=lambda other: (round(gaps[other], 9), other))
        assert table["NearestEdge"][row] == pytest.approx(gaps[nearest])
        assert gaps[int(table["Nearest"][row])] == pytest.approx(gaps[nearest])
        if pixel == (1.0, 1.0):
            assert table["Nearest"][row] == nearest
        distances = np.hypot(*(centres - centres[row]).T)
        assert table["NearestCentre"][row] == pytest.approx(np.delete(distances, row).min(), abs=1e-12)


def test_a_corner_is_a_contact_and_a_pixel_between_is_not() -> None:
    labels = np.zeros((9, 14), np.int32)
    labels[1:4, 1:4] = 1
    labels[4:7, 4:7] = 2
    labels[4:7, 8:11] = 3
    table = neighbours_of(labels, Calibration(x=0.5, y=2, unit="um"))
    assert table["Touching"].tolist() == [1, 1, 0]
    assert table["NearestEdge"].tolist() == [0, 0, 0.5]
    assert table["Nearest"].tolist() == [2, 1, 2]
    assert table["NearestCentre"].tolist() == pytest.approx([np.hypot(1.5, 6), 2, 2])


def test_an_object_inside_another_touches_it() -> None:
    labels = np.ones((9, 13), np.int32)
    labels[3:6, 4:9] = 0
    labels[4, 6] = 2
    table = neighbours_of(labels)
    assert table["Touching"].tolist() == [0, 0]
    assert table["NearestEdge"].tolist() == [1, 1]
    assert table["NearestCentre"].tolist() == pytest.approx([0, 0])
    labels[3:6, 4:9] = 2
    assert neighbours_of(labels)["Touching"].tolist() == [1, 1]


def test_the_nearest_edge_and_the_nearest_centre_may_belong_to_different_objects() -> None:
    labels = np.zeros((60, 60), np.int32)
    labels[30, 5] = 1
    labels[0:60, 8:58] = 2  # its edge is 2 pixels away, its centre far
    labels[36, 5] = 3
    table = neighbours_of(labels)
    assert table["Nearest"].tolist() == [2, 1, 2]
    assert table["NearestCentre"][0] == 6


def test_far_objects_find_each_other_in_all_directions() -> None:
    for y, x in ((0, 0), (0, 90), (60, 0), (60, 90), (0, 45), (30, 0), (60, 45), (30, 90)):
        labels = np.zeros((61, 91), np.int32)
        labels[30, 45] = 7
        labels[y, x] = 3
        table = neighbours_of(labels)
        expected = np.hypot(max(abs(y - 30) - 1, 0), max(abs(x - 45) - 1, 0))
        assert table["NearestEdge"].tolist() == pytest.approx([expected] * 2)
        assert table["Nearest"].tolist() == [7, 3]


@pytest.mark.parametrize("seed", range(12))
def test_far_and_ragged_objects_are_measured_as_all_pairs_of_pixels_say(seed: int) -> None:
    rng = np.random.default_rng(seed)
    labels = np.zeros((140, 230), np.int32)
    for label in range(1, int(rng.integers(3, 6))):
        (y, x), (h, w) = rng.integers(0, (100, 190)), rng.integers(1, 40, 2)
        part = labels[y : y + h, x : x + w]
        part[rng.random(part.shape) < rng.choice([0.02, 0.3, 1.0])] = label
    calibration = Calibration(x=0.7, y=float(rng.choice([0.7, 0.2, 2.0])), unit="um")
    table = neighbours_of(labels, calibration)
    for row, label in enumerate(table["Label"]):
        gaps = [gap(labels, label, other, (0.7, calibration.y)) for other in table["Label"] if other != label]
        assert table["NearestEdge"][row] == pytest.approx(min(gaps))


def test_a_comb_far_from_a_pixel_is_searched_rightly() -> None:
    labels = np.zeros((300, 400), np.int32)
    labels[::2, :150] = labels[:, 0] = 1
    labels[151, 349] = 2
    assert neighbours_of(labels)["NearestEdge"].tolist() == [199, 199]
