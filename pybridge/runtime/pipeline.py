"""The tiles of an item through the network: the next tile is prepared while the network works on this one."""

from __future__ import annotations

import contextvars
import threading
import time
import weakref
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pybridge.core.errors import ModelError
from pybridge.core.progress import check_cancelled
from pybridge.core.record import Stopwatch
from pybridge.runtime.backend import NetworkError, Session
from pybridge.runtime.layout import Layout
from pybridge.runtime.mirror import Mirror
from pybridge.runtime.normalise import Normaliser
from pybridge.runtime.tiling import TilePlan

Index = tuple[int, ...]


class OutOfMemory(Exception):
    """The session ran out of memory on a tile; the caller decides what to try next."""


class Runner:
    """Runs the tiles of one plan.

    Parameters
    ----------
    session : Session
        The open network.
    layout : Layout
        Its tensors.
    normalisers : tuple of Normaliser
        One for each input.
    plan : TilePlan
        Where the tiles lie.
    flips : tuple of str
        Grid axes to flip, for each run whose outputs are averaged; ``("",)`` is one plain run.
    mirror : Mirror
        How the channels of the first output turn with a flip.
    watch : Stopwatch
        Gets ``prepare`` and ``network``.
    skip : frozenset of tuple of int
        Tiles that were done before.
    release : bool
        Give the memory of the network's inner layers back after the last tile.
    batch : int
        How many tiles go through the network at once.
    """

    def __init__(
        self,
        session: Session,
        layout: Layout,
        *,
        normalisers: tuple[Normaliser, ...],
        plan: TilePlan,
        flips: tuple[str, ...],
        mirror: Mirror,
        watch: Stopwatch,
        skip: frozenset[Index] = frozenset(),
        release: bool = False,
        batch: int = 1,
    ) -> None:
        self._session = session
        self._layout = layout
        self._normalisers = normalisers
        self._plan = plan
        self._flips = flips
        self._mirror = mirror
        self._watch = watch
        self._release = release
        indices = [
            index
            for index in plan.indices()
            if index not in skip and all(part.stop > part.start for part in plan.region(index))
        ]
        self._batch = min(batch, max(1, len(indices)))
        self._groups = [indices[start : start + self._batch] for start in range(0, len(indices), self._batch)]
        self._buffers = [self._make_buffers() for _ in range(min(2, len(self._groups)))]

    def tiles(self) -> Iterator[tuple[Index, list[NDArray[Any]]]]:
        """Go through the tiles: index and raw outputs.

        Raises
        ------
        OutOfMemory
            If the session could not have the memory that it needs.
        """
        if not self._groups:
            return
        first = self._fill(self._groups[0], 0)
        if len(self._groups) == 1:
            yield from self._each(self._groups[0], self._run(first, last=True))
            return
        context = contextvars.copy_context()
        with ThreadPoolExecutor(max_workers=1, thread_name_prefix="pybridge-network") as pool:
            running = pool.submit(context.run, self._run, first, last=False)
            for number, group in enumerate(self._groups):
                last = number + 1 == len(self._groups)
                following = None if last else self._fill(self._groups[number + 1], (number + 1) % 2)
                outputs = running.result()
                check_cancelled()
                if following is not None:
                    running = pool.submit(context.run, self._run, following, last=number + 2 == len(self._groups))
                yield from self._each(group, outputs)

    def _each(self, group: list[Index], outputs: list[NDArray[Any]]) -> Iterator[tuple[Index, list[NDArray[Any]]]]:
        """Take the outputs of a batch apart; more than one tile runs only where the batch is the first axis."""
        for number, index in enumerate(group):
            yield index, outputs if self._batch == 1 else [found[number : number + 1] for found in outputs]

    def _make_buffers(self) -> list[NDArray[Any]]:
        shapes = [self._layout.feed_shape(each, self._plan.shape) for each in self._layout.inputs]
        return [
            np.empty(shape if self._batch == 1 else (self._batch, *shape[1:]), dtype=each.port.dtype)
            for each, shape in zip(self._layout.inputs, shapes, strict=True)
        ]

    def _fill(self, group: list[Index], which: int) -> list[NDArray[Any]]:
        """Normalise tiles into one of the two sets of buffers; the network may be reading the other."""
        with self._watch.part("prepare"):
            buffers = self._buffers[which]
            if self._batch > 1:
                buffers = [buffer[: len(group)] for buffer in buffers]
            for number, index in enumerate(group):
                windows = self._plan.windows(index)
                for each, normaliser, buffer in zip(self._layout.inputs, self._normalisers, buffers, strict=True):
                    mine = buffer if self._batch == 1 else buffer[number : number + 1]
                    view = _canonical_view(mine, each.letters, self._layout.grid)
                    if buffer.dtype == np.float32:
                        normaliser.fill(view, windows)
                    else:
                        between = np.empty(view.shape, np.float32)
                        normaliser.fill(between, windows)
                        np.copyto(view, between, casting="unsafe")
        return buffers

    def _run(self, buffers: list[NDArray[Any]], *, last: bool) -> list[NDArray[Any]]:
        total: list[NDArray[Any]] = []
        for number, flip in enumerate(self._flips, start=1):
            release = self._release and last and number == len(self._flips)
            outputs = self._run_flipped(buffers, flip, release=release)
            if not total:
                total = outputs
            else:
                for summed, found in zip(total, outputs, strict=True):
                    summed += found
        if len(self._flips) > 1:
            total = [summed / len(self._flips) for summed in total]
        return total

    def _run_flipped(self, buffers: list[NDArray[Any]], flip: str, *, release: bool) -> list[NDArray[Any]]:
        feeds = {
            each.port.name: _flipped(buffer, each.letters, flip)
            for each, buffer in zip(self._layout.inputs, buffers, strict=True)
        }
        with _network_time(self._watch):
            try:
                outputs = self._session.run(feeds, release=release)
            except NetworkError as error:
                if error.out_of_memory:
                    raise OutOfMemory(error.first_line) from error
                raise ModelError(
                    f"run the network on a tile of {self._plan.shape} pixels",
                    found=f"onnxruntime failed: {error.first_line}",
                    do="check the model with `pybridge models test`",
                ) from error
        if not flip:
            return outputs
        turned = [
            _flipped(found, each.letters, flip).copy()
            for each, found in zip(self._layout.outputs, outputs, strict=True)
        ]
        letters = self._layout.outputs[0].letters
        if "C" in letters:
            turned[0] = self._mirror.turn(turned[0], flip, axis=letters.index("C"))
        return turned


def _canonical_view(buffer: NDArray[Any], letters: str, grid: str) -> NDArray[Any]:
    """View a buffer in the network's order as ``(C, *grid)``."""
    wanted = "C" + grid
    rest = tuple(index for index, letter in enumerate(letters) if letter not in wanted)
    view = np.squeeze(buffer, axis=rest) if rest else buffer
    names = "".join(letter for letter in letters if letter in wanted)
    view = view.transpose([names.index(letter) for letter in wanted if letter in names])
    for place, letter in enumerate(wanted):
        if letter not in names:
            view = np.expand_dims(view, place)
    return view


def _flipped(array: NDArray[Any], letters: str, flip: str) -> NDArray[Any]:
    axes = tuple(letters.index(letter) for letter in flip if letter in letters)
    return np.ascontiguousarray(np.flip(array, axes)) if axes else array


class _Clock:
    """Adds up the union of intervals: overlapping runs of several threads count once."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.running = 0
        self.begun = 0.0


_clocks: weakref.WeakKeyDictionary[Stopwatch, _Clock] = weakref.WeakKeyDictionary()
_clocks_lock = threading.Lock()


@contextmanager
def _network_time(watch: Stopwatch) -> Iterator[None]:
    with _clocks_lock:
        clock = _clocks.setdefault(watch, _Clock())
    with clock.lock:
        if clock.running == 0:
            clock.begun = time.perf_counter()
        clock.running += 1
    try:
        yield
    finally:
        with clock.lock:
            clock.running -= 1
            if clock.running == 0:
                watch.add("network", time.perf_counter() - clock.begun)
