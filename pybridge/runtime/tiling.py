"""Where tiles lie in an item: the product of what ``axis_tiles`` lays along each axis, and the choice of their size.

Imports the standard library, core's errors and ``axis_tiles``, which says under which rules a tiled run computes the
same numbers as an untiled one.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pybridge.core.errors import ImageError
from pybridge.runtime.axis_tiles import AxisPlan, AxisRule, plan_axis, tile_lengths

# What starting a run costs, in input pixels: keeps the cheapest plan from being many tiny tiles.
_RUN_COST_PX = 64 * 64


@dataclass(frozen=True, slots=True)
class TilePlan:
    """The tiles of an item: the product of the plans of its axes, in the order of ``axes``."""

    axes: tuple[AxisPlan, ...]

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of every tile."""
        return tuple(axis.tile for axis in self.axes)

    def __len__(self) -> int:
        return math.prod(len(axis.origins) for axis in self.axes)

    def indices(self) -> Iterator[tuple[int, ...]]:
        """Go through the tiles, last axis fastest."""
        return itertools.product(*(range(len(axis.origins)) for axis in self.axes))

    def windows(self, index: tuple[int, ...]) -> tuple[tuple[int, int], ...]:
        """What a tile reads along each axis, in pixels of the item."""
        return tuple(axis.window(each) for axis, each in zip(self.axes, index, strict=True))

    def region(self, index: tuple[int, ...]) -> tuple[slice, ...]:
        """The core of a tile, as slices of the item."""
        return tuple(slice(*axis.cores[each]) for axis, each in zip(self.axes, index, strict=True))


def plan_tiles(shape: Sequence[int], rules: Sequence[AxisRule], *, tile: int | None, budget_px: int) -> TilePlan:
    """Lay tiles over an item.

    Parameters
    ----------
    shape : sequence of int
        Pixels of the item along each axis.
    rules : sequence of AxisRule
        What the network asks of each axis.
    tile : int or None
        Longest edge that the user wants; None chooses the plan that computes the fewest pixels within the budget.
        An edge shorter than the network can work with is lengthened.
    budget_px : int
        Most pixels of one tile when ``tile`` is None.

    Examples
    --------
    >>> rules = [AxisRule(minimum=16, step=16, stride=16, halo=32)] * 2
    >>> plan = plan_tiles((400, 1000), rules, tile=None, budget_px=256 * 256)
    >>> plan.shape, len(plan)
    ((240, 256), 10)
    """
    lengths = [tile_lengths(length, rule) for length, rule in zip(shape, rules, strict=True)]
    if tile is not None:
        chosen = [next((each for each in options if each <= tile), options[-1]) for options in lengths]
    else:
        chosen = _cheapest(shape, rules, lengths, budget_px=budget_px)
    return TilePlan(
        tuple(plan_axis(length, rule, tile=edge) for length, rule, edge in zip(shape, rules, chosen, strict=True))
    )


def _cheapest(
    shape: Sequence[int], rules: Sequence[AxisRule], lengths: list[tuple[int, ...]], *, budget_px: int
) -> list[int]:
    """Choose the tile that computes the fewest pixels in all; the smallest there is when none fits the budget."""
    options = [
        [(edge, len(plan_axis(length, rule, tile=edge).origins)) for edge in edges]
        for length, rule, edges in zip(shape, rules, lengths, strict=True)
    ]
    best: tuple[float, tuple[int, ...]] | None = None
    for combination in itertools.product(*options):
        edges = tuple(edge for edge, _ in combination)
        pixels = math.prod(edges)
        if pixels > budget_px:
            continue
        cost = math.prod(count for _, count in combination) * (pixels + _RUN_COST_PX)
        if best is None or cost < best[0]:
            best = (cost, edges)
    return list(best[1]) if best is not None else [edges[-1] for edges in lengths]


def whole(shape: Sequence[int], rules: Sequence[AxisRule]) -> TilePlan:
    """Plan an untiled run.

    Raises
    ------
    ImageError
        If the network takes one length only and the item is longer.
    """
    for length, rule in zip(shape, rules, strict=True):
        if rule.fixed and rule.canvas(length) > rule.minimum:
            raise ImageError(
                f"tile='none' on {length} pixels",
                found=f"the network takes exactly {rule.minimum}",
                do="use tile=auto",
            )
    return TilePlan(
        tuple(plan_axis(length, rule, tile=rule.canvas(length)) for length, rule in zip(shape, rules, strict=True))
    )
