"""Tiny ONNX graphs with random weights, of the forms that tiling has to get right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

OPSET = 17


@dataclass
class Graph:
    """Collects nodes and weights; each method adds a layer and gives the name of its output."""

    spatial: int = 2
    seed: int = 0
    nodes: list[onnx.NodeProto] = field(default_factory=list)
    weights: list[onnx.TensorProto] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.random = np.random.default_rng(self.seed)

    def add(self, operator: str, *inputs: str, **attributes: object) -> str:
        name = f"{operator.lower()}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, list(inputs), [name], name=name, **attributes))
        return name

    def weight(self, array: NDArray[np.generic]) -> str:
        name = f"weight_{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(array, name))
        return name

    def normal(self, *shape: int) -> NDArray[np.float32]:
        fan_in = int(np.prod(shape[1:]))
        return (self.random.standard_normal(shape) / np.sqrt(fan_in)).astype(np.float32)

    def conv(
        self, x: str, channels_in: int, channels: int, *, kernel: int = 3, stride: int = 1, pad: bool = True
    ) -> str:
        side = [kernel // 2 if pad else 0] * self.spatial
        weights = self.weight(self.normal(channels, channels_in, *[kernel] * self.spatial))
        bias = self.weight(self.normal(channels, 4))
        self.weights[-1] = numpy_helper.from_array(self.normal(channels), bias)
        return self.add("Conv", x, weights, bias, pads=side + side, strides=[stride] * self.spatial)

    def relu(self, x: str) -> str:
        return self.add("Relu", x)

    def pool(self, x: str) -> str:
        return self.add("MaxPool", x, kernel_shape=[2] * self.spatial, strides=[2] * self.spatial)

    def up(self, x: str, channels_in: int, channels: int) -> str:
        weights = self.weight(self.normal(channels_in, channels, *[2] * self.spatial))
        return self.add("ConvTranspose", x, weights, strides=[2] * self.spatial)

    def concat(self, *inputs: str) -> str:
        return self.add("Concat", *inputs, axis=1)

    def finish(
        self,
        output: str | Sequence[str],
        *,
        channels_in: int = 1,
        channels_out: Sequence[int] = (1,),
        fixed: Sequence[int] | None = None,
        opset: int = OPSET,
        ir_version: int = 8,
    ) -> onnx.ModelProto:
        """Close the graph: input ``x`` and outputs ``y0``, ``y1`` …, open along space unless ``fixed``."""
        names = [output] if isinstance(output, str) else list(output)
        for index, name in enumerate(names):
            self.nodes.append(helper.make_node("Identity", [name], [f"y{index}"]))
        space: list[int | str] = list(fixed) if fixed is not None else [f"s{axis}" for axis in range(self.spatial)]
        outs = [f"o{axis}" for axis in range(self.spatial)]
        graph = helper.make_graph(
            self.nodes,
            "built",
            [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, channels_in, *space])],
            [
                helper.make_tensor_value_info(f"y{index}", TensorProto.FLOAT, [1, channels, *outs])
                for index, channels in enumerate(channels_out)
            ],
            initializer=self.weights,
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)])
        model.ir_version = ir_version
        return model


def plain(
    *, spatial: int = 2, layers: int = 2, kernel: int = 3, channels_in: int = 1, channels_out: int = 1, seed: int = 0
) -> onnx.ModelProto:
    """Convolutions with padding: stride 1, receptive field ``layers · (kernel // 2)``."""
    graph = Graph(spatial, seed)
    x, width = "x", channels_in
    for _ in range(layers - 1):
        x, width = graph.relu(graph.conv(x, width, 3, kernel=kernel)), 3
    y = graph.conv(x, width, channels_out, kernel=kernel)
    return graph.finish(y, channels_in=channels_in, channels_out=(channels_out,))


def unet(
    *,
    spatial: int = 2,
    levels: int = 2,
    width: int = 4,
    channels_in: int = 1,
    channels_out: int = 3,
    fold: bool = False,
    fixed: Sequence[int] | None = None,
    seed: int = 0,
) -> onnx.ModelProto:
    """A U-Net of total stride ``2 ** levels``; ``fold`` puts 2×2 pixels into channels first, as nuclei-fluo does."""
    graph = Graph(spatial, seed)
    x, inner = "x", channels_in
    if fold:
        x, inner = graph.add("SpaceToDepth", x, blocksize=2), channels_in * 4
        levels -= 1
    x = graph.relu(graph.conv(x, inner, width))
    skips, widths = [], [width]
    for _ in range(levels):
        skips.append(x)
        x = graph.relu(graph.conv(graph.pool(x), widths[-1], widths[-1] + 2))
        widths.append(widths[-1] + 2)
    for level in reversed(range(levels)):
        lifted = graph.up(x, widths[level + 1], widths[level])
        x = graph.relu(graph.conv(graph.concat(lifted, skips[level]), 2 * widths[level], widths[level]))
    if fold:
        x = graph.add("DepthToSpace", graph.conv(x, width, 4 * channels_out, kernel=1), blocksize=2, mode="CRD")
    else:
        x = graph.conv(x, width, channels_out, kernel=1)
    return graph.finish(x, channels_in=channels_in, channels_out=(channels_out,), fixed=fixed)


def open_batch() -> onnx.ModelProto:
    """A U-Net that takes any number of items at once."""
    model = unet()
    for port in (*model.graph.input, *model.graph.output):
        port.type.tensor_type.shape.dim[0].Clear()
        port.type.tensor_type.shape.dim[0].dim_param = "n"
    return model


def half_resolution(*, spatial: int = 2, seed: int = 0) -> onnx.ModelProto:
    """Output at half the input's resolution: stride 2, scale 1/2."""
    graph = Graph(spatial, seed)
    x = graph.relu(graph.conv("x", 1, 3))
    return graph.finish(graph.conv(graph.pool(x), 3, 2), channels_out=(2,))


def without_padding(*, spatial: int = 2, layers: int = 2, seed: int = 0) -> onnx.ModelProto:
    """Convolutions without padding: the output is ``2 · layers`` shorter than the input."""
    graph = Graph(spatial, seed)
    x = "x"
    for layer in range(layers):
        x = graph.conv(x, 1 if layer == 0 else 2, 2, pad=False)
    return graph.finish(x, channels_out=(2,))


def whole_image(*, spatial: int = 2, seed: int = 0) -> onnx.ModelProto:
    """A network with instance normalisation, which looks at the whole image."""
    graph = Graph(spatial, seed)
    x = graph.conv("x", 1, 3)
    scale, bias = graph.weight(np.ones(3, np.float32)), graph.weight(np.zeros(3, np.float32))
    x = graph.add("InstanceNormalization", x, scale, bias)
    return graph.finish(graph.conv(x, 3, 1))


def two_outputs(*, seed: int = 0) -> onnx.ModelProto:
    """One input, two outputs: one at full and one at half resolution."""
    graph = Graph(2, seed)
    x = graph.relu(graph.conv("x", 1, 3))
    return graph.finish([graph.conv(x, 3, 1), graph.conv(graph.pool(x), 3, 2)], channels_out=(1, 2))


def copy(*, spatial: int = 2, channels: int = 1, fixed: Sequence[int] | None = None) -> onnx.ModelProto:
    """A network that gives back what it gets: shows what normalisation did."""
    graph = Graph(spatial)
    return graph.finish(graph.add("Identity", "x"), channels_in=channels, channels_out=(channels,), fixed=fixed)


def many_layers(count: int = 200) -> onnx.ModelProto:
    """So many wide convolutions that one run takes many seconds."""
    graph = Graph()
    x = graph.relu(graph.conv("x", 1, 32))
    for _ in range(count):
        x = graph.relu(graph.conv(x, 32, 32))
    return graph.finish(graph.conv(x, 32, 1))
