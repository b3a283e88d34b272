"""ResultsTable to pandas and back. pandas is imported inside functions: PyBridge itself does not need it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from pybridge.core.errors import PackageMissingError, UsageError
from pybridge.imagej.jvm import JavaObject, java_class

if TYPE_CHECKING:
    import pandas

_EXACT_INTEGERS = 2**53


def results_to_dataframe(table: JavaObject) -> pandas.DataFrame:
    """Copy a ResultsTable into a DataFrame.

    Parameters
    ----------
    table : ij.measure.ResultsTable
        ImageJ's Results table, or any other.

    Returns
    -------
    pandas.DataFrame
        Columns in the order of the table; numbers as float64, as ImageJ keeps them, text as text. Row labels, if there
        are such, are the column ``Label``.

    Raises
    ------
    PackageMissingError
        If pandas is not installed.
    """
    frame_class = _pandas("give a results table as a DataFrame").DataFrame
    columns: dict[str, Any] = {}
    for name in map(str, table.getHeadings()):
        index = int(table.getColumnIndex(name))
        if index < 0 or not bool(table.columnExists(index)):
            columns[name] = [_text(label) for label in table.getColumnAsStrings(name)]  # the row labels
            continue
        numbers = np.array(table.getColumnAsDoubles(index), dtype=np.float64)
        columns[name] = numbers
        if np.isnan(numbers).any():
            texts = [_text(value) for value in table.getColumnAsStrings(name)]
            if any(text != "NaN" for text, number in zip(texts, numbers, strict=True) if number != number):
                columns[name] = texts
    return frame_class(columns)


def dataframe_to_results(frame: pandas.DataFrame) -> JavaObject:
    """Copy a DataFrame into a new ResultsTable; it is not shown.

    Parameters
    ----------
    frame : pandas.DataFrame
        Numbers and booleans become numbers, missing ones NaN; everything else becomes text, missing text empty. An
        index with a name becomes the first column.

    Returns
    -------
    ij.measure.ResultsTable

    Raises
    ------
    UsageError
        If two columns have one name, or whole numbers are too large for ImageJ's table.
    """
    asked = "copy a DataFrame into a results table"
    if any(frame.index.names):
        frame = frame.reset_index()
    names = [str(name) for name in frame.columns]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise UsageError(asked, found=f"several columns of the name {twice[0]!r}", do="rename them: ImageJ knows one")
    table = java_class("ij.measure.ResultsTable")()
    for place, name in enumerate(names):
        series = frame.iloc[:, place]
        if not len(series):
            table.getFreeColumn(name)
        elif series.dtype.kind in "biuf":
            numbers = series.to_numpy(dtype=np.float64, na_value=np.nan)
            if series.dtype.kind in "iu" and bool(((series > _EXACT_INTEGERS) | (series < -_EXACT_INTEGERS)).any()):
                raise UsageError(
                    asked,
                    found=f"whole numbers above 2^53 in {name!r}",
                    do="turn the column into text first, with astype(str)",
                )
            table.setValues(name, _doubles(numbers))
        else:
            missing = series.isna().to_numpy()
            for row, value in enumerate(series.tolist()):
                table.setValue(name, row, "" if missing[row] else str(value))
    return table


def _doubles(values: Any) -> JavaObject:
    import jpype

    return jpype.JArray(jpype.JDouble)(np.ascontiguousarray(values, np.float64))


def _text(value: JavaObject | None) -> str:
    return "" if value is None else str(value)


def _pandas(asked: str) -> Any:
    try:
        import pandas
    except ImportError as error:
        raise PackageMissingError(asked, found=str(error), do="pip install pandas") from error
    return pandas
