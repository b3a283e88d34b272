"""What scoring one result gives, whatever it is. Imports core only."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pybridge.core.image import Image
from pybridge.core.results import EvaluationScores, ObjectTable


@dataclass(frozen=True, slots=True, eq=False)
class Scored:
    """Scores of one result with what people look at.

    Parameters
    ----------
    scores : EvaluationScores
    table : ObjectTable
        One row.
    details : ObjectTable or None
        A row for each object or class.
    errors : Image or None
        Errors in colour.
    maps : tuple of Image
        Maps of errors.
    warnings : tuple of str
    """

    scores: EvaluationScores
    table: ObjectTable
    details: ObjectTable | None = None
    errors: Image | None = None
    maps: tuple[Image, ...] = ()
    warnings: tuple[str, ...] = ()


def one_row(cells: Sequence[tuple[str, str | int | float]]) -> ObjectTable:
    """Make a table of one row out of (name, value); whole numbers stay whole.

    Examples
    --------
    >>> one_row([("Image", "a.tif"), ("TP", 3)])["TP"].tolist()
    [3]
    """
    return ObjectTable(tuple(name for name, _ in cells), tuple(np.array([value]) for _, value in cells))


def or_none(value: float) -> float | None:
    """Write a score that is undefined, or infinite as the PSNR of equal images, as JSON can: None."""
    return float(value) if math.isfinite(value) else None
