"""Object tables in ImageJ's Results table."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pybridge.core.results import ObjectTable
from pybridge.imagej import Gateway
from pybridge.imagej.tables import append_rows, append_to_results

pytestmark = pytest.mark.jvm

TWO = ObjectTable(
    ("Label", "Area", "X"), (np.array([1, 2], np.int32), np.array([10.0, 12.5]), np.array([0.5, 1.5], np.float32))
)


def test_objects_become_rows_in_the_order_of_the_columns(results: Any) -> None:
    append_to_results(TWO)
    assert results.size() == 2
    assert str(results.getColumnHeadings()).split() == ["Label", "Area", "X"]
    assert list(results.getColumn("Label")) == [1, 2]
    assert list(results.getColumn("Area")) == [10, 12.5]


def test_rows_that_are_there_stay(results: Any) -> None:
    for row, text in enumerate(("first", "second")):
        results.setValue("Area", row, 7.0 + row)
        results.setValue("Length", row, 3.0)
        results.setValue("Note", row, text)
    append_to_results(TWO)
    assert list(results.getColumn("Area")) == [7, 8, 10, 12.5]
    assert list(results.getColumn("Length"))[:2] == [3, 3]
    assert np.isnan(list(results.getColumn("Length"))[2:]).all()
    assert [str(text) for text in results.getColumnAsStrings("Note")][:2] == ["first", "second"]
    assert np.isnan(list(results.getColumn("X"))[:2]).all()


def test_labels_join_the_row_labels_when_there_are_such(results: Any) -> None:
    results.incrementCounter()
    results.addLabel("cells.tif")
    results.addValue("Area", 3.0)
    append_to_results(TWO)
    assert [str(results.getLabel(row)) for row in range(3)] == ["cells.tif", "1", "2"]
    assert str(results.getColumnHeadings()).split().count("Label") == 1


@pytest.mark.parametrize("before", [0, 1, 5000])
def test_appending_few_rows_to_many_gives_the_same_as_many_to_few(results: Any, before: int) -> None:
    many = ObjectTable(("Label", "Area"), (np.arange(before), np.linspace(0, 1, before)))
    append_to_results(many)
    append_to_results(TWO)
    assert results.size() == before + 2
    np.testing.assert_array_equal(list(results.getColumn("Area")), [*np.linspace(0, 1, before), 10, 12.5])


def test_an_empty_table_changes_nothing(results: Any) -> None:
    append_to_results(ObjectTable(("Label", "Area"), (np.zeros(0, int), np.zeros(0))))
    assert results.size() == 0


def test_measuring_lines_afterwards_keeps_our_columns(gateway: Gateway, results: Any) -> None:
    append_to_results(TWO)
    results.update(0, None, None)  # what ImageJ does when the set of measurements changes
    assert list(results.getColumn("Area")) == [10, 12.5]


@pytest.mark.parametrize("before", ['run("Measure");', 'run("Set Measurements...", "area"); run("Measure");'])
def test_a_table_that_imagejs_own_measure_began_is_gone_on_with(gateway, results, before):
    objects = ObjectTable(("Label", "Area", "Mean", "X"), tuple(np.array([1.0, 2.0]) for _ in range(4)))
    gateway.run_macro(f'newImage("a", "8-bit ramp", 60, 50, 1); {before}')
    rows = int(results.size())
    area = float(results.getValue("Area", 0))
    for expected in (rows + 2, rows + 4):
        append_rows(results, objects)
        assert int(results.size()) == expected
    assert float(results.getValue("Area", 0)) == area
    assert float(results.getValue("X", expected - 1)) == 2.0


WORDS = ObjectTable(("Image", "F1", "Unit"), (np.array(["a, b.tif"]), np.array([0.5]), np.array(["µm"])))


def saved(gateway: Gateway, path: Path) -> list[dict[str, str]]:
    """The rows of the Results table as ImageJ saves them."""
    gateway.run_macro(f'saveAs("Results", "{path}");')
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_a_saved_table_has_no_text_where_a_row_has_none(gateway: Gateway, results: Any, tmp_path: Path) -> None:
    for table in (TWO, WORDS, TWO, WORDS):
        append_to_results(table)
    rows = saved(gateway, tmp_path / "rows.csv")
    assert [row["Image"] for row in rows] == ["", "", "a, b.tif", "", "", "a, b.tif"]
    assert [row["Unit"] for row in rows] == ["", "", "µm", "", "", "µm"]
    assert [row["F1"] for row in rows] == ["NaN", "NaN", "0.500", "NaN", "NaN", "0.500"]
    assert [row["Area"] for row in rows] == ["10.000", "12.500", "NaN", "10.000", "12.500", "NaN"]


def test_text_below_numbers_is_still_a_column_of_text(gateway: Gateway, results: Any, tmp_path: Path) -> None:
    gateway.run_macro('setResult("Note", 0, 3); setResult("Note", 1, "mine"); updateResults();')
    append_to_results(TWO)
    assert [row["Note"] for row in saved(gateway, tmp_path / "rows.csv")] == ["3", "mine", "", ""]


def test_measuring_afterwards_keeps_columns_of_text(gateway: Gateway, results: Any) -> None:
    append_to_results(TWO)
    append_to_results(WORDS)
    results.update(0, None, None)
    assert [str(text) for text in results.getColumnAsStrings("Image")] == ["", "", "a, b.tif"]
