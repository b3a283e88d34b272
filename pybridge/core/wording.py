"""Numbers with their nouns, for everything that people read. Imports nothing."""

from __future__ import annotations


def count_text(number: int, one: str) -> str:
    """Write a number with its noun.

    Examples
    --------
    >>> count_text(1, "image"), count_text(18900, "object")
    ('1 image', '18,900 objects')
    """
    return f"{number:,} {one}" + ("" if number == 1 else "s")
