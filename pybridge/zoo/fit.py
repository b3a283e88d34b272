"""Does the ONNX graph take and give the tensors that the description names? Refused here, before anything runs."""

from __future__ import annotations

from pybridge.core.errors import ModelError
from pybridge.zoo.model import FixedSize, Size, SteppedSize, TensorSpec
from pybridge.zoo.onnx_graph import GraphTensor, OnnxGraph

# Element types of onnx.proto that hold numbers which numpy knows.
ELEMENT_TYPES = {
    1: "float32",
    2: "uint8",
    3: "int8",
    4: "uint16",
    5: "int16",
    6: "int32",
    7: "int64",
    9: "bool",
    10: "float16",
    11: "float64",
    12: "uint32",
    13: "uint64",
}


def check_fit(inputs: tuple[TensorSpec, ...], outputs: tuple[TensorSpec, ...], graph: OnnxGraph, *, asked: str) -> None:
    """Compare the tensors of a description with those of the graph, in order.

    A graph that is stricter than the description (a fixed length among those allowed) fits; one that takes another
    number of tensors, another number of axes, or a fixed length that the description rules out does not.

    Raises
    ------
    ModelError
        If they do not fit; the message names tensor and axis.
    """
    required = [tensor for tensor in inputs if not tensor.optional]
    if not len(required) <= len(graph.inputs) <= len(inputs):
        raise _misfit(asked, f"{len(inputs)} inputs described, but the network takes {len(graph.inputs)}")
    if len(outputs) != len(graph.outputs):
        raise _misfit(asked, f"{len(outputs)} outputs described, but the network gives {len(graph.outputs)}")
    for spec, tensor in (*zip(inputs, graph.inputs, strict=False), *zip(outputs, graph.outputs, strict=True)):
        _check_tensor(spec, tensor, asked=asked)


def _check_tensor(spec: TensorSpec, tensor: GraphTensor, *, asked: str) -> None:
    where = f"tensor {spec.id!r} ({tensor.name!r} in the network)"
    if tensor.element_type and tensor.element_type not in ELEMENT_TYPES:
        raise _misfit(asked, f"{where} has ONNX element type {tensor.element_type}, which is no number")
    if tensor.shape is None:
        return
    if len(tensor.shape) != len(spec.axes):
        raise _misfit(
            asked, f"{where} has {len(spec.axes)} axes in the description, but {len(tensor.shape)} in the network"
        )
    for axis, length in zip(spec.axes, tensor.shape, strict=True):
        if isinstance(length, int) and axis.kind != "batch" and not _allows(axis.size, length):
            raise _misfit(asked, f"axis {axis.id!r} of {where} is {_words(axis.size)}, but {length} in the network")


def _allows(size: Size, length: int) -> bool:
    if isinstance(size, FixedSize):
        return length == size.size
    if isinstance(size, SteppedSize):
        return length >= size.minimum and (length - size.minimum) % size.step == 0
    return True


def _words(size: Size) -> str:
    if isinstance(size, SteppedSize):
        return f"{size.minimum} + n · {size.step}"
    return str(size.size) if isinstance(size, FixedSize) else "open"


def _misfit(asked: str, found: str) -> ModelError:
    return ModelError(asked, found=found, do="use the description that belongs to these weights")
