"""Numbers with their nouns, and scores, for everything that people read. Imports nothing."""

from __future__ import annotations

import math


def count_text(number: int, one: str) -> str:
    """Write a number with its noun.

    Examples
    --------
    >>> count_text(1, "image"), count_text(18900, "object")
    ('1 image', '18,900 objects')
    """
    return f"{number:,} {one}" + ("" if number == 1 else "s")


def decimal_text(value: float | None) -> str:
    """Write a score with three decimals, or as many as it takes not to call it 0 or 1 when it is not.

    Examples
    --------
    >>> [decimal_text(value) for value in (0.8617, 1.0, 0.99996, -0.00002, float("nan"))]
    ['0.862', '1.000', '0.99996', '-0.00002', 'undefined']
    """
    if value is None or math.isnan(value):
        return "undefined"
    if math.isinf(value):
        return "infinite" if value > 0 else "minus infinite"
    whole = round(value, 3)
    if whole not in (0, 1, -1) or abs(value - whole) < 1e-9:
        return f"{value:.3f}" if value else "0.000"
    digits = next(count for count in range(4, 11) if round(value, count) != whole)
    return f"{value:.{digits}f}"
