"""The groups of measurements that a table of objects can hold. Imports core only."""

from __future__ import annotations

from pybridge.core.errors import UsageError, did_you_mean

BASIC = "basic"
SHAPE = "shape"
INTENSITY = "intensity"
NEIGHBOURS = "neighbours"
MEASUREMENT_GROUPS = (BASIC, SHAPE, INTENSITY, NEIGHBOURS)
"""In the order of their columns; the basic ones are in every table."""

ALL = "all"


def groups_of(measure: str) -> tuple[str, ...]:
    """List the groups that a comma list names, ``basic`` always among them.

    Raises
    ------
    UsageError
        If a name is not known.

    Examples
    --------
    >>> groups_of("neighbours, shape")
    ('basic', 'shape', 'neighbours')
    >>> groups_of("all") == MEASUREMENT_GROUPS
    True
    """
    named = [name.strip() for name in measure.split(",")]
    for name in named:
        if name not in (*MEASUREMENT_GROUPS, ALL):
            raise UsageError(
                f"measure={measure!r}",
                found=f"no measurements are called {name!r}",
                do=f"{did_you_mean(name, (*MEASUREMENT_GROUPS, ALL))}; several go in a comma list",
            )
    return tuple(group for group in MEASUREMENT_GROUPS if group in {BASIC, *named} or ALL in named)
