"""From what the network gives for a tile to what a sink takes: order, core, postprocessing, flips undone."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pybridge.core.errors import ModelError
from pybridge.runtime.layout import OutputLayout
from pybridge.runtime.pointwise import Operation, Pixels
from pybridge.runtime.tiling import TilePlan


def to_canonical(array: NDArray[Any], output: OutputLayout, grid: str) -> Pixels:
    """View an output as ``(C, *grid)`` in float32; an output without pixels as ``(C,)``."""
    wanted = ["C", *(letter for letter in grid if letter in output.letters)]
    keep = [index for index, letter in enumerate(output.letters) if letter in wanted]
    rest = tuple(index for index in range(array.ndim) if index not in keep)
    view = np.squeeze(array, axis=rest) if rest else array
    names = [output.letters[index] for index in keep]
    view = view.transpose([names.index(letter) for letter in wanted if letter in names])
    if "C" not in names:
        view = view[np.newaxis]
    return view.astype(np.float32, copy=False)


def core_of(
    pixels: Pixels, output: OutputLayout, plan: TilePlan, index: tuple[int, ...], *, grid: str, asked: str
) -> Pixels:
    """Cut the core out of a tile's output.

    Raises
    ------
    ModelError
        If the network gave another size than its description says.
    """
    if not output.tiled:
        return pixels
    where: list[slice] = [slice(None)]
    axis = 0
    for place, letter in enumerate(grid):
        if letter not in output.letters:
            continue
        axis += 1
        of_axis, scale, lost = plan.axes[place], output.scale[place], output.lost[place]
        expected = math.floor(of_axis.tile * scale) - 2 * lost
        if pixels.shape[axis] != expected:
            raise ModelError(
                asked,
                found=f"the output {output.spec.id!r} has {pixels.shape[axis]} pixels along {letter}, not {expected}",
                do="use the description that belongs to these weights",
            )
        begin = int((of_axis.origins[index[place]]) * scale) + lost
        start, stop = of_axis.cores[index[place]]
        low = int((start + of_axis.margin) * scale) - begin
        where.append(slice(low, low + span(slice(start, stop), scale)))
    return pixels[tuple(where)]


def span(region: slice, scale: Fraction) -> int:
    """Count the output pixels that belong to a region of the item."""
    begin, end = Fraction(region.start) * scale, Fraction(region.stop) * scale
    return math.ceil(end) - math.floor(begin)


def whole_shape(output: OutputLayout, lengths: Sequence[int], channels: int, *, grid: str) -> tuple[int, ...]:
    """Give the shape of an output over the whole item."""
    spans = [
        span(slice(0, length), scale)
        for letter, length, scale in zip(grid, lengths, output.scale, strict=True)
        if letter in output.letters
    ]
    return (channels, *spans)


def place_of(output: OutputLayout, region: tuple[slice, ...], *, grid: str) -> tuple[slice, ...]:
    """Give the slices of a whole output that belong to a region of the item, channels first."""
    where = [slice(None)]
    for letter, part, scale in zip(grid, region, output.scale, strict=True):
        if letter in output.letters:
            start = math.floor(part.start * scale)
            where.append(slice(start, start + span(part, scale)))
    return tuple(where)


def finish(pixels: Pixels, operations: Sequence[Operation], *, where: tuple[slice, ...]) -> Pixels:
    """Postprocess a core that lies at ``where`` in the whole output; gives an array that nobody else holds."""
    done = np.array(pixels, dtype=np.float32, order="C", copy=True)
    for operation in operations:
        operation.at(where).apply(done)
    return done
