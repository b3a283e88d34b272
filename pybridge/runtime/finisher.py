"""The outputs of an item on their way to a sink: ordered, cropped, postprocessed, kept back where they must wait."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pybridge.core.errors import ModelError
from pybridge.core.record import Stopwatch
from pybridge.runtime import outputs as out
from pybridge.runtime.items import Item
from pybridge.runtime.layout import Layout, OutputLayout
from pybridge.runtime.pipeline import Index
from pybridge.runtime.pointwise import Operation, Pixels
from pybridge.runtime.steps import StepResolver, needs_statistics
from pybridge.runtime.tiling import TilePlan


class Finisher:
    """Turns raw tile outputs to finished parts; keeps those outputs that need statistics of the whole first."""

    def __init__(self, layout: Layout, item: Item, references: dict[str, NDArray[Any]], *, asked: str) -> None:
        self._layout = layout
        self._item = item
        self._references = references
        self._asked = asked
        self._dropped = tuple(index for index, letter in enumerate(layout.grid, start=1) if letter in item.missing)
        self._waits = any(needs_statistics(output.spec.steps) for output in layout.outputs)
        self._gathered: list[Pixels] = []
        self._operations = () if self._waits else tuple(self._resolve(each, None) for each in layout.outputs)

    def region(self, plan: TilePlan, index: Index) -> tuple[slice, ...]:
        """Where a tile's core lies, along the axes that the caller's item has."""
        pairs = zip(self._layout.grid, plan.region(index), strict=True)
        return tuple(part for letter, part in pairs if letter not in self._item.missing)

    def take(self, raw: list[NDArray[Any]], plan: TilePlan, index: Index) -> tuple[Pixels, ...] | None:
        """Finish the outputs of one tile; None when they wait for the rest."""
        grid = self._layout.grid
        cores = [
            out.core_of(out.to_canonical(found, output, grid), output, plan, index, grid=grid, asked=self._asked)
            for output, found in zip(self._layout.outputs, raw, strict=True)
        ]
        places = [out.place_of(output, plan.region(index), grid=grid) for output in self._layout.outputs]
        if not self._waits:
            done = zip(self._layout.outputs, cores, self._operations, places, strict=True)
            return tuple(
                self._shaped(out.finish(core, each, where=place), output) for output, core, each, place in done
            )
        if not self._gathered:
            self._gathered = [
                np.empty(out.whole_shape(output, self._item.lengths, core.shape[0], grid=grid), np.float32)
                for output, core in zip(self._layout.outputs, cores, strict=True)
            ]
        for gathered, core, place in zip(self._gathered, cores, places, strict=True):
            gathered[place if core.ndim > 1 else ...] = core
        return None

    def late(self, plan: TilePlan, watch: Stopwatch) -> Iterator[tuple[tuple[Pixels, ...], tuple[slice, ...]]]:
        """Go through the parts that had to wait."""
        if not self._waits:
            return
        with watch.part("prepare"):
            pairs = list(zip(self._layout.outputs, self._gathered, strict=True))
            operations = [self._resolve(output, gathered) for output, gathered in pairs]
        for index in plan.indices():
            region = plan.region(index)
            if any(part.stop <= part.start for part in region):
                continue
            with watch.part("prepare"):
                parts = []
                for (output, gathered), each in zip(pairs, operations, strict=True):
                    place = out.place_of(output, region, grid=self._layout.grid)
                    parts.append(self._shaped(out.finish(gathered[place], each, where=place), output))
            yield tuple(parts), self.region(plan, index)

    def _resolve(self, output: OutputLayout, gathered: Pixels | None) -> tuple[Operation, ...]:
        letters = "C" + "".join(letter for letter in self._layout.grid if letter in output.letters)

        def whole_output() -> Pixels:
            if gathered is None:
                raise ModelError(self._asked, found="a step that needs the whole output", do="report this as a fault")
            return gathered

        def reference(name: str) -> NDArray[Any]:
            if letters != "C" + self._layout.grid or name not in self._references:
                raise ModelError(
                    self._asked,
                    found=f"a step of {output.spec.id!r} that refers to the tensor {name!r}, which has other axes",
                    do="use a model whose steps refer to its inputs",
                )
            return self._references[name]

        resolver = StepResolver(letters, whole=whole_output, references=reference, asked=self._asked)
        return resolver.resolve(output.spec.steps)

    def _shaped(self, pixels: Pixels, output: OutputLayout) -> Pixels:
        """Drop the grid axes that the caller's item does not have."""
        if not self._dropped or not output.tiled:
            return pixels
        return np.squeeze(pixels, axis=self._dropped)
