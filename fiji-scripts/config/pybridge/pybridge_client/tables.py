"""Rows for a Results table: appended column by column, existing rows untouched."""

from __future__ import absolute_import

import jarray
from java.lang import Double, System

NOT_FOUND = -1
# Writing one cell costs about as much as writing this many in one array.
CELLS_IN_ONE_CALL = 40


def append_rows(results, names, columns):
    """Append columns (Java arrays of doubles, or lists of text) to a Results table.

    Old rows get NaN, or an empty text, in columns that they lack, new rows in those that only the old ones have.
    "Label" goes into the row labels when the table already has such, else it is a column of numbers.
    """
    count = len(columns[0]) if columns else 0
    if not count:
        return
    first = results.size()
    foreign = list(results.getHeadings()) if first else []
    labelled = first > 0 and "Label" in foreign and _index_of(results, "Label") == NOT_FOUND
    for _ in range(count):
        results.incrementCounter()
    for name, column in zip(names, columns):
        if name == "Label" and labelled:
            for row in range(count):
                results.setLabel("%d" % column[row], first + row)
        elif isinstance(column, list):
            _write_text(results, name, column, first)
        else:
            _write_column(results, name, column, first)
    for name in foreign:
        if name not in names and _index_of(results, name) != NOT_FOUND:
            if _is_text(results, name):
                _write_text(results, name, [""] * count, first)
            else:
                _write_column(results, name, _nan(count), first)


def _write_text(results, name, texts, first):
    if first and _index_of(results, name) == NOT_FOUND:
        # A text shows where the number is NaN; in a column that setValue makes, the rows before would be 0.
        results.setValues(name, _nan(first))
    for row in range(len(texts)):
        results.setValue(name, first + row, texts[row])
    results.addValue(name, texts[-1])  # for the reason that is given below


def _write_column(results, name, values, first):
    index = _index_of(results, name)
    count = len(values)
    if index == NOT_FOUND or count * CELLS_IN_ONE_CALL > first:
        whole = _nan(first + count)
        if index != NOT_FOUND:
            System.arraycopy(results.getColumnAsDoubles(index), 0, whole, 0, first)
        System.arraycopy(values, 0, whole, first, count)
        results.setValues(name, whole)
    else:
        for row in range(count):
            results.setValue(index, first + row, values[row])
    # addValue, unlike setValues, marks a column as one that ImageJ's own Measure must not drop.
    results.addValue(name, values[count - 1])


def _is_text(results, name):
    """Whether a column holds text, in whichever row."""
    return any(cell.getString() is not None for cell in results.getColumnAsVariables(name))


def _index_of(results, name):
    """Find a column; ImageJ knows its own headings (Mean, X, ...) also while there is no such column."""
    index = results.getColumnIndex(name)
    return index if index != NOT_FOUND and results.columnExists(index) else NOT_FOUND


def _nan(count):
    from java.util import Arrays

    values = jarray.zeros(count, "d")
    Arrays.fill(values, Double.NaN)
    return values
