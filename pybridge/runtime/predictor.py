"""Run a model over an item: cut, normalise, run, finish, hand on. What the tasks call."""

from __future__ import annotations

import logging
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pybridge.core import progress
from pybridge.core.errors import DeviceMemoryError
from pybridge.core.record import DeviceUsed, Stopwatch
from pybridge.runtime.backend import Backend, Session
from pybridge.runtime.batches import MOST_AT_ONCE, tiles_at_once
from pybridge.runtime.finisher import Finisher
from pybridge.runtime.items import item_of, tile_edge
from pybridge.runtime.layout import Layout
from pybridge.runtime.memory import fits_untiled, tile_budget_px, worth_releasing
from pybridge.runtime.mirror import Mirror
from pybridge.runtime.normalise import Normaliser
from pybridge.runtime.pipeline import Index, OutOfMemory, Runner
from pybridge.runtime.session import OpenModel, close_warm, open_model
from pybridge.runtime.sinks import Sink
from pybridge.runtime.tiling import TilePlan, plan_tiles, whole
from pybridge.zoo.model import Model

_log = logging.getLogger("pybridge.runtime")

# A GPU has its own memory and is slow on small tiles; when it runs out, the tiles are made smaller.
_CUDA_SHARE = 8


def open_predictor(model: Model, *, device: str = "auto", backend: Backend | None = None) -> Predictor:
    """Open a model for prediction; its session stays warm for the next call.

    Parameters
    ----------
    model : Model
        From ``pybridge.zoo.find``.
    device : str
        ``auto``, ``cpu``, ``cuda`` or ``cuda:N``; ``cuda`` runs on CUDA or is an error.
    backend : Backend, optional
        A stand-in for onnxruntime, for tests.

    Raises
    ------
    UsageError
        If the device text is unknown.
    DeviceError
        If the device asked for cannot run.
    ModelError
        If onnxruntime cannot run the network.
    """
    return Predictor(model, open_model(model, device=device, backend=backend), backend=backend)


class Predictor:
    """A model on a device. Cheap to make; sessions are shared."""

    def __init__(self, model: Model, opened: OpenModel, *, backend: Backend | None = None) -> None:
        self.model = model
        self._opened = opened
        self._backend = backend
        self._warnings: dict[str, None] = dict.fromkeys(opened.verified.warnings)
        self._budget_divisor = 1
        self._most_at_once = MOST_AT_ONCE

    @property
    def device(self) -> DeviceUsed:
        """The device asked for, and the one that ran."""
        return self._opened.verified.device

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the record must say of device, tiling and memory, over all predictions so far."""
        return tuple(self._warnings)

    @property
    def exact(self) -> bool:
        """Whether tiles give the numbers of an untiled run."""
        return self._opened.reach.exact

    @property
    def layout(self) -> Layout:
        """How the tensors lie over an item, with measured halos and strides."""
        return self._opened.layout

    @property
    def session(self) -> Session:
        """The open network itself, for those who measure."""
        return self._opened.verified.session

    def plan(self, shape: Sequence[int], *, tile: int | str = "auto") -> TilePlan:
        """Say how an item of this shape along the model's grid would be cut."""
        return self._plan(shape, tile_edge(tile))

    def predict(
        self,
        pixels: NDArray[Any] | tuple[NDArray[Any], ...],
        axes: str,
        *,
        tile: int | str = "auto",
        sink: Sink,
        augment: bool = False,
        watch: Stopwatch | None = None,
    ) -> None:
        """Run the model over one item.

        Parameters
        ----------
        pixels : ndarray, or a tuple of them
            One item as stored: a plane for a 2-D model, a volume for a 3-D model; one array for each input. It is
            normalised as the model declares, with the statistics of this whole item.
        axes : str
            Its axes, for example ``"YX"``, ``"CYX"``, ``"CZYX"``, in any order.
        tile : int or str
            Longest tile edge in pixels, ``"auto"``, or ``"none"``; the result does not depend on it.
        sink : Sink
            Takes the finished parts: for each output an array, channels first, then the item's other axes in the
            order ``TZYX``, postprocessed, and the region of the item that it covers.
        augment : bool
            Average the network's outputs over the flips of y and x.
        watch : Stopwatch, optional
            Gets the times ``prepare`` and ``network``, and the time inside the sink as ``decode``.

        Raises
        ------
        ImageError
            If the item does not suit the model.
        DeviceMemoryError
            If there is too little memory even for the smallest tile.
        """
        watch = watch or Stopwatch()
        edge = tile_edge(tile)
        asked = f"run {self.model.id!r}"
        with watch.part("prepare"):
            given = pixels if isinstance(pixels, tuple) else (pixels,)
            item = item_of(given, axes, self.layout, asked=asked)
            references = {each.spec.id: array for each, array in zip(self.layout.inputs, item.arrays, strict=True)}
            letters = "C" + self.layout.grid
            normalisers = tuple(
                Normaliser(array, letters, each.spec.steps, references=references.__getitem__, asked=asked)
                for each, array in zip(self.layout.inputs, item.arrays, strict=True)
            )
        finisher = Finisher(self.layout, item, references, asked=asked)
        mirror = self._mirror()
        flips = mirror.flips if augment else ("",)
        done: set[Index] = set()
        plan = self._plan(item.lengths, edge)
        while True:
            batch = self._batch(plan)
            runner = Runner(
                self._opened.verified.session,
                self.layout,
                normalisers=normalisers,
                plan=plan,
                flips=flips,
                mirror=mirror,
                watch=watch,
                skip=frozenset(done),
                release=worth_releasing(batch * math.prod(plan.shape), self._opened.reach.bytes_per_px),
                batch=batch,
            )
            try:
                for index, raw in runner.tiles():
                    with watch.part("prepare"):
                        parts = finisher.take(raw, plan, index)
                    if parts is not None:
                        with watch.part("decode"):
                            sink.write(parts, finisher.region(plan, index))
                    done.add(index)
                    if len(plan) > 1:
                        progress.report(len(done), len(plan), "tiles")
            except OutOfMemory as problem:
                plan = self._after_out_of_memory(problem, item.lengths, plan, batch=batch, started=bool(done))
                continue
            break
        for parts, region in finisher.late(plan, watch):
            with watch.part("decode"):
                sink.write(parts, region)

    def _mirror(self) -> Mirror:
        decoder = self.model.config.decoder
        return Mirror("" if decoder is None else decoder.name, self.model.channels_of(self.model.outputs[0]))

    def _plan(self, lengths: Sequence[int], edge: int | str | None) -> TilePlan:
        rules = self.layout.rules
        if edge == "none" or not all(output.tiled for output in self.layout.outputs):
            return whole(lengths, rules)
        per_px = self._opened.reach.bytes_per_px
        canvas = math.prod(rule.canvas(length) for rule, length in zip(rules, lengths, strict=True))
        whole_fits = self._budget_divisor == 1 and fits_untiled(canvas, per_px)
        budget = canvas if whole_fits else self._budget_px()
        plan = plan_tiles(lengths, rules, tile=edge if isinstance(edge, int) else None, budget_px=budget)
        if len(plan) > 1 and not self._opened.reach.exact:
            self._warn(
                f"{self.model.id} looks further than a tile reaches, so that tiles differ from an untiled run; "
                "use tile=none where memory and model allow it"
            )
        return plan

    def _budget_px(self) -> int:
        share = 1 if self.device.used == "cpu" else _CUDA_SHARE
        return tile_budget_px(self._opened.reach.bytes_per_px) * share // self._budget_divisor

    def _batch(self, plan: TilePlan) -> int:
        if len(plan) == 1:
            return 1
        return min(self._most_at_once, tiles_at_once(self.layout, plan, budget_px=self._budget_px()))

    def _after_out_of_memory(
        self, problem: OutOfMemory, lengths: Sequence[int], plan: TilePlan, *, batch: int, started: bool
    ) -> TilePlan:
        """Take fewer tiles at once, then smaller ones while nothing was handed on, then the CPU if ``auto`` allows."""
        device = self.device
        if batch > 1:
            self._most_at_once = batch // 2
            self._warn(f"{device.used} ran out of memory on {batch} tiles at once; took {self._most_at_once}")
            return plan
        if not started:
            pixels = int(np.prod(plan.shape))
            smaller = plan_tiles(lengths, self.layout.rules, tile=None, budget_px=pixels // 2)
            if int(np.prod(smaller.shape)) < pixels and all(output.tiled for output in self.layout.outputs):
                self._budget_divisor *= 2
                self._warn(f"{device.used} ran out of memory on tiles of {plan.shape}; took {smaller.shape}")
                return smaller
        close_warm(self._opened)  # its arena may hold what other work needs; the next call starts with an empty one
        if device.used == "cpu" or device.asked != "auto":
            raise DeviceMemoryError(
                f"run {self.model.id!r} on {device.used}",
                found=f"too little memory for a tile of {plan.shape} pixels: {problem}",
                do="close other programs, or use a smaller model" + ("" if device.used == "cpu" else ", or device=cpu"),
            ) from None
        self._warn(f"{device.used} ran out of memory; the rest ran on the CPU")
        self._opened = open_model(self.model, device="cpu", backend=self._backend).asked_as(device.asked)
        return plan

    def _warn(self, text: str) -> None:
        if text not in self._warnings:
            _log.warning(text)
            self._warnings[text] = None
