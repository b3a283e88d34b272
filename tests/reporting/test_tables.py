"""The table of objects as CSV."""

import numpy as np

from pybridge.core.results import ObjectTable
from pybridge.reporting.tables import table_to_csv


def test_whole_numbers_are_plain_and_small_ones_keep_their_digits():
    table = ObjectTable(
        ("Label", "Area", "Mean"), (np.array([1, 2]), np.array([12.5, 0.00263]), np.array([0.0, np.nan]))
    )
    assert table_to_csv(table) == "Label,Area,Mean\n1,12.500,0.000\n2,0.00263,NaN\n"


def test_an_empty_table_has_its_header():
    assert table_to_csv(ObjectTable(("Label",), (np.zeros(0, int),))) == "Label\n"
