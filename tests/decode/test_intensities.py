"""Brightness of objects, against scipy; test_measurements_against_imagej.py compares it with ImageJ's own."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from pybridge.core.errors import ImageError
from pybridge.core.image import Calibration
from pybridge.decode import measure_objects
from pybridge.decode.intensities import INTENSITY_COLUMNS, ChannelPlane

LABELS = np.repeat(np.repeat(np.arange(6).reshape(2, 3), 7, 0), 9, 1)


def brightness(image: np.ndarray, labels: np.ndarray = LABELS, **more):
    return measure_objects(labels, image, groups=("intensity",), **more)


@pytest.mark.parametrize("kind", ["u1", ">u2", "i2", "i4", "u8", "f2", ">f4", "f8", "g"])
def test_statistics_are_those_of_the_pixels_whatever_their_type(kind: str) -> None:
    image = np.random.default_rng(1).gamma(2, 20, LABELS.shape).astype(kind)
    table = brightness(image, calibration=Calibration(x=0.5, y=0.25, unit="um"))
    for row, label in enumerate(table["Label"]):
        values = image[label == LABELS].astype(float)
        assert table["Mean"][row] == pytest.approx(values.mean())
        assert table["StdDev"][row] == pytest.approx(values.std(ddof=1))
        assert (table["Min"][row], table["Max"][row]) == (values.min(), values.max())
        assert table["Median"][row] == pytest.approx(np.median(values))
        assert table["Skew"][row] == pytest.approx(stats.skew(values))
        assert table["Kurt"][row] == pytest.approx(stats.kurtosis(values))
        assert table["RawIntDen"][row] == pytest.approx(values.sum())
        assert table["IntDen"][row] == pytest.approx(values.sum() * 0.125)
        y, x = np.nonzero(label == LABELS)
        assert table["XM"][row] == pytest.approx((np.average(x, weights=values) + 0.5) * 0.5)
        assert table["YM"][row] == pytest.approx((np.average(y, weights=values) + 0.5) * 0.25)


def test_modes_and_medians_are_imagej_s_for_whole_and_for_other_numbers() -> None:
    labels = np.ones((1, 6), np.uint8)
    image = np.array([[9, 2, 2, 9, 5, 6]])
    whole, real = (brightness(image.astype(kind), labels) for kind in (np.uint16, np.float32))
    assert (whole["Mode"][0], whole["Median"][0]) == (2, 6)
    assert real["Mode"][0] == pytest.approx(2 + 7 / 256 / 2)
    assert real["Median"][0] == 5.5


def test_one_pixel_and_equal_pixels_have_no_skewness() -> None:
    labels = np.array([[1, 0, 2, 2]], np.int32)
    table = brightness(np.array([[7.5, 0, 3.5, 3.5]]), labels)
    assert table["StdDev"].tolist() == [0, 0]
    assert table["Mode"].tolist() == table["Median"].tolist() == [7.5, 3.5]
    assert np.isnan(table["Skew"]).all()
    assert np.isnan(table["Kurt"]).all()


def test_the_centre_of_mass_of_an_object_without_mass_is_undefined() -> None:
    table = brightness(np.zeros(LABELS.shape, np.uint8))
    assert np.isnan(table["XM"]).all()
    assert not np.isnan(table["RawIntDen"]).any()


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_value_that_is_no_number_concerns_its_object_alone(value: float) -> None:
    image = np.random.default_rng(2).normal(50, 9, LABELS.shape)
    expected = brightness(image)
    image[0, 12] = value
    table = brightness(image)
    for name in INTENSITY_COLUMNS[1:]:
        assert np.isnan(table[name][0])
        np.testing.assert_array_equal(table[name][1:], expected[name][1:])


def test_other_channels_have_columns_of_their_own() -> None:
    image = np.random.default_rng(3).integers(0, 99, LABELS.shape)
    others = [ChannelPlane("C1", image * 2), ChannelPlane("C3", image.astype(np.float32) + 1)]
    table = brightness(image, others=others)
    assert table.names[:7] == ("Label", "Area", "Mean", "X", "Y", "Circ.", "StdDev")
    np.testing.assert_allclose(table["Mean C1"], 2 * table["Mean"])
    np.testing.assert_allclose(table["Max C3"], table["Max"] + 1)
    assert len(table.names) == 6 + 3 * len(INTENSITY_COLUMNS) - 1
    assert not any("C1" in name for name in measure_objects(LABELS, image, others=others).names)


def test_a_channel_of_another_shape_is_an_error() -> None:
    with pytest.raises(ImageError, match=r"labels of shape \(14, 27\), an image of \(27, 14\)"):
        brightness(LABELS, others=[ChannelPlane("C2", LABELS.T)])


def test_the_image_stays_as_it_is() -> None:
    image = np.random.default_rng(4).integers(0, 99, LABELS.shape).astype(np.uint16)
    before = image.copy()
    brightness(image)
    np.testing.assert_array_equal(image, before)
