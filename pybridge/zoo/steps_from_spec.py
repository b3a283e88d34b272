"""Processing steps of a validated description (formats 0.4 and 0.5) → frozen values.

The arguments are objects of ``bioimageio.spec``, read by attribute; the package itself is not imported here.
"""

from __future__ import annotations

from typing import Any

from pybridge.core.errors import ModelError
from pybridge.zoo import processing as steps

_LETTER_TO_ID = {"b": "batch", "c": "channel", "t": "time", "i": "index"}


def axis_id(letter: str) -> str:
    """Turn an axis letter of format 0.4 into the axis name of format 0.5."""
    return _LETTER_TO_ID.get(letter, letter)


def steps_of_v05(described: list[Any], *, tensor: str) -> tuple[steps.Step, ...]:
    """Translate the steps of one tensor in format 0.5.

    Raises
    ------
    ModelError
        If a step is one that PyBridge does not run; the message names it.
    """
    return tuple(_step_of_v05(str(each.id), each.kwargs, tensor=tensor) for each in described)


def steps_of_v04(described: list[Any], *, tensor: str, letters: str) -> tuple[steps.Step, ...]:
    """Translate the steps of one tensor in format 0.4, whose axes are ``letters`` such as ``"bcyx"``.

    Raises
    ------
    ModelError
        If a step is one that PyBridge does not run; the message names it.
    """
    return tuple(_step_of_v04(str(each.name), each.kwargs, tensor=tensor, letters=letters) for each in described)


def _step_of_v05(name: str, kwargs: Any, *, tensor: str) -> steps.Step:
    axis = _optional_text(getattr(kwargs, "axis", None))
    if name == "ensure_dtype":
        return steps.EnsureDtype(str(kwargs.dtype))
    if name == "binarize":
        return steps.Binarize(_numbers(kwargs.threshold), axis)
    if name == "clip":
        return steps.Clip(
            minimum=kwargs.min,
            maximum=kwargs.max,
            min_percentile=kwargs.min_percentile,
            max_percentile=kwargs.max_percentile,
            axes=_axes(kwargs.axes),
        )
    if name == "scale_linear":
        return steps.ScaleLinear(_numbers(kwargs.gain), _numbers(kwargs.offset), axis)
    if name == "sigmoid":
        return steps.Sigmoid()
    if name == "softmax":
        return steps.Softmax(axis or "channel")
    if name == "fixed_zero_mean_unit_variance":
        return steps.FixedZeroMeanUnitVariance(_numbers(kwargs.mean), _numbers(kwargs.std), axis)
    if name == "zero_mean_unit_variance":
        return steps.ZeroMeanUnitVariance(_axes(kwargs.axes), float(kwargs.eps))
    if name == "scale_range":
        return steps.ScaleRange(
            _axes(kwargs.axes),
            float(kwargs.min_percentile),
            float(kwargs.max_percentile),
            float(kwargs.eps),
            _optional_text(kwargs.reference_tensor),
        )
    if name == "scale_mean_variance":
        return steps.ScaleMeanVariance(str(kwargs.reference_tensor), _axes(kwargs.axes), float(kwargs.eps))
    raise _unsupported(name, tensor=tensor)


def _step_of_v04(name: str, kwargs: Any, *, tensor: str, letters: str) -> steps.Step:
    axes = _letters(getattr(kwargs, "axes", None))
    if name == "binarize":
        return steps.Binarize((float(kwargs.threshold),))
    if name == "clip":
        return steps.Clip(minimum=float(kwargs.min), maximum=float(kwargs.max))
    if name == "sigmoid":
        return steps.Sigmoid()
    if name == "scale_linear":
        gain, offset = _numbers(kwargs.gain), _numbers(kwargs.offset)
        count = max(len(gain), len(offset))
        along = _remaining_axis(letters, axes, count, name=name, tensor=tensor)
        return steps.ScaleLinear(_spread(gain, count), _spread(offset, count), along)
    if name == "zero_mean_unit_variance" and kwargs.mode == "fixed":
        mean, std = _numbers(kwargs.mean), _numbers(kwargs.std)
        count = max(len(mean), len(std))
        along = _remaining_axis(letters, axes, count, name=name, tensor=tensor)
        return steps.FixedZeroMeanUnitVariance(_spread(mean, count), _spread(std, count), along)
    if name == "zero_mean_unit_variance":
        return steps.ZeroMeanUnitVariance(axes, float(kwargs.eps))
    if name == "scale_range":
        return steps.ScaleRange(
            axes,
            float(kwargs.min_percentile),
            float(kwargs.max_percentile),
            float(kwargs.eps),
            _optional_text(kwargs.reference_tensor),
        )
    if name == "scale_mean_variance":
        return steps.ScaleMeanVariance(str(kwargs.reference_tensor), axes, float(kwargs.eps))
    raise _unsupported(name, tensor=tensor)


def _unsupported(name: str, *, tensor: str) -> ModelError:
    if name == "custom":
        found = "the step 'custom', which would run Python source out of the model folder"
        do = "use a model whose steps are those of the bioimage.io list; PyBridge never runs code of a model"
    else:
        found = f"the step {name!r}, which PyBridge does not have"
        do = "use a model without that step, or take the step out of the description and do it yourself"
    return ModelError(f"process the tensor {tensor!r}", found=found, do=do)


def _numbers(value: Any) -> tuple[float, ...]:
    return tuple(float(each) for each in value) if isinstance(value, (list, tuple)) else (float(value),)


def _spread(values: tuple[float, ...], count: int) -> tuple[float, ...]:
    return values * count if len(values) == 1 else values


def _axes(value: Any) -> tuple[str, ...] | None:
    return None if value is None else tuple(str(each) for each in value)


def _letters(value: str | None) -> tuple[str, ...] | None:
    return None if value is None else tuple(axis_id(letter) for letter in value)


def _optional_text(value: Any) -> str | None:
    return None if value is None else str(value)


def _remaining_axis(letters: str, axes: tuple[str, ...] | None, count: int, *, name: str, tensor: str) -> str | None:
    """Find the one axis that several values run along: the axis that format 0.4 does not list."""
    if count == 1:
        return None
    left = [axis_id(letter) for letter in letters if letter != "b" and axis_id(letter) not in (axes or ())]
    if len(left) != 1:
        raise ModelError(
            f"process the tensor {tensor!r}",
            found=f"{count} values for the step {name!r} over axes {axes!r} of {letters!r}",
            do="leave exactly one axis out of the step's axes: the one that the values run along",
        )
    return left[0]
