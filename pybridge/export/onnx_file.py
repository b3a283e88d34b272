"""From a torch module to an ONNX file. Imports torch; onnx inside functions."""

from __future__ import annotations

import copy
import os
import re
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from pybridge.core.errors import ModelError
from pybridge.export.unsupported import unsupported_operator
from pybridge.files.write import write_whole

# What onnxscript's translations are written for, and what every onnxruntime since 2023 runs.
OPSET = 18
_LARGEST = 1 << 14
_FIXED_SIDE = re.compile(r"marked (?:\d+\*)?(\w+) as dynamic but your code specialized it to be a constant \((\d+)\)")
_SIDE_NAMES = ("planes", "rows", "columns")


@dataclass(frozen=True, slots=True)
class OnnxFile:
    """A network as a file.

    Parameters
    ----------
    path : Path
        The file; its weights are inside.
    opset : int
        Version of ONNX's default operator set.
    size : tuple of int or None
        The one size that it takes; None when sides may be any multiples of the step.
    any_batch : bool
        Whether it takes any number of items at once.
    reason : str
        Why it takes one size although others were asked for; empty otherwise.
    """

    path: Path
    opset: int
    size: tuple[int, ...] | None = None
    any_batch: bool = True
    reason: str = ""


def write_onnx(
    module: nn.Module,
    path: Path,
    *,
    channels: int,
    step: int,
    dims: int = 2,
    input_name: str = "image",
    output_name: str = "fields",
    size: tuple[int, ...] | None = None,
    overwrite: bool = False,
) -> OnnxFile:
    """Write a module as ONNX: weights inside, optimised, checked, without paths of this machine.

    The graph takes any batch and sides of any multiple of ``step``. A module whose own code knows only one size gets a
    graph of one size, ``size``, and ``reason`` says why.

    Parameters
    ----------
    module : nn.Module
        Takes and gives one tensor ``(N, C, …)``; it is left as it is.
    path : Path
        The file, written whole or not at all.
    channels : int
        Channels of the input.
    step : int
        Sides are multiples of this many pixels; 0: only ``size``.
    dims : int
        2 or 3.
    input_name, output_name : str
        Names of the tensors in the graph.
    size : tuple of int, optional
        Sides to trace with: needed when ``step`` is 0, and the size of a graph that can have one only.
    overwrite : bool
        Replace an existing file.

    Returns
    -------
    OnnxFile

    Raises
    ------
    ModelError
        If torch cannot trace the module, or ONNX lacks one of its operators; the message names operator and layer.
    OutputExistsError, OutputError
        If the file is there or cannot be written.
    """
    # The export changes modules (mode, hooks), and the caller may train on.
    frozen = copy.deepcopy(module).cpu().float().eval()
    asked = f"export {type(module).__name__} to ONNX"
    with warnings.catch_warnings():
        # torch warns of its own internals, which no user can change.
        warnings.simplefilter("ignore")
        traced, known = _trace(frozen, channels=channels, step=step, dims=dims, size=size, asked=asked)
        proto = _translate(traced, input_name=input_name, output_name=output_name, asked=asked)
    _strip(proto)
    write_whole(path, lambda temporary: _check_and_save(proto, temporary, asked=asked), overwrite=overwrite)
    fixed, any_batch, reason = known
    return OnnxFile(path, OPSET, size=fixed, any_batch=any_batch, reason=reason)


def _trace(
    module: nn.Module, *, channels: int, step: int, dims: int, size: tuple[int, ...] | None, asked: str
) -> tuple[Any, tuple[tuple[int, ...] | None, bool, str]]:
    """Trace with open sides, else with an open batch, else with nothing open: the first that torch can do."""
    batch = torch.export.Dim("batch", min=1, max=1024)
    reasons = []
    if step:
        # No side twice as long as another, and none of the shortest length: nothing may look constant by chance.
        shape = size or tuple(step * (5 + index) for index in range(dims))
        sides = {2 + index: _side(name, step) for index, name in enumerate(_SIDE_NAMES[len(_SIDE_NAMES) - dims :])}
        try:
            return _export(module, (2, channels, *shape), {0: batch, **sides}), (None, True, "")
        # A module may raise whatever it likes while it is traced.
        except Exception as error:  # noqa: BLE001
            reasons.append(_reason(error))
    if size is not None:
        for count, open_axes, any_batch in ((2, {0: batch}, True), (1, {}, False)):
            try:
                traced = _export(module, (count, channels, *size), open_axes)
            except Exception as error:  # noqa: BLE001
                reasons.append(_reason(error))
            else:
                return traced, (tuple(size), any_batch, reasons[0] if step else "")
    raise ModelError(
        asked,
        found=f"torch cannot trace it: {reasons[-1]}",
        do="avoid Python code that depends on pixel values; a network that takes one size only needs `size: [Y, X]` in "
        "its template",
    )


def _side(name: str, step: int) -> Any:
    units = torch.export.Dim(name, min=1, max=max(2, _LARGEST // step))
    return step * units if step > 1 else units


def _export(module: nn.Module, shape: tuple[int, ...], open_axes: dict[int, Any]) -> Any:
    return torch.export.export(
        module, (torch.zeros(shape),), dynamic_shapes=(open_axes,) if open_axes else None, strict=False
    )


def _translate(traced: Any, *, input_name: str, output_name: str, asked: str) -> Any:
    try:
        program = torch.onnx.export(
            traced,
            dynamo=True,
            external_data=False,
            optimize=True,
            opset_version=OPSET,
            input_names=[input_name],
            output_names=[output_name],
            verbose=False,
        )
    # torch.onnx's own errors, and those of the operators' translations, which have no base of their own.
    except Exception as error:
        lacking = unsupported_operator(error, traced)
        if lacking is None:
            raise ModelError(
                asked, found=f"torch.onnx failed: {_first_line(error)}", do="export a network of common layers"
            ) from error
        raise ModelError(
            asked,
            found=f"ONNX has no operator for {lacking.operator} in the layer {lacking.layer}",
            do="replace that operator by ones that ONNX has, or leave it out of the exported part",
        ) from error
    if program is None:
        raise ModelError(asked, found="torch.onnx gave no program", do="update torch")
    return program.model_proto


def _strip(proto: Any) -> None:
    """Take out the notes of the exporter: for every node the file and line it came from, with paths of the machine."""
    parts = [proto, proto.graph, *proto.functions]
    for graph in (proto.graph, *proto.functions):
        parts.extend(graph.node)
        parts.extend(graph.value_info)
    parts.extend((*proto.graph.input, *proto.graph.output, *proto.graph.initializer))
    for part in parts:
        if hasattr(part, "metadata_props"):
            del part.metadata_props[:]
        if hasattr(part, "doc_string"):
            part.doc_string = ""


def _check_and_save(proto: Any, path: Path, *, asked: str) -> None:
    import onnx

    try:
        onnx.checker.check_model(proto, full_check=True)
    except (onnx.checker.ValidationError, onnx.shape_inference.InferenceError) as error:
        raise ModelError(
            asked, found=f"the graph is not valid ONNX: {_first_line(error)}", do="update torch and onnxscript"
        ) from error
    with path.open("wb") as file:
        file.write(proto.SerializeToString())
        file.flush()
        os.fsync(file.fileno())


def _reason(error: Exception) -> str:
    """Say in short why torch cannot trace a module: which sides its own code fixes, or torch's first line."""
    fixed = _FIXED_SIDE.findall(str(error))
    if fixed:
        return "its code fixes " + " and ".join(f"{name} at {length}" for name, length in dict.fromkeys(fixed))
    return _first_line(error)


def _first_line(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return (lines[0] if lines else type(error).__name__)[:300]
