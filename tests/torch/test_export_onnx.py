"""From a torch module to an ONNX file: sizes stay open, no path goes in, what cannot be done is named."""

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from torch import nn

from pybridge.core.errors import ModelError, OutputExistsError
from pybridge.export.onnx_file import OPSET, write_onnx
from pybridge.networks.build import build_network
from pybridge.networks.config import HeadConfig, NetworkConfig

SMALL = NetworkConfig(widths=(4, 8), stem=2)


class Conv(nn.Module):
    def __init__(self, *, channels=1, last=None):
        super().__init__()
        self.first = nn.Conv2d(channels, 3, 3, padding=1)
        self.last = last or nn.Identity()

    def forward(self, x):
        return self.last(self.first(x))


class Bessel(nn.Module):
    """ONNX has no Bessel functions."""

    def forward(self, x):
        return torch.special.bessel_j0(x)


class OneSize(nn.Module):
    """Adds a picture of one size, as networks with learnt positions do."""

    def __init__(self, height, width):
        super().__init__()
        self.picture = nn.Parameter(torch.rand(1, 1, height, width))

    def forward(self, x):
        return x + self.picture


class AsksPixels(nn.Module):
    def forward(self, x):
        return x if x.mean() > 0 else -x


def run(path, x):
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    return session.run(None, {session.get_inputs()[0].name: x})[0]


@pytest.mark.parametrize("head", ["offsets", "star_convex", "boundary"])
def test_a_network_keeps_batch_and_sides_open(tmp_path, head):
    torch.manual_seed(1)
    network = build_network(SMALL, HeadConfig(name=head, rays=8), channels=2)
    activated = network.activated()
    file = write_onnx(activated, tmp_path / "model.onnx", channels=2, step=network.step)
    assert (file.size, file.any_batch, file.opset) == (None, True, OPSET)
    activated.eval()
    for batch, height, width in ((1, 4, 4), (3, 8, 12), (5, 12, 4)):
        x = torch.randn(batch, 2, height, width)
        with torch.inference_mode():
            right = activated(x).numpy()
        np.testing.assert_allclose(run(file.path, x.numpy()), right, rtol=1e-5, atol=1e-5)


def test_the_file_holds_its_weights_and_nothing_of_this_machine(tmp_path):
    network = build_network(SMALL, HeadConfig()).train()
    path = write_onnx(network.activated(), tmp_path / "model.onnx", channels=1, step=4).path
    assert [each.name for each in tmp_path.iterdir()] == ["model.onnx"]
    content = path.read_bytes()
    for trace in (b"site-packages", b"forward", b".py"):
        assert trace not in content
    model = onnx.load(path, load_external_data=False)
    assert [each.version for each in model.opset_import if each.domain == ""] == [OPSET]
    assert all(each.data_location == onnx.TensorProto.DEFAULT for each in model.graph.initializer)
    # Batch normalisation went into the convolutions.
    assert "BatchNormalization" not in {node.op_type for node in model.graph.node}
    assert network.training, "the caller's network is left as it was"


def test_a_volume_goes_through_as_well(tmp_path):
    module = nn.Sequential(nn.Conv3d(1, 2, 3, padding=1), nn.ReLU())
    file = write_onnx(module, tmp_path / "m.onnx", channels=1, step=1, dims=3)
    x = torch.randn(2, 1, 5, 7, 11)
    with torch.inference_mode():
        np.testing.assert_allclose(run(file.path, x.numpy()), module(x).numpy(), rtol=1e-5, atol=1e-5)


def test_an_operator_that_onnx_lacks_is_named_with_its_layer(tmp_path):
    module = Conv(last=nn.Sequential(nn.ReLU(), Bessel()))
    with pytest.raises(ModelError, match=r"no operator for \S*bessel_j0 in the layer 'last\.1' \(Bessel\)"):
        write_onnx(module, tmp_path / "m.onnx", channels=1, step=1)
    assert not list(tmp_path.iterdir())


def test_a_network_of_one_size_gets_a_graph_of_that_size_and_says_so(tmp_path):
    file = write_onnx(OneSize(24, 40), tmp_path / "m.onnx", channels=1, step=8, size=(24, 40))
    assert (file.size, file.any_batch) == ((24, 40), True)
    assert "24" in file.reason
    assert run(file.path, np.zeros((3, 1, 24, 40), np.float32)).shape == (3, 1, 24, 40)


def test_a_network_of_one_size_that_was_asked_for_needs_no_excuse(tmp_path):
    file = write_onnx(OneSize(24, 40), tmp_path / "m.onnx", channels=1, step=0, size=(24, 40))
    assert (file.size, file.reason) == ((24, 40), "")


@pytest.mark.parametrize("size", [None, (16, 24)])
def test_code_that_asks_for_pixel_values_cannot_be_traced(tmp_path, size):
    with pytest.raises(ModelError, match="torch cannot trace it"):
        write_onnx(AsksPixels(), tmp_path / "m.onnx", channels=1, step=8, size=size)


def test_an_existing_file_stays(tmp_path):
    (tmp_path / "m.onnx").write_bytes(b"mine")
    with pytest.raises(OutputExistsError, match="the file exists"):
        write_onnx(Conv(), tmp_path / "m.onnx", channels=1, step=1)
    assert (tmp_path / "m.onnx").read_bytes() == b"mine"
