"""Tensors and axes of a validated description in format 0.5 → ``TensorSpec``. Reads objects of bioimageio.spec."""

from __future__ import annotations

from typing import Any

from pybridge.core.errors import ModelError
from pybridge.zoo.model import AxisSpec, FileRef, FixedSize, FreeSize, Size, SteppedSize, TensorSpec, TiedSize
from pybridge.zoo.steps_from_spec import steps_of_v05

_SPACE = ("z", "y", "x")


def tensors_of_v05(descr: Any) -> tuple[tuple[TensorSpec, ...], tuple[TensorSpec, ...]]:
    """Translate the inputs and outputs of a description.

    Raises
    ------
    ModelError
        If an axis or a step is of a kind that PyBridge does not run.
    """
    scales = {
        (str(tensor.id), str(axis.id)): float(getattr(axis, "scale", 1.0) or 1.0)
        for tensor in (*descr.inputs, *descr.outputs)
        for axis in tensor.axes
    }
    inputs = tuple(_tensor(tensor, list(tensor.preprocessing), scales) for tensor in descr.inputs)
    outputs = tuple(_tensor(tensor, list(tensor.postprocessing), scales) for tensor in descr.outputs)
    return inputs, outputs


def _tensor(tensor: Any, steps: list[Any], scales: dict[tuple[str, str], float]) -> TensorSpec:
    test = tensor.test_tensor
    data = tensor.data[0] if isinstance(tensor.data, (list, tuple)) else tensor.data
    limits = getattr(data, "range", None)
    return TensorSpec(
        id=str(tensor.id),
        axes=tuple(_axis(axis, scales, tensor=str(tensor.id)) for axis in tensor.axes),
        dtype=str(tensor.dtype),
        steps=steps_of_v05(steps, tensor=str(tensor.id)),
        test_tensor=None if test is None else FileRef(str(test.source), str(test.sha256) if test.sha256 else None),
        description=str(tensor.description or ""),
        optional=bool(getattr(tensor, "optional", False)),
        data_range=None if limits is None else (limits[0], limits[1]),
    )


def _axis(axis: Any, scales: dict[tuple[str, str], float], *, tensor: str) -> AxisSpec:
    kind, name = str(axis.type), str(axis.id)
    if kind not in ("batch", "channel", "space", "time", "index") or (kind == "space" and name not in _SPACE):
        raise ModelError(
            f"use the axis {name!r} of the tensor {tensor!r}",
            found=f"an axis of type {kind!r}, which PyBridge does not run",
            do="use a model whose space axes are named z, y and x",
        )
    return AxisSpec(
        id=name,
        kind=kind,
        size=_size(axis, scales, tensor=tensor),
        halo=int(getattr(axis, "halo", 0) or 0),
        channel_names=tuple(map(str, axis.channel_names)) if kind == "channel" else (),
    )


def _size(axis: Any, scales: dict[tuple[str, str], float], *, tensor: str) -> Size:
    size = axis.size
    if axis.type == "batch" or size is None:
        return FreeSize() if size is None else FixedSize(int(size))
    if isinstance(size, int):
        return FixedSize(size)
    if hasattr(size, "step"):
        return SteppedSize(int(size.min), int(size.step))
    if hasattr(size, "axis_id"):
        key = (str(size.tensor_id), str(size.axis_id))
        scale = scales.get(key, 1.0) / scales.get((tensor, str(axis.id)), 1.0)
        return TiedSize(key[0], key[1], scale, int(size.offset))
    return FreeSize(int(size.min), None if size.max is None else int(size.max))
