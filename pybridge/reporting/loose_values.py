"""Values of descriptions and records that anybody may have written, as text for people. Imports nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def words_of(name: str) -> str:
    """Write the name of a setting as words."""
    return name.replace("_", " ")


def plain_of(value: object) -> str:
    """Write a setting: two numbers are a range, other lists have commas."""
    if isinstance(value, (list, tuple)):
        is_range = len(value) == 2 and not any(isinstance(each, str) for each in value)
        return (" to " if is_range else ", ").join(map(plain_of, value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def text_of(value: object) -> str:
    """Write a value on one line; None is empty."""
    return "" if value is None else " ".join(str(value).split())


def mapping_of(value: object) -> Mapping[str, Any]:
    """Give a mapping, or an empty one in the place of anything else."""
    return value if isinstance(value, Mapping) else {}


def mappings_of(value: object) -> tuple[Mapping[str, Any], ...]:
    """Give the mappings in a list; none in the place of anything else."""
    return tuple(each for each in value if isinstance(each, Mapping)) if isinstance(value, (list, tuple)) else ()
