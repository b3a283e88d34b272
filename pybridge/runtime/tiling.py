"""Where tiles lie: pure geometry, one axis at a time. Imports the standard library and core's errors.

::

    item                     0 |--------------------------------| n
    canvas          0 |--margin|                                |---| N     N = a length the network takes
    tile 0            |=======core=======|~halo~|
    tile 1                        |~halo~|=====core=====|~halo~|
    tile 2                                       |~halo~|====core===|

The canvas is the item, reflected outwards to a length that the network takes: it is what an untiled run would see.
Tiles read from the canvas. At the ends of the canvas a tile ends where the untiled run ends, so that it sees the same
padding inside the network; at interior sides it reads ``halo`` pixels more than its core, at least the receptive
field of the network. Origins are multiples of the network's total stride, so that its pooling grid falls on the same
pixels. Under these three rules a tiled run computes the same numbers as an untiled one.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pybridge.core.errors import ImageError

# What starting a run costs, in input pixels: keeps the cheapest plan from being many tiny tiles.
_RUN_COST_PX = 64 * 64
_MOST_TILES = 512


@dataclass(frozen=True, slots=True)
class AxisRule:
    """What the network asks of one axis, in input pixels.

    Parameters
    ----------
    minimum, step : int
        Lengths taken: ``minimum + k · step``; ``step`` 0 means exactly ``minimum``.
    stride : int
        Total stride of the network: shifting the input by this shifts the output.
    halo : int
        How far beyond its core a tile must read at interior sides.
    margin : int
        Border that the network itself takes off each side (convolutions without padding).
    grain : int
        Cores may only meet at multiples of this (outputs at half the resolution: 2).
    """

    minimum: int = 1
    step: int = 1
    stride: int = 1
    halo: int = 0
    margin: int = 0
    grain: int = 1

    @property
    def fixed(self) -> bool:
        """Whether the network takes one length only."""
        return self.step == 0

    @property
    def pitch(self) -> int:
        """Tile origins are multiples of this."""
        return math.lcm(self.stride, self.step or 1, self.grain)

    @property
    def reach(self) -> int:
        """The halo at the low side of a tile, brought to the grain."""
        return math.ceil(max(self.halo, self.margin) / self.grain) * self.grain

    def canvas(self, length: int) -> int:
        """Give the length of the canvas for an item of ``length`` pixels."""
        least = length + 2 * self.margin
        by = self.pitch if self.fixed else self.step
        return self.minimum + max(0, math.ceil((least - self.minimum) / by)) * by

    def smallest_tile(self, canvas: int) -> int:
        """Give the shortest tile that can make progress on a canvas; the canvas itself when none can."""
        if self.fixed:
            return min(self.minimum, canvas)
        least = max(self.minimum, 2 * self.reach + self.pitch)
        return canvas - max(0, (canvas - least) // self.pitch) * self.pitch

    def shortest_cut(self) -> int:
        """Give the length of the shortest item that needs two tiles, each as short as the network allows."""
        return self.smallest_tile(self.canvas(1 << 16)) + self.pitch


@dataclass(frozen=True, slots=True)
class AxisPlan:
    """The tiles of one axis. ``origins`` are on the canvas; ``cores`` are (start, stop) in pixels of the item."""

    length: int
    canvas: int
    margin: int
    tile: int
    origins: tuple[int, ...]
    cores: tuple[tuple[int, int], ...]

    def window(self, index: int) -> tuple[int, int]:
        """Give what a tile reads, in pixels of the item; negative or beyond its length means reflected."""
        start = self.origins[index] - self.margin
        return start, start + self.tile


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


def plan_axis(length: int, rule: AxisRule, *, tile: int) -> AxisPlan:
    """Lay tiles of one length over an axis.

    Parameters
    ----------
    length : int
        Pixels of the item.
    rule : AxisRule
        What the network asks.
    tile : int
        A length from ``tile_lengths``.

    Raises
    ------
    ImageError
        If the network takes one length that is too short for its own receptive field.

    Examples
    --------
    >>> plan = plan_axis(20, AxisRule(minimum=4, step=4, stride=4, halo=2), tile=12)
    >>> plan.canvas, plan.origins, plan.cores
    (20, (0, 8), ((0, 10), (10, 20)))
    """
    canvas = rule.canvas(length)
    tile = min(tile, canvas)
    units = (canvas - tile) // rule.pitch
    gap = _largest_gap(rule, tile)
    if units and gap < 1:
        raise ImageError(
            f"cut {length} pixels into tiles of {tile}",
            found=f"the network needs {rule.reach} pixels around each tile",
            do="use an image that fits into one tile, or another model",
        )
    count = 1 + (math.ceil(units / gap) if units else 0)
    origins = tuple(units * i // max(1, count - 1) * rule.pitch for i in range(count))
    # A core begins one halo inside its own tile, which lies one halo inside the tile before as well.
    starts = [0] + [origin + rule.reach - rule.margin for origin in origins[1:]]
    stops = [*starts[1:], length]
    cores = tuple((min(start, length), min(stop, length)) for start, stop in zip(starts, stops, strict=True))
    return AxisPlan(length, canvas, rule.margin, tile, origins, cores)


def _largest_gap(rule: AxisRule, tile: int) -> int:
    """How far apart, in units of the pitch, two tiles may begin."""
    return (tile - rule.reach - max(rule.halo, rule.margin)) // rule.pitch


def tile_lengths(length: int, rule: AxisRule, *, most: int = _MOST_TILES) -> tuple[int, ...]:
    """List the useful tile lengths of an axis, longest first: for each number of tiles the shortest that does.

    Parameters
    ----------
    length : int
        Pixels of the item.
    rule : AxisRule
        What the network asks.
    most : int
        Stop at this many tiles.
    """
    canvas = rule.canvas(length)
    if rule.fixed:
        return (min(rule.minimum, canvas),)
    found, smallest = [canvas], rule.smallest_tile(canvas)
    for count in range(2, most + 1):
        # Solved for the shortest tile with ``count - 1`` gaps, then brought to a length that the network takes.
        least = max(math.ceil((canvas + (count - 1) * 2 * rule.reach) / count), smallest)
        tile = canvas - (canvas - least) // rule.pitch * rule.pitch
        while tile < canvas and math.ceil((canvas - tile) // rule.pitch / max(1, _largest_gap(rule, tile))) + 1 > count:
            tile += rule.pitch
        if tile < found[-1]:
            found.append(tile)
        if tile <= smallest:
            break
    return tuple(found)


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
