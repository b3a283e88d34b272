"""Descriptions of the one tensor that an exported network takes and the one that it gives. Imports zoo's values."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from pybridge.zoo.model import AxisSpec, FixedSize, FreeSize, Size, SteppedSize, TensorSpec, TiedSize
from pybridge.zoo.processing import EnsureDtype, ScaleRange, Step

# Keeps a constant image from dividing by nothing.
EPS = 1e-6
_STEPS_TO_MINIMUM = 4


def percentile_steps(low: float, high: float, *, dims: int = 2) -> tuple[Step, ...]:
    """Bring two percentiles of each channel to 0 and 1.

    Parameters
    ----------
    low, high : float
        Percentiles, 0 to 100, over the whole plane (or volume).
    dims : int
        2 or 3.
    """
    return (EnsureDtype("float32"), ScaleRange(space_ids(dims), low, high, EPS))


def space_ids(dims: int) -> tuple[str, ...]:
    """Name the space axes: ``y, x`` or ``z, y, x``."""
    return ("z", "y", "x")[3 - dims :]


def input_tensor(
    channel_names: Sequence[str],
    *,
    sizes: Sequence[Size],
    steps: tuple[Step, ...],
    id: str = "image",
    description: str = "",
) -> TensorSpec:
    """Describe the input, axes ``(batch, channel, space…)``.

    Parameters
    ----------
    channel_names : sequence of str
        One for each channel.
    sizes : sequence of Size
        Rule of each space axis: ``stepped(step)`` or ``FixedSize``.
    steps : tuple of Step
        Normalisation.
    id, description : str
        Of the tensor.
    """
    space = [AxisSpec(name, "space", size) for name, size in zip(space_ids(len(sizes)), sizes, strict=True)]
    return TensorSpec(id, (*_leading(channel_names), *space), steps=steps, description=description)


def output_tensor(
    channel_names: Sequence[str],
    *,
    of: TensorSpec,
    steps: tuple[Step, ...] = (),
    id: str = "fields",
    description: str = "",
) -> TensorSpec:
    """Describe the output, which has the input's size.

    Parameters
    ----------
    channel_names : sequence of str
        One for each channel.
    of : TensorSpec
        The input.
    steps : tuple of Step
        What is done with the values, for example a sigmoid.
    id, description : str
        Of the tensor.
    """
    space = [
        AxisSpec(axis.id, "space", TiedSize(of.id, axis.id), halo=halo_of(axis.size))
        for axis in of.axes
        if axis.kind == "space"
    ]
    return TensorSpec(id, (*_leading(channel_names), *space), steps=steps, description=description)


def stepped(step: int) -> SteppedSize:
    """Sides that are multiples of ``step``; short ones are left out, since borders would be all that they have."""
    return SteppedSize(_STEPS_TO_MINIMUM * step, step)


def halo_of(size: Size) -> int:
    """Give the border for other programs to crop. The format wants less than half the smallest input.

    PyBridge itself measures how far a network looks.
    """
    if not isinstance(size, SteppedSize):
        return 0
    return max(0, min(3 * size.step // 2, (size.minimum - 1) // 2))


def with_size(tensor: TensorSpec, size: Sequence[Size]) -> TensorSpec:
    """Give the input other size rules."""
    space = iter(size)
    axes = tuple(dataclasses.replace(axis, size=next(space)) if axis.kind == "space" else axis for axis in tensor.axes)
    return dataclasses.replace(tensor, axes=axes)


def with_channels(tensor: TensorSpec, names: Sequence[str]) -> TensorSpec:
    """Give a tensor other channels."""
    channel = _leading(names)[1]
    return dataclasses.replace(tensor, axes=tuple(channel if axis.kind == "channel" else axis for axis in tensor.axes))


def space_of(tensor: TensorSpec) -> tuple[AxisSpec, ...]:
    """List the space axes."""
    return tuple(axis for axis in tensor.axes if axis.kind == "space")


def channel_names_of(tensor: TensorSpec) -> tuple[str, ...]:
    """List the channels' names; made up where a description has none."""
    axis = tensor.axis("C")
    assert axis is not None
    count = axis.size.size if isinstance(axis.size, FixedSize) else 1
    return axis.channel_names or tuple(f"channel{index}" for index in range(count))


def _leading(channel_names: Sequence[str]) -> tuple[AxisSpec, AxisSpec]:
    names = tuple(channel_names)
    return (
        AxisSpec("batch", "batch", FreeSize()),
        AxisSpec("channel", "channel", FixedSize(len(names)), channel_names=names),
    )
