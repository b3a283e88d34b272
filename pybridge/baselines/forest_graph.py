"""A forest with its features as one ONNX graph: Gaussian convolutions, eigenvalues, trees.

Any size goes in, axes ``(batch, channel, y, x)``, and the classes' probabilities come out at the same size.
onnx and skl2onnx are imported inside functions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from pybridge.baselines import forest_features as features

if TYPE_CHECKING:
    from onnx import ModelProto

OPSET, TREES_OPSET = 18, 3
_SMOOTHING_PX = 1.5


class _Graph:
    """Nodes and constants under names of their own."""

    def __init__(self) -> None:
        from onnx import helper, numpy_helper

        self._helper, self._constants = helper, numpy_helper
        self.nodes: list[Any] = []
        self.initializers: list[Any] = []

    def constant(self, array: NDArray[Any]) -> str:
        name = f"c{len(self.initializers)}"
        self.initializers.append(self._constants.from_array(np.ascontiguousarray(array), name))
        return name

    def add(self, kind: str, *inputs: str, **attributes: Any) -> str:
        name = f"n{len(self.nodes)}"
        self.nodes.append(self._helper.make_node(kind, list(inputs), [name], **attributes))
        return name

    def crop(self, value: str, by: int) -> str:
        """Cut so many pixels off all four sides."""
        if by == 0:
            return value
        starts, ends, axes = [by, by], [-by, -by], [2, 3]
        return self.add("Slice", value, *(self.constant(np.array(each, np.int64)) for each in (starts, ends, axes)))

    def take(self, value: str, first: int, last: int) -> str:
        """Take channels from first to before last."""
        return self.add("Slice", value, *(self.constant(np.array([each], np.int64)) for each in (first, last, 1)))

    def filter(self, value: str, sigma: float, orders: tuple[tuple[int, int], ...], *, channels: int = 1) -> str:
        """Correlate with kernels along y, then x; one channel is spread to all kernels, several have one each."""
        count = len(orders)
        along_y = np.stack([features.kernel(sigma, y) for y, _ in orders])[:, None, :, None]
        along_x = np.stack([features.kernel(sigma, x) for _, x in orders])[:, None, None, :]
        columns = self.add("Conv", value, self.constant(along_y), group=channels)
        return self.add("Conv", columns, self.constant(along_x), group=count)

    def eigenvalues(self, xx: str, xy: str, yy: str) -> tuple[str, str]:
        half, quarter = (self.constant(np.array([each], np.float32)) for each in (0.5, 0.25))
        middle = self.add("Mul", self.add("Add", xx, yy), half)
        apart = self.add("Sub", xx, yy)
        squared = self.add("Mul", self.add("Mul", apart, apart), quarter)
        spread = self.add("Sqrt", self.add("Add", squared, self.add("Mul", xy, xy)))
        return self.add("Add", middle, spread), self.add("Sub", middle, spread)


def forest_to_onnx(forest: Any) -> ModelProto:
    """Write a fitted forest with its features as one graph.

    Parameters
    ----------
    forest : sklearn.ensemble.RandomForestClassifier
        Fitted to ``find_features``; two classes (background, inside) or three (background, inside, border).

    Returns
    -------
    onnx.ModelProto
        For two classes the output has one channel, the foreground's probability; for three it has those of the
        decoder ``boundary``: foreground, the smoothed inside (which is highest in the middle), and border.
    """
    from onnx import helper
    from skl2onnx import to_onnx

    count = len(features.FEATURES)
    trees = to_onnx(
        forest,
        np.zeros((1, count), np.float32),
        target_opset={"": OPSET, "ai.onnx.ml": TREES_OPSET},
    )
    (ensemble,) = [node for node in trees.graph.node if node.op_type == "TreeEnsembleClassifier"]
    graph = _Graph()
    found = _add_features(graph, "image")
    last = graph.add("Transpose", found, perm=[0, 2, 3, 1])
    rows = graph.add("Reshape", last, graph.constant(np.array([-1, count], np.int64)))
    node = helper.make_node("TreeEnsembleClassifier", [rows], ["class", "votes"], domain="ai.onnx.ml")
    node.attribute.extend(ensemble.attribute)
    graph.nodes.append(node)
    classes = len(forest.classes_)
    # The shape (batch, y, x, classes): the first three lengths are those of the features.
    shape = graph.add("Shape", last, start=0, end=3)
    wanted = graph.add("Concat", shape, graph.constant(np.array([classes], np.int64)), axis=0)
    planes = graph.add("Transpose", graph.add("Reshape", "votes", wanted), perm=[0, 3, 1, 2])
    inside = graph.take(planes, 1, 2)
    if classes == 2:
        return _model(graph, inside, channels=1)
    border = graph.take(planes, 2, 3)
    reach = features.reach_of(_SMOOTHING_PX)
    smooth = graph.filter(_reflect(graph, inside, reach), _SMOOTHING_PX, ((0, 0),))
    fields = graph.add("Concat", graph.add("Add", inside, border), smooth, border, axis=1)
    return _model(graph, fields, channels=3)


def _add_features(graph: _Graph, image: str) -> str:
    margin = features.margin_px()
    padded = _reflect(graph, image, margin)
    coarse = graph.filter(padded, features.COARSE_PX, ((0, 0),))
    maps = [image, graph.crop(coarse, margin - features.reach_of(features.COARSE_PX))]
    for scale in features.SCALES_PX:
        reach, inner = features.reach_of(scale), features.inner_scale(scale)
        around = features.reach_of(inner)
        # What the inner averaging needs stays on; the maps themselves lose it afterwards.
        cut = graph.crop(padded, margin - reach - around)
        wide = graph.filter(cut, scale, features.ORDERS)
        sharp = graph.crop(wide, around)
        smooth, slope_x, slope_y, xx, xy, yy = (graph.take(sharp, place, place + 1) for place in range(6))
        slopes = [graph.take(wide, place, place + 1) for place in (1, 2)]
        products = graph.add(
            "Concat",
            *(graph.add("Mul", slopes[one], slopes[other]) for one, other in ((0, 0), (0, 1), (1, 1))),
            axis=1,
        )
        averaged = graph.filter(products, inner, ((0, 0),) * 3, channels=3)
        edge, corner = graph.eigenvalues(*(graph.take(averaged, place, place + 1) for place in range(3)))
        ridge, valley = graph.eigenvalues(xx, xy, yy)
        squares = graph.add("Add", graph.add("Mul", slope_x, slope_x), graph.add("Mul", slope_y, slope_y))
        maps += [smooth, graph.add("Sqrt", squares), graph.add("Add", xx, yy), ridge, valley, edge, corner]
    return graph.add("Concat", *maps, axis=1)


def _reflect(graph: _Graph, value: str, by: int) -> str:
    pads = graph.constant(np.array([0, 0, by, by, 0, 0, by, by], np.int64))
    return graph.add("Pad", value, pads, mode="reflect")


def _model(graph: _Graph, last: str, *, channels: int) -> ModelProto:
    from onnx import TensorProto, checker, helper

    graph.nodes.append(helper.make_node("Identity", [last], ["fields"]))
    made = helper.make_graph(
        graph.nodes,
        "pixel forest",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["batch", 1, "y", "x"])],
        [helper.make_tensor_value_info("fields", TensorProto.FLOAT, ["batch", channels, "y", "x"])],
        graph.initializers,
    )
    opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid("ai.onnx.ml", TREES_OPSET)]
    model = helper.make_model(made, opset_imports=opsets, producer_name="pybridge", ir_version=8)
    checker.check_model(model)
    return model
