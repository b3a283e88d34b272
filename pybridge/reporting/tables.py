"""Writing an ``ObjectTable`` as CSV, the way ImageJ's Results table saves it. Imports core only."""

from __future__ import annotations

import csv
import io

from pybridge.core.results import ObjectTable


def table_to_csv(table: ObjectTable) -> str:
    """Write a table as CSV with a header.

    Whole-number columns are written plain; others with 3 decimals, ImageJ's default, and small ones with 4 digits, so
    that an area of 0.0026 µm² does not become 0.003.

    Examples
    --------
    >>> import numpy as np
    >>> table_to_csv(ObjectTable(("Label", "Area"), (np.array([1]), np.array([12.5]))))
    'Label,Area\\n1,12.500\\n'
    """
    columns = [
        [str(value) for value in column.tolist()]
        if column.dtype.kind in "iuU"
        else [_decimal(value) for value in column.tolist()]
        for column in table.columns
    ]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(table.names)
    writer.writerows(zip(*columns, strict=True))
    return text.getvalue()


def _decimal(value: float) -> str:
    if value != value:
        return "NaN"
    return f"{value:.3f}" if abs(value) >= 1 or value == 0 else f"{value:.4g}"
