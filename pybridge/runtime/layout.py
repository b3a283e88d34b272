"""How the tensors of a model lie over an item: axis order, tile rules, scale of each output.

The description and the session's own shapes are brought together here; where the graph is stricter, it wins. Imports
zoo's values, core's errors and the nouns of runtime.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from pybridge.core.errors import ModelError
from pybridge.runtime.axis_tiles import AxisRule
from pybridge.runtime.backend import Port
from pybridge.zoo.model import AxisSpec, FixedSize, Model, SteppedSize, TensorSpec, TiedSize

GRID = "TZYX"
_TIED_TILE = 256


@dataclass(frozen=True, slots=True)
class InputLayout:
    """One input: its port, its axes in the network's order as letters, its number of channels."""

    spec: TensorSpec
    port: Port
    letters: str
    channels: int


@dataclass(frozen=True, slots=True)
class OutputLayout:
    """One output.

    ``scale`` and ``lost`` run along the grid: output pixels per input pixel, and the border that the network takes
    off each side, in output pixels.
    """

    spec: TensorSpec
    port: Port
    letters: str
    scale: tuple[Fraction, ...]
    lost: tuple[int, ...]

    @property
    def tiled(self) -> bool:
        """Whether the output has pixels at all, and is not one value for the whole item."""
        return any(letter in GRID for letter in self.letters)


@dataclass(frozen=True, slots=True)
class Layout:
    """The grid is the axes along which an item is cut: those of ``TZYX`` that the first input has.

    ``tied`` says that all grid axes must have one length.
    """

    grid: str
    rules: tuple[AxisRule, ...]
    inputs: tuple[InputLayout, ...]
    outputs: tuple[OutputLayout, ...]
    tied: bool = False

    def with_reach(self, halo: Mapping[str, int], stride: Mapping[str, int]) -> Layout:
        """Return a copy whose halos and strides are at least these, by letter."""
        rules = tuple(
            dataclasses.replace(
                rule, halo=max(rule.halo, halo.get(letter, 0)), stride=math.lcm(rule.stride, stride.get(letter, 1))
            )
            for letter, rule in zip(self.grid, self.rules, strict=True)
        )
        return dataclasses.replace(self, rules=rules)

    def feed_shape(self, which: InputLayout, lengths: tuple[int, ...]) -> tuple[int, ...]:
        """Give the shape of an input for a tile of these lengths along the grid."""
        of_grid = dict(zip(self.grid, lengths, strict=True))
        return tuple(which.channels if letter == "C" else of_grid.get(letter, 1) for letter in which.letters)


def resolve_layout(model: Model, *, inputs: tuple[Port, ...], outputs: tuple[Port, ...]) -> Layout:
    """Bring a model's description and its session's shapes together.

    Raises
    ------
    ModelError
        If an axis has a form that cannot be run over an image; the message names it.
    """
    asked = f"run the model {model.id!r}"
    specs = [spec for spec in model.inputs if not spec.optional or len(inputs) == len(model.inputs)]
    if len(specs) != len(inputs) or len(model.outputs) != len(outputs):
        raise _unfit(asked, f"{len(inputs)} inputs and {len(outputs)} outputs in the network, other numbers described")
    ins = tuple(_input(spec, port, asked=asked) for spec, port in zip(specs, inputs, strict=True))
    first = ins[0]
    grid = "".join(letter for letter in GRID if letter in first.letters)
    if not {"Y", "X"} <= set(grid):
        raise _unfit(asked, f"the input {first.spec.id!r} has axes {first.letters!r}, no image")
    tied = any(_is_tied_within(axis, first.spec) for axis in first.spec.axes)
    rules = [_rule(letter, first, asked=asked) for letter in grid]
    for other in ins[1:]:
        for letter in other.letters:
            if letter in GRID and (letter not in grid or _rule_of_other(letter, other, first) is None):
                raise _unfit(asked, f"axis {letter} of the input {other.spec.id!r} does not follow the first input")
    outs = tuple(
        _output(spec, port, first, grid, asked=asked) for spec, port in zip(model.outputs, outputs, strict=True)
    )
    for index, letter in enumerate(grid):
        rules[index] = _with_outputs(rules[index], index, letter, outs)
    if tied:
        rules = _tie(rules)
    return Layout(grid=grid, rules=tuple(rules), inputs=ins, outputs=outs, tied=tied)


def _input(spec: TensorSpec, port: Port, *, asked: str) -> InputLayout:
    letters = spec.letters
    if len(port.shape) != len(letters):
        raise _unfit(
            asked, f"the input {spec.id!r} has {len(letters)} axes described, {len(port.shape)} in the network"
        )
    for axis in spec.axes:
        if axis.letter == "I" and axis.size != FixedSize(1):
            raise _unfit(asked, f"the index axis {axis.id!r} of the input {spec.id!r}")
    channel = spec.axis("C")
    fixed = port.shape[letters.index("C")] if channel is not None else 1
    described = channel.size.size if channel is not None and isinstance(channel.size, FixedSize) else 1
    return InputLayout(spec, port, letters, int(fixed or described))


def _is_tied_within(axis: AxisSpec, spec: TensorSpec) -> bool:
    return isinstance(axis.size, TiedSize) and axis.size.tensor == spec.id and axis.letter in GRID


def _rule(letter: str, layout: InputLayout, *, asked: str) -> AxisRule:
    spec = layout.spec
    axis = spec.axis(letter)
    assert axis is not None
    size = axis.size
    if isinstance(size, TiedSize):
        referred = next((each for each in spec.axes if each.id == size.axis), None)
        if size.tensor != spec.id or referred is None or size.scale != 1 or size.offset:
            raise _unfit(asked, f"axis {axis.id!r} of the input {spec.id!r} is tied to {size.tensor}.{size.axis}")
        size = referred.size
    length = layout.port.shape[layout.letters.index(letter)]
    if length is not None:
        return AxisRule(minimum=length, step=0)
    if isinstance(size, FixedSize):
        return AxisRule(minimum=size.size, step=0)
    if isinstance(size, SteppedSize):
        return AxisRule(minimum=size.minimum, step=size.step)
    return AxisRule()


def _rule_of_other(letter: str, other: InputLayout, first: InputLayout) -> AxisSpec | None:
    """Give the axis of a further input when it is as long as that of the first."""
    axis = other.spec.axis(letter)
    mine = first.spec.axis(letter)
    if axis is None or mine is None:
        return None
    if isinstance(axis.size, TiedSize):
        same = axis.size.tensor == first.spec.id and axis.size.axis == mine.id
        return axis if same and axis.size.scale == 1 and not axis.size.offset else None
    return axis if axis.size == mine.size else None


def _output(spec: TensorSpec, port: Port, first: InputLayout, grid: str, *, asked: str) -> OutputLayout:
    scales, lost = [], []
    for letter in spec.letters:
        axis = spec.axis(letter)
        if letter in GRID and letter not in grid and (axis is None or axis.size != FixedSize(1)):
            raise _unfit(asked, f"the output {spec.id!r} has an axis {letter} that the input does not have")
    for letter in grid:
        axis = spec.axis(letter)
        scale, offset = (Fraction(1), 0) if axis is None else _scale(axis, first, asked=asked)
        if offset % 2:
            raise _unfit(asked, f"axis {letter} of the output {spec.id!r} has the odd offset {offset}")
        scales.append(scale)
        lost.append(-offset // 2)
    return OutputLayout(spec, port, spec.letters, tuple(scales), tuple(lost))


def _scale(axis: AxisSpec, first: InputLayout, *, asked: str) -> tuple[Fraction, int]:
    """Pixels out per pixel in, and the offset in output pixels."""
    size = axis.size
    if isinstance(size, TiedSize):
        referred = next((each for each in first.spec.axes if each.id == size.axis), None)
        if size.tensor != first.spec.id or referred is None or referred.letter != axis.letter:
            raise _unfit(asked, f"the output axis {axis.id!r} is tied to {size.tensor}.{size.axis}")
        return Fraction(size.scale).limit_denominator(256), size.offset
    mine = first.spec.axis(axis.letter)
    port_length = first.port.shape[first.letters.index(axis.letter)]
    length = port_length if port_length is not None else getattr(getattr(mine, "size", None), "size", None)
    if isinstance(size, FixedSize) and length is not None:
        return Fraction(size.size, int(length)), 0
    if isinstance(size, SteppedSize) and mine is not None and mine.size == size:
        return Fraction(1), 0
    raise _unfit(asked, f"the output axis {axis.id!r} has a length that does not follow from the input's")


def _with_outputs(rule: AxisRule, index: int, letter: str, outputs: tuple[OutputLayout, ...]) -> AxisRule:
    """Add what the outputs ask of an axis: their halo, the grain of their scale, the border that they lose."""
    halo, grain, margin = 0, 1, Fraction(0)
    for output in outputs:
        axis = output.spec.axis(letter)
        if axis is None:
            continue
        scale = output.scale[index]
        halo = max(halo, math.ceil(axis.halo / scale))
        grain = math.lcm(grain, scale.denominator)
        margin = max(margin, Fraction(output.lost[index]) / scale)
    return dataclasses.replace(rule, halo=halo, grain=grain, margin=math.ceil(margin / grain) * grain)


def _tie(rules: list[AxisRule]) -> list[AxisRule]:
    """Axes that must be equally long take one fixed tile, large enough to have something to spare around its core."""
    largest = max(rules, key=lambda rule: rule.minimum)
    short = max(0, _TIED_TILE - largest.minimum)
    minimum = largest.minimum + (math.ceil(short / largest.step) * largest.step if largest.step else 0)
    return [dataclasses.replace(rule, minimum=minimum, step=0) for rule in rules]


def _unfit(asked: str, found: str) -> ModelError:
    return ModelError(asked, found=f"{found}: not supported", do="use a model whose tensors follow its first input")
