"""Which operator of which layer it is that ONNX lacks. Imports torch."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import torch

_LACKING = re.compile(r"No ONNX function found for <OpOverload\(op='([^']+)'")
_FAILED = re.compile(r"call_function\[target=torch\.ops\.(\w+\.\w+)")


@dataclass(frozen=True, slots=True)
class Unsupported:
    """An operator that cannot be translated.

    Parameters
    ----------
    operator : str
        Torch's name, for example ``aten.special_bessel_j0``.
    layer : str
        Where it is: path in the module and class, for example ``'head.last' (Polish)``.
    """

    operator: str
    layer: str


def unsupported_operator(error: BaseException, traced: Any) -> Unsupported | None:
    """Read the operator out of torch.onnx's error and find its layer in the traced program.

    Parameters
    ----------
    error : exception
        What ``torch.onnx.export`` raised.
    traced : torch.export.ExportedProgram
        What it was to translate.

    Returns
    -------
    Unsupported or None
        None when the error is about something else.
    """
    operator = _operator_in(error)
    if operator is None:
        return None
    node = _node_of(operator, traced)
    if node is None:
        return Unsupported(operator, "that calls it (torch does not say which)")
    return Unsupported(_name_of(node.target), _layer_of(node))


def _node_of(operator: str, traced: Any) -> Any:
    """Find the call of an operator; None when it is nowhere to be seen."""
    calls = [node for node in traced.graph.nodes if node.op == "call_function"]
    for node in calls:
        if _name_of(node.target) == operator:
            return node
    # The exporter takes calls apart: ``aten.special_bessel_j0`` is ``prims.bessel_j0`` in its error.
    base = operator.split(".")[-1].lstrip("_")
    for node in calls:
        if _name_of(node.target).split(".")[-1].endswith(base):
            return node
    parts = traced.run_decompositions(torch._decomp.decomposition_table)
    return next(
        (node for node in parts.graph.nodes if node.op == "call_function" and _name_of(node.target) == operator), None
    )


def _operator_in(error: BaseException) -> str | None:
    seen: BaseException | None = error
    texts = []
    while seen is not None:
        texts.append(str(seen))
        seen = seen.__cause__
    for pattern in (_LACKING, _FAILED):
        for text in reversed(texts):
            found = pattern.search(text)
            if found is not None:
                return found.group(1)
    return None


def _name_of(target: Any) -> str:
    """Write ``aten::conv2d`` or ``aten.conv2d.default`` as ``aten.conv2d``."""
    return ".".join(str(target).replace("::", ".").split(".")[:2])


def _layer_of(node: Any) -> str:
    """Name the innermost module around a node."""
    stack = list(node.meta.get("nn_module_stack", {}).values())
    if not stack:
        return "'' (the network itself)"
    path, kind = stack[-1]
    name = kind.__name__ if isinstance(kind, type) else str(kind).rsplit(".", 1)[-1]
    return f"{path!r} ({name})" if path else f"{name} (the network itself)"
