"""The table of objects, against plain numpy; test_measurements_against_imagej.py compares it with ImageJ's own."""

from __future__ import annotations

import numpy as np
import pytest

from pybridge.core.errors import ImageError
from pybridge.core.image import Calibration
from pybridge.decode import measure_objects


def test_columns_are_those_of_the_interface():
    labels = np.ones((5, 7), np.int32)
    table = measure_objects(labels, labels, confidence=np.array([0.5]), calibration=Calibration())
    assert table.names == ("Label", "Area", "Mean", "X", "Y", "Circ.", "Confidence")
    assert list(table.rows()) == [(1, 35.0, 1.0, 3.5, 2.5, pytest.approx(np.pi / 4, abs=0.2), 0.5)]


@pytest.mark.parametrize("kind", [np.uint8, np.uint16, np.int32, np.int64, np.float32])
def test_each_object_is_measured_whatever_the_type_and_ids(kind):
    rng = np.random.default_rng(2)
    labels = np.array([0, 3, 9, 200], kind)[rng.integers(0, 4, (23, 41))]
    image = rng.normal(50, 20, labels.shape).astype(np.float32)
    calibration = Calibration(x=0.5, y=0.25, unit="um", origin_x=3, origin_y=-2)
    table = measure_objects(labels, image, calibration=calibration)
    assert table["Label"].tolist() == [3, 9, 200]
    assert "Confidence" not in table.names
    for row, label in enumerate((3, 9, 200)):
        y, x = np.nonzero(labels == label)
        assert table["Area"][row] == pytest.approx(y.size * 0.125)
        assert table["Mean"][row] == pytest.approx(image[labels == label].mean(dtype=float))
        assert table["X"][row] == pytest.approx((x.mean() + 0.5 - 3) * 0.5)
        assert table["Y"][row] == pytest.approx((y.mean() + 0.5 + 2) * 0.25)


@pytest.mark.parametrize("kind", [">u2", ">f4", ">f8", "f2", "g", "?", "u8", "i1"])
def test_brightness_is_measured_whatever_the_type_of_the_image(kind):
    image = np.arange(5 * 7).reshape(5, 7).astype(kind)
    labels = np.zeros((5, 7), np.int32)
    labels[1:4, 2:6] = 1
    for given in (image, np.ma.masked_array(image), image[:, ::-1][:, ::-1]):
        assert measure_objects(labels, given)["Mean"] == pytest.approx(image[labels > 0].mean(dtype=float))


def test_roundness_falls_from_disc_to_line():
    yy, xx = np.mgrid[:61, :61]
    labels = ((yy - 30) ** 2 + (xx - 30) ** 2 <= 25**2).astype(np.int32)
    labels[60, 3:50] = 2
    disc, line = measure_objects(labels, labels)["Circ."]
    assert disc > 0.88
    assert line < 0.1


def test_one_pixel_is_round():
    labels = np.zeros((5, 7), np.int32)
    labels[2, 3] = 1
    assert measure_objects(labels, labels)["Circ."].tolist() == [1.0]


def test_the_perimeter_of_two_pieces_is_the_sum():
    labels = np.zeros((15, 27), np.int32)
    labels[2:9, 2:9] = 1
    whole = measure_objects(labels, labels)["Circ."][0]
    labels[2:9, 12:19] = 1
    assert measure_objects(labels, labels)["Circ."][0] == pytest.approx(whole / 2)


def test_an_image_without_objects_gives_an_empty_table():
    table = measure_objects(np.zeros((5, 7), np.int32), np.zeros((5, 7)), confidence=np.zeros(0))
    assert len(table) == 0
    assert len(table.names) == 7


def test_an_image_of_another_shape_is_an_error():
    with pytest.raises(ImageError, match=r"labels of shape \(5, 7\), an image of \(7, 5\)"):
        measure_objects(np.zeros((5, 7), np.int32), np.zeros((7, 5)))


def test_too_few_confidences_are_an_error():
    with pytest.raises(ImageError, match="1 objects, 2 values"):
        measure_objects(np.ones((5, 7), np.int32), np.zeros((5, 7)), confidence=np.zeros(2))


@pytest.mark.parametrize("value", [0.5, -1, np.nan, 2.0**30])
def test_an_image_that_is_no_label_image_is_an_error(value):
    with pytest.raises(ImageError, match="take an image as labels"):
        measure_objects(np.full((5, 7), value), np.zeros((5, 7)))
