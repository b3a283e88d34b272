"""Writing an ``ObjectTable`` as CSV, which ImageJ's Results table opens as it was. Imports core only.

ImageJ reads ``NaN``, ``Infinity`` and ``-Infinity``, as it writes them; of ``inf``, as Python says, it would make NaN.
"""

from __future__ import annotations

import csv
import io
import math
from typing import Any

from numpy.typing import NDArray

from pybridge.core.results import ObjectTable

_DIGITS = 4  # by which a measurement that 3 decimals would call 0 or 1 is told from them
_CALLED_ONE = 0.0005  # so far from 1


def table_to_csv(table: ObjectTable, *, exact: bool = False) -> str:
    """Write a table as CSV with a header; whole-number columns are written plain.

    Parameters
    ----------
    table : ObjectTable
        Columns of numbers or of text.
    exact : bool
        Write as many digits as it takes to read the same numbers back: for scores. Otherwise, for measurements, 3
        decimals, ImageJ's default, and 4 digits of what is small or near 1, so that an area of 0.0026 µm² does not
        become 0.003, nor a confidence of 0.99996 become 1.

    Examples
    --------
    >>> import numpy as np
    >>> table = ObjectTable(("Label", "Area"), (np.array([1, 2]), np.array([12.5, 2 / 3])))
    >>> table_to_csv(table)
    'Label,Area\\n1,12.500\\n2,0.6667\\n'
    >>> table_to_csv(table, exact=True)
    'Label,Area\\n1,12.5\\n2,0.6666666666666666\\n'
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(table.names)
    writer.writerows(zip(*(_cells(column, exact=exact) for column in table.columns), strict=True))
    return text.getvalue()


def _cells(column: NDArray[Any], *, exact: bool) -> list[str]:
    if column.dtype.kind != "f":
        return [str(value) for value in column.tolist()]
    if exact:  # str of numpy's own float, not of Python's: 0.9 in single precision is not 0.8999999761581421
        return [str(value) if math.isfinite(value) else _not_finite(value) for value in column]
    return [_measurement(value) if math.isfinite(value) else _not_finite(value) for value in column.tolist()]


def _not_finite(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    return "Infinity" if value > 0 else "-Infinity"


def _measurement(value: float) -> str:
    rest = abs(abs(value) - 1)
    if 0 < rest < _CALLED_ONE:
        return f"{value:.{_DIGITS - 1 - math.floor(math.log10(rest))}f}".rstrip("0")
    return f"{value:.3f}" if abs(value) >= 1 or value == 0 else f"{value:.{_DIGITS}g}"
