"""The small reader of ONNX files passes over the long lists of a forest's trees, and over nothing else."""

import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper

from pybridge.core.errors import ModelError
from pybridge.zoo.onnx_graph import read_onnx_graph

INT64 = st.integers(-(2**63), 2**63 - 1)


def external(name, location):
    tensor = TensorProto(name=name, data_type=TensorProto.FLOAT, dims=[1], data_location=TensorProto.EXTERNAL)
    tensor.external_data.add(key="location", value=location)
    return tensor


def save(path, *nodes):
    value = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1])
    graph = helper.make_graph(list(nodes), "g", [value], [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1])])
    path.write_bytes(helper.make_model(graph).SerializeToString())
    return path


@settings(deadline=None, max_examples=40)
@given(
    st.lists(INT64, min_size=1, max_size=40),
    st.lists(st.floats(width=32), min_size=1, max_size=40),
    st.lists(st.binary(max_size=60), min_size=1, max_size=40),
)
def test_what_follows_a_list_is_still_read(tmp_path_factory, whole, real, texts):
    attribute = onnx.AttributeProto(name="a", ints=whole, floats=real, strings=texts, t=external("inner", "inner.bin"))
    attribute.tensors.append(external("last", "last.bin"))
    node = helper.make_node("Trees", ["x"], ["y"], domain="ai.onnx.ml")
    node.attribute.extend([attribute, helper.make_attribute("b", external("other", "other.bin"))])
    found = read_onnx_graph(save(tmp_path_factory.mktemp("g") / "m.onnx", node))
    assert set(found.external_files) == {"inner.bin", "last.bin", "other.bin"}
    assert found.operators == {"Trees"}


def test_a_list_that_breaks_off_is_an_error(tmp_path):
    node = helper.make_node("Trees", ["x"], ["y"], values=[1.5] * 1000)
    path = save(tmp_path / "m.onnx", node)
    path.write_bytes(path.read_bytes()[:2500])
    with pytest.raises(ModelError, match="truncated or no ONNX"):
        read_onnx_graph(path)
