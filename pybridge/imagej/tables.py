"""Object tables in ImageJ's Results table: appended column by column, existing rows untouched."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pybridge.core.results import ObjectTable
from pybridge.imagej.jvm import JavaObject, java_class

_NOT_FOUND = -1
# Writing one cell costs about as much as writing this many in one array.
_CELLS_IN_ONE_CALL = 40


def append_to_results(objects: ObjectTable) -> None:
    """Append a table of objects to ImageJ's Results table and show it.

    Rows that are there stay as they are; in columns that they lack they get NaN, or an empty text in those of text, and
    so do the new rows in columns that only the old ones have. ``Label`` goes into the row labels when the table already
    has such, else it is a column of numbers.

    Parameters
    ----------
    objects : ObjectTable
        Columns of numbers or of text.
    """
    results = java_class("ij.measure.ResultsTable").getResultsTable()
    append_rows(results, objects)
    results.show("Results")


def append_rows(results: JavaObject, objects: ObjectTable) -> None:
    """Append a table of objects to a results table; see ``append_to_results``."""
    if not len(objects):
        return
    first, count = int(results.size()), len(objects)
    foreign = [str(name) for name in results.getHeadings()] if first else []
    labelled = first > 0 and "Label" in foreign and _index_of(results, "Label") == _NOT_FOUND
    for _ in range(count):
        results.incrementCounter()
    for name, column in zip(objects.names, objects.columns, strict=True):
        if name == "Label" and labelled:
            for row, value in enumerate(column.tolist(), start=first):
                results.setLabel(str(value), row)
        elif column.dtype.kind == "U":
            _write_text(results, name, column.tolist(), first)
        else:
            _write_column(results, name, column.astype(np.float64), first)
    for name in foreign:
        if name not in objects.names and _index_of(results, name) != _NOT_FOUND:
            if _is_text(results, name):
                _write_text(results, name, [""] * count, first)
            else:
                _write_column(results, name, np.full(count, np.nan), first)


def _write_text(results: JavaObject, name: str, texts: list[str], first: int) -> None:
    """Write texts into one column from row ``first`` on, making the column when it is missing."""
    if first and _index_of(results, name) == _NOT_FOUND:
        # A text shows where the number is NaN; in a column that setValue makes, the rows before would be 0.
        results.setValues(name, _doubles(np.full(first, np.nan)))
    for row, text in enumerate(texts, start=first):
        results.setValue(name, row, text)
    results.addValue(name, texts[-1])  # for the reason that is given below


def _write_column(results: JavaObject, name: str, values: NDArray[np.float64], first: int) -> None:
    """Write values into one column from row ``first`` on, making the column when it is missing."""
    index = _index_of(results, name)
    missing = index == _NOT_FOUND
    if missing or len(values) * _CELLS_IN_ONE_CALL > first:
        before = np.full(first, np.nan) if missing else _column(results, name)[:first]
        results.setValues(name, _doubles(np.concatenate([before, values])))
    else:
        for row, value in enumerate(values.tolist(), start=first):
            results.setValue(index, row, value)
    # addValue, unlike setValues, marks a column as one that ImageJ's own Measure must not drop.
    results.addValue(name, float(values[-1]))


def _is_text(results: JavaObject, name: str) -> bool:
    """Say whether a column holds text, in whichever row."""
    cells = results.getColumnAsVariables(name)
    without_number = np.flatnonzero(np.isnan(_column(results, name)[: len(cells)]))
    return any(cells[row].getString() is not None for row in without_number.tolist())


def _index_of(results: JavaObject, name: str) -> int:
    """Find a column; ImageJ knows its own headings (Mean, X, …) also while there is no such column."""
    index = int(results.getColumnIndex(name))
    return index if index != _NOT_FOUND and bool(results.columnExists(index)) else _NOT_FOUND


def _column(results: JavaObject, name: str) -> NDArray[np.float64]:
    return np.array(results.getColumn(name), dtype=np.float64)


def _doubles(values: NDArray[Any]) -> JavaObject:
    import jpype

    return jpype.JArray(jpype.JDouble)(values)
