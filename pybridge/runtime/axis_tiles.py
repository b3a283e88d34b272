"""Where tiles lie along one axis: pure geometry. Imports the standard library and core's errors.

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

import math
from dataclasses import dataclass

from pybridge.core.errors import ImageError

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
