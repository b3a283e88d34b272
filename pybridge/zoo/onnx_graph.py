"""A small reader of ONNX files: what a graph names, without the ``onnx`` package and without loading weights.

It walks the protobuf wire format of the file through a memory map and skips tensor contents, so that a model of any
size is looked at in milliseconds. Field numbers are those of ``onnx.proto`` (https://onnx.ai, version 1.x).
"""

from __future__ import annotations

import mmap
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pybridge.core.errors import ModelError


@dataclass(frozen=True, slots=True)
class GraphTensor:
    """An input or output of the graph: name, ONNX element type, shape with names or None for open dimensions."""

    name: str
    element_type: int
    shape: tuple[int | str | None, ...] | None


@dataclass(frozen=True, slots=True)
class OnnxGraph:
    """What we need to know of an ONNX file before onnxruntime sees it.

    ``external_files`` are the locations of external data as written in the file.
    """

    ir_version: int
    opset: int
    inputs: tuple[GraphTensor, ...]
    outputs: tuple[GraphTensor, ...]
    operators: frozenset[str]
    external_files: tuple[str, ...]


_Field = tuple[int, int | memoryview]

# A run of numbers or short texts in an attribute: a forest's trees are lists of a million of them, one field for each.
_LISTED = re.compile(
    rb"(?:\x3d.{4}|\x40[\x80-\xff]{0,9}[\x00-\x7f]|\x4a(?:%s))++"
    % b"|".join(re.escape(bytes([length])) + b".{%d}" % length for length in range(32)),
    re.DOTALL,
)


def read_onnx_graph(path: Path) -> OnnxGraph:
    """Read inputs, outputs, operators and external files of an ONNX file.

    Raises
    ------
    ModelError
        If the file is empty, truncated, or no ONNX.
    """
    if path.stat().st_size == 0:
        raise _damaged(path, "the file is empty")
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        view = memoryview(mapped)
        reader = _Reader()
        try:
            graph = reader.model(view)
        except (IndexError, ValueError, UnicodeDecodeError) as error:
            found = str(error) or "the file ends too early"
        except RecursionError:
            found = "graphs within graphs without end"
        else:
            found = "" if graph.inputs or graph.outputs else "no graph in it"
        finally:
            # A view that is still referenced would keep the map from closing.
            reader.forget()
            view.release()
    if found:
        raise _damaged(path, f"{found}: truncated or no ONNX file")
    return graph


def _damaged(path: Path, found: str) -> ModelError:
    return ModelError(f"read the network {path.name!r}", found=found, do="get the model again; the file is damaged")


def _varint(data: memoryview, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7
        if shift > 63:
            raise ValueError("a number that never ends")


def _signed(value: int) -> int:
    return value - (1 << 64) if value >= 1 << 63 else value


class _Reader:
    """Walks one model; collects operators and external files on the way."""

    def __init__(self) -> None:
        self.operators: set[str] = set()
        self.external: list[str] = []
        self._views: list[memoryview] = []

    def forget(self) -> None:
        for view in reversed(self._views):
            view.release()

    def fields(self, data: memoryview, *, skipped: re.Pattern[bytes] | None = None) -> Iterator[_Field]:
        at, end = 0, len(data)
        while at < end:
            run = None if skipped is None else skipped.match(data, at)
            if run is not None:
                at = run.end()
                continue
            key, at = _varint(data, at)
            number, wire = key >> 3, key & 7
            if number == 0:
                raise ValueError("a field without a number")
            if wire == 0:
                value, at = _varint(data, at)
                yield number, value
            elif wire == 2:
                length, at = _varint(data, at)
                if at + length > end:
                    raise ValueError(f"{at + length - end} bytes are missing")
                part = data[at : at + length]
                self._views.append(part)
                yield number, part
                at += length
            elif wire in (1, 5):
                at += 8 if wire == 1 else 4
                if at > end:
                    raise ValueError("bytes are missing")
            else:
                raise ValueError(f"unknown wire type {wire}")

    def model(self, data: memoryview) -> OnnxGraph:
        ir_version = opset = 0
        inputs: list[GraphTensor] = []
        outputs: list[GraphTensor] = []
        initialised: set[str] = set()
        for number, value in self.fields(data):
            if number == 1 and isinstance(value, int):
                ir_version = value
            elif number == 7 and isinstance(value, memoryview):
                self.graph(value, inputs, outputs, initialised)
            elif number == 8 and isinstance(value, memoryview):
                domain, version = "", 0
                for inner, item in self.fields(value):
                    if inner == 1 and isinstance(item, memoryview):
                        domain = _text(item)
                    elif inner == 2 and isinstance(item, int):
                        version = item
                if domain in ("", "ai.onnx"):
                    opset = version
            elif number == 25 and isinstance(value, memoryview):
                for inner, item in self.fields(value):
                    if inner == 7 and isinstance(item, memoryview):
                        self.node(item)
        return OnnxGraph(
            ir_version=ir_version,
            opset=opset,
            # Old exporters list the weights among the inputs as well.
            inputs=tuple(tensor for tensor in inputs if tensor.name not in initialised),
            outputs=tuple(outputs),
            operators=frozenset(self.operators),
            external_files=tuple(dict.fromkeys(self.external)),
        )

    def graph(
        self, data: memoryview, inputs: list[GraphTensor], outputs: list[GraphTensor], initialised: set[str]
    ) -> None:
        for number, value in self.fields(data):
            if not isinstance(value, memoryview):
                continue
            if number == 1:
                self.node(value)
            elif number == 5:
                initialised.add(self.tensor(value))
            elif number == 11:
                inputs.append(self.value_info(value))
            elif number == 12:
                outputs.append(self.value_info(value))
            elif number == 15:
                for inner, item in self.fields(value):
                    if inner in (1, 2) and isinstance(item, memoryview):
                        initialised.add(self.tensor(item))

    def node(self, data: memoryview) -> None:
        for number, value in self.fields(data):
            if not isinstance(value, memoryview):
                continue
            if number == 4:
                self.operators.add(_text(value))
            elif number == 5:
                for inner, item in self.fields(value, skipped=_LISTED):
                    if not isinstance(item, memoryview):
                        continue
                    if inner in (5, 10):
                        self.tensor(item)
                    elif inner in (6, 11):
                        self.graph(item, [], [], set())

    def tensor(self, data: memoryview) -> str:
        """Read the name of a tensor and note its external file; its content is skipped."""
        name = ""
        for number, value in self.fields(data):
            if not isinstance(value, memoryview):
                continue
            if number == 8:
                name = _text(value)
            elif number == 13:
                entry = [_text(item) for _, item in self.fields(value) if isinstance(item, memoryview)]
                if len(entry) == 2 and entry[0] == "location":
                    self.external.append(entry[1])
        return name

    def value_info(self, data: memoryview) -> GraphTensor:
        name, element_type = "", 0
        shape: tuple[int | str | None, ...] | None = None
        for number, value in self.fields(data):
            if number == 1 and isinstance(value, memoryview):
                name = _text(value)
            elif number == 2 and isinstance(value, memoryview):
                for inner, item in self.fields(value):
                    if inner == 1 and isinstance(item, memoryview):
                        element_type, shape = self.tensor_type(item)
        return GraphTensor(name, element_type, shape)

    def tensor_type(self, data: memoryview) -> tuple[int, tuple[int | str | None, ...] | None]:
        element_type = 0
        shape: tuple[int | str | None, ...] | None = None
        for number, value in self.fields(data):
            if number == 1 and isinstance(value, int):
                element_type = value
            elif number == 2 and isinstance(value, memoryview):
                dims = [item for inner, item in self.fields(value) if inner == 1 and isinstance(item, memoryview)]
                shape = tuple(self.dimension(item) for item in dims)
        return element_type, shape

    def dimension(self, data: memoryview) -> int | str | None:
        for number, value in self.fields(data):
            if number == 1 and isinstance(value, int) and _signed(value) > 0:
                return value
            if number == 2 and isinstance(value, memoryview):
                return _text(value)
        return None


def _text(data: memoryview) -> str:
    return bytes(data).decode()
