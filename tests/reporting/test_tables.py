"""Tables of objects and of scores as CSV."""

import csv
import io
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis.extra.numpy import arrays

from pybridge.core.results import ObjectTable
from pybridge.reporting.tables import table_to_csv


def test_whole_numbers_are_plain_and_small_ones_keep_their_digits():
    table = ObjectTable(
        ("Label", "Area", "Mean"), (np.array([1, 2]), np.array([12.5, 0.00263]), np.array([0.0, np.nan]))
    )
    assert table_to_csv(table) == "Label,Area,Mean\n1,12.500,0.000\n2,0.00263,NaN\n"


def test_an_empty_table_has_its_header():
    assert table_to_csv(ObjectTable(("Label",), (np.zeros(0, int),))) == "Label\n"


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0.99996, "0.99996"), (1.00001, "1.00001"), (-0.9999996, "-0.9999996"), (1.0, "1.000"), (0.9994, "0.9994")],
)
def test_a_measurement_that_is_not_1_is_not_written_as_1(value, shown):
    assert table_to_csv(ObjectTable(("Mean",), (np.array([value]),))) == f"Mean\n{shown}\n"


@pytest.mark.parametrize("exact", [True, False])
def test_what_is_not_finite_is_written_as_imagej_does(exact):
    table = ObjectTable(("PSNR",), (np.array([math.inf, -math.inf, math.nan]),))
    assert table_to_csv(table, exact=exact) == "PSNR\nInfinity\n-Infinity\nNaN\n"


@given(arrays(np.float64, 7) | arrays(np.float32, 7) | arrays(np.int64, 7))
def test_scores_are_read_back_to_the_last_digit(values):
    text = table_to_csv(ObjectTable(("Score",), (values,)), exact=True)
    found = [row["Score"] for row in csv.DictReader(io.StringIO(text))]
    if values.dtype.kind == "i":
        assert [int(each) for each in found] == values.tolist()
    else:
        np.testing.assert_array_equal(np.array([float(each) for each in found]).astype(values.dtype), values)


def test_a_score_in_single_precision_has_no_digits_of_chance():
    assert table_to_csv(ObjectTable(("SSIM",), (np.array([0.9], np.float32),)), exact=True) == "SSIM\n0.9\n"
