"""How far a network looks and at which shifts it repeats itself: measured once by probes, kept on disk.

A random input is run, then the same input with a strip of pixels at one end changed strongly; how far the output
changes, bit for bit, is the receptive field in that direction. Then a shifted input is run, and the smallest shift
under which the output shifts along is the total stride. A strip that changes the whole output means a network that
looks at everything (instance norm, attention): it cannot be tiled exactly, and that is said.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pybridge.core.errors import ModelError
from pybridge.core.progress import check_cancelled
from pybridge.files.cache import cache_path, load_cached, store_cached
from pybridge.runtime.backend import NetworkError, Session
from pybridge.runtime.layout import InputLayout, Layout
from pybridge.runtime.memory import USUAL_BYTES_PER_PX, resident_bytes

_log = logging.getLogger("pybridge.runtime")

# Raised when the way of measuring changes, so that older files are not believed.
_METHOD = 2
_FIRST_LENGTH = {1: 512, 2: 256, 3: 64, 4: 32}
_LAST_LENGTH = {1: 4096, 2: 1024, 3: 160, 4: 64}
_SHIFTS = (16, 32, 64, 12, 24, 48, 96)
_GLOBAL_HALO = 64
_LEAST_BYTES_PER_PX, _MOST_BYTES_PER_PX = 64.0, 20_000.0


@dataclass(frozen=True, slots=True)
class Reach:
    """What was measured, by grid letter, in input pixels.

    ``exact`` is False for a network that looks at the whole image, or further than the one size that it takes: its
    tiles only approximate an untiled run.
    """

    halo: dict[str, int]
    stride: dict[str, int]
    exact: bool
    bytes_per_px: float


def reach_of(layout: Layout, *, sha256: str, session: Callable[[], Session]) -> Reach:
    """Give the reach of a network: from the disk when it was measured before, else by probes.

    Parameters
    ----------
    layout : Layout
        Its tensors.
    sha256 : str
        Hash of its weights.
    session : callable
        Gives a session on the CPU; called only when something has to be measured.
    """
    key = hashlib.sha256(f"{_METHOD} {sha256} {layout.grid} {layout.rules} {layout.tied}".encode()).hexdigest()
    path = cache_path("networks", key)
    kept = load_cached(path)
    found = None if kept is None else _from_cache(kept)
    if found is None:
        found = _Probe(session(), layout).measure()
        store_cached(path, asdict(found))
    return found


class _Probe:
    def __init__(self, session: Session, layout: Layout) -> None:
        self._session = session
        self._layout = layout
        self._random = np.random.default_rng(20261122)
        self._before = resident_bytes()
        self._bytes_per_px = USUAL_BYTES_PER_PX if self._before is None else _LEAST_BYTES_PER_PX
        self._grid = layout.grid

    def measure(self) -> Reach:
        dimensions = len(self._grid)
        length = _FIRST_LENGTH.get(dimensions, 32)
        while True:
            lengths = self._lengths(length)
            halo = self._halos(lengths, strips=dict.fromkeys(self._grid, 16))
            # A halo that leaves no middle part to compare shifted runs in needs a longer input too.
            stride = None if halo is None else self._strides(lengths, halo)
            grows = self._lengths(2 * length) != lengths and 2 * length <= _LAST_LENGTH.get(dimensions, 64)
            if stride is not None or not grows:
                break
            length *= 2
        for width in (8, 4, 2, 1) if halo is not None and stride is None else ():
            # Wide strips overstate the reach by up to their width, which a network of one small size cannot spare.
            narrow = self._halos(lengths, strips=dict.fromkeys(self._grid, width))
            stride = None if narrow is None else self._strides(lengths, narrow)
            if stride is not None:
                break
        # Strips as wide as the stride, no wider, give the reach to the pixel.
        exact = None if stride is None else self._halos(lengths, strips=stride)
        if exact is None or stride is None:
            return self._approximate(dict.fromkeys(self._grid, 1))
        for letter, rule in zip(self._grid, self._layout.rules, strict=True):
            if rule.fixed and rule.minimum - 2 * exact[letter] < stride[letter]:
                return self._approximate(stride)
        return Reach(exact, stride, exact=True, bytes_per_px=self._bytes_per_px)

    def _approximate(self, stride: dict[str, int]) -> Reach:
        """Settle for a halo when no halo makes tiles exact."""
        rules = zip(self._grid, self._layout.rules, strict=True)
        halo = {letter: min(_GLOBAL_HALO, rule.minimum // 4) if rule.fixed else _GLOBAL_HALO for letter, rule in rules}
        return Reach(halo, stride, exact=False, bytes_per_px=self._bytes_per_px)

    def _lengths(self, length: int) -> dict[str, int]:
        rules = zip(self._grid, self._layout.rules, strict=True)
        return {letter: rule.minimum if rule.fixed else rule.canvas(length) for letter, rule in rules}

    def _input(self, lengths: dict[str, int]) -> list[NDArray[Any]]:
        shapes = [self._layout.feed_shape(each, tuple(lengths.values())) for each in self._layout.inputs]
        return [self._random.standard_normal(shape, np.float32) for shape in shapes]

    def _run(self, inputs: list[NDArray[Any]]) -> list[NDArray[Any]]:
        check_cancelled()
        feeds = {}
        for each, array in zip(self._layout.inputs, inputs, strict=True):
            dtype = np.dtype(each.port.dtype)
            scaled = array if dtype.kind == "f" else np.clip(array * 32 + 64, 0, 127)
            feeds[each.port.name] = np.ascontiguousarray(scaled.astype(dtype))
        try:
            outputs = self._session.run(feeds)
        except NetworkError as error:
            shapes = [feed.shape for feed in feeds.values()]
            raise ModelError(
                f"measure how far the network looks, on inputs of shape {shapes}",
                found=f"onnxruntime failed: {error.first_line}",
                do="check that the description gives the lengths that the network takes",
            ) from error
        now = resident_bytes()
        if self._before is not None and now is not None:
            # onnxruntime keeps the memory that a run needed, so that it shows afterwards.
            pixels = inputs[0].size / max(1, self._layout.inputs[0].channels)
            self._bytes_per_px = max(self._bytes_per_px, min((now - self._before) / pixels, _MOST_BYTES_PER_PX))
        return outputs

    def _halos(self, lengths: dict[str, int], *, strips: dict[str, int]) -> dict[str, int] | None:
        """Change strips at both ends of each axis; None when a change is seen at the other end of the output."""
        inputs = self._input(lengths)
        base = self._run(inputs)
        halo = {}
        for letter, length in lengths.items():
            width = min(strips[letter], max(1, length // 2))
            reach = 0
            for low in (True, False):
                pairs = zip(self._layout.inputs, inputs, strict=True)
                changed = self._run([self._changed(array, which, letter, width, low) for which, array in pairs])
                far = self._farthest(base, changed, letter, length, low)
                if far is None or far >= length - 1:
                    if length > 1:
                        return None
                    far = 0
                reach = max(reach, far)
            halo[letter] = reach
        return halo

    def _changed(self, array: NDArray[Any], which: InputLayout, letter: str, width: int, low: bool) -> NDArray[Any]:
        if letter not in which.letters:
            return array
        changed = array.copy()
        strip = np.moveaxis(changed, which.letters.index(letter), 0)
        part = strip[:width] if low else strip[-width:]
        # Strengths over three decades, both signs: some of them open every rectifier on the way.
        strength = 10.0 ** self._random.uniform(-1, 2, part.shape) * self._random.choice((-1.0, 1.0), part.shape)
        part += strength.astype(np.float32)
        return changed

    def _farthest(
        self, base: list[NDArray[Any]], changed: list[NDArray[Any]], letter: str, length: int, low: bool
    ) -> int | None:
        """Give the distance, in input pixels, of the farthest changed output from the outer edge of the strip."""
        place = self._grid.index(letter)
        far: int | None = None
        for output, old, new in zip(self._layout.outputs, base, changed, strict=True):
            if letter not in output.letters:
                return None
            axis = output.letters.index(letter)
            differs = (old != new) & ~(np.isnan(old) & np.isnan(new))
            along = np.flatnonzero(differs.any(axis=tuple(i for i in range(old.ndim) if i != axis)))
            if along.size == 0:
                continue
            scale, lost = output.scale[place], output.lost[place]
            if low:
                distance = int(np.ceil(float((int(along[-1]) + 1 + lost) / scale))) - 1
            else:
                distance = length - 1 - int(np.floor(float((int(along[0]) + lost) / scale)))
            far = max(far or 0, distance)
        return far if far is not None else 0

    def _strides(self, lengths: dict[str, int], halo: dict[str, int]) -> dict[str, int] | None:
        """Find the smallest usable shift of each axis; rows and columns are tried together. None: there is none."""
        groups = [letter for letter in self._grid if letter not in "YX"] + ["YX"]
        found: dict[str, int] = {}
        for group in groups:
            rules = [self._layout.rules[self._grid.index(letter)] for letter in group]
            step = max(max(1, rule.step) for rule in rules)
            room = min(lengths[letter] - 2 * halo[letter] for letter in group)
            tried: Iterable[int] = _SHIFTS if step == 1 else (step, 2 * step, 4 * step, 8 * step)
            good = next((shift for shift in tried if shift < room and self._repeats(lengths, halo, group, shift)), None)
            if good is None and all(lengths[letter] == 1 for letter in group):
                good = 1
            if good is None:
                return None
            while step == 1 and good % 2 == 0 and self._repeats(lengths, halo, group, good // 2):
                good //= 2
            found |= dict.fromkeys(group, good)
        return found

    def _repeats(self, lengths: dict[str, int], halo: dict[str, int], group: str, shift: int) -> bool:
        """Compare the network on a window with the network on the window moved by ``shift``."""
        longer = {letter: length + (shift if letter in group else 0) for letter, length in lengths.items()}
        field = self._input(longer)
        first = self._run(self._cut(field, lengths, dict.fromkeys(group, 0)))
        second = self._run(self._cut(field, lengths, dict.fromkeys(group, shift)))
        for output, one, other in zip(self._layout.outputs, first, second, strict=True):
            here, there = [slice(None)] * one.ndim, [slice(None)] * one.ndim
            for letter in group:
                if letter not in output.letters:
                    continue
                place, axis = self._grid.index(letter), output.letters.index(letter)
                scale, lost = output.scale[place], output.lost[place]
                moved = shift * scale
                if moved.denominator != 1:
                    return False
                begin, end = halo[letter], lengths[letter] - halo[letter] - shift
                low, high = int(np.ceil(float(begin * scale))) - lost, int(np.floor(float(end * scale))) - lost
                there[axis] = slice(low, high)
                here[axis] = slice(low + int(moved), high + int(moved))
            part, moved_part = one[tuple(here)], other[tuple(there)]
            if part.size == 0:
                return False
            tolerance = 1e-4 * float(np.std(part)) + 1e-6 * float(np.max(np.abs(part)))
            if not np.all(np.abs(part - moved_part) <= tolerance):
                return False
        return True

    def _cut(self, field: list[NDArray[Any]], lengths: dict[str, int], starts: dict[str, int]) -> list[NDArray[Any]]:
        windows = {letter: slice(starts.get(letter, 0), starts.get(letter, 0) + lengths[letter]) for letter in lengths}
        return [
            array[tuple(windows.get(letter, slice(None)) for letter in which.letters)]
            for which, array in zip(self._layout.inputs, field, strict=True)
        ]


def _from_cache(values: Any) -> Reach | None:
    try:
        return Reach(
            halo={str(key): int(value) for key, value in values["halo"].items()},
            stride={str(key): int(value) for key, value in values["stride"].items()},
            exact=bool(values["exact"]),
            bytes_per_px=float(values["bytes_per_px"]),
        )
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        _log.warning("what was measured of a network is damaged in the cache (%s) and is measured anew", error)
        return None
