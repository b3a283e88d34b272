"""Tensors and axes of a validated description in format 0.4 → ``TensorSpec``. Reads objects of bioimageio.spec.

Format 0.4 writes axes as letters (``bcyx``) and shapes as lists; an output's shape may follow an input's by
``shape(input) · scale + 2 · offset``.
"""

from __future__ import annotations

from typing import Any

from pybridge.core.errors import ModelError
from pybridge.zoo.model import AxisSpec, FileRef, FixedSize, FreeSize, Size, SteppedSize, TensorSpec, TiedSize
from pybridge.zoo.steps_from_spec import axis_id, steps_of_v04

_KINDS = {"b": "batch", "c": "channel", "t": "time", "i": "index", "z": "space", "y": "space", "x": "space"}


def tensors_of_v04(descr: Any) -> tuple[tuple[TensorSpec, ...], tuple[TensorSpec, ...]]:
    """Translate the inputs and outputs of a description.

    Raises
    ------
    ModelError
        If an axis or a step is of a kind that PyBridge does not run.
    """
    inputs = tuple(
        _tensor(tensor, list(tensor.preprocessing), test, references={})
        for tensor, test in zip(descr.inputs, descr.test_inputs, strict=True)
    )
    # An output's reference tensor may be written in another axis order; lengths are matched by letter.
    references = {str(tensor.name): str(tensor.axes) for tensor in descr.inputs}
    outputs = tuple(
        _tensor(tensor, list(tensor.postprocessing), test, references=references)
        for tensor, test in zip(descr.outputs, descr.test_outputs, strict=True)
    )
    return inputs, outputs


def _tensor(tensor: Any, steps: list[Any], test: object, *, references: dict[str, str]) -> TensorSpec:
    letters, name = str(tensor.axes), str(tensor.name)
    unknown = [letter for letter in letters if letter not in _KINDS]
    if unknown:
        raise ModelError(
            f"use the axes {letters!r} of the tensor {name!r}",
            found=f"axes {unknown}, which PyBridge does not run",
            do="use a model with axes out of b, c, t, i, z, y, x",
        )
    halo = list(getattr(tensor, "halo", None) or [0] * len(letters))
    limits = tensor.data_range
    return TensorSpec(
        id=name,
        axes=tuple(
            AxisSpec(
                id=axis_id(letter),
                kind=_KINDS[letter],
                size=_size(tensor.shape, index, letter, references=references),
                halo=int(halo[index]),
            )
            for index, letter in enumerate(letters)
        ),
        dtype=str(tensor.data_type),
        steps=steps_of_v04(steps, tensor=name, letters=letters),
        test_tensor=FileRef(str(test)),
        description=str(tensor.description or ""),
        data_range=None if limits is None else (float(limits[0]), float(limits[1])),
    )


def _size(shape: Any, index: int, letter: str, *, references: dict[str, str]) -> Size:
    if letter == "b":
        return FreeSize()
    if hasattr(shape, "step"):
        step = int(shape.step[index])
        return FixedSize(int(shape.min[index])) if step == 0 else SteppedSize(int(shape.min[index]), step)
    if hasattr(shape, "reference_tensor"):
        reference = str(shape.reference_tensor)
        scale, offset = shape.scale[index], round(2 * shape.offset[index])
        if not scale or letter not in references.get(reference, letter):
            return FixedSize(offset)
        return TiedSize(reference, axis_id(letter), float(scale), offset)
    return FixedSize(int(shape[index]))
