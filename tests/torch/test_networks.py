"""Networks: shapes, sizes, heads, two and three dimensions."""

import pytest
import torch

from pybridge.networks.build import build_network
from pybridge.networks.config import HeadConfig, NetworkConfig


@pytest.mark.parametrize("stem", [1, 2, 4])
@pytest.mark.parametrize("residual", [True, False])
@pytest.mark.parametrize("head", ["offsets", "star_convex", "boundary"])
def test_the_output_has_the_size_of_the_input_and_the_channels_of_the_head(stem, residual, head):
    config = NetworkConfig(widths=(8, 12, 16), stem=stem, residual=residual)
    network = build_network(config, HeadConfig(name=head, rays=16))
    found = network(torch.zeros(3, 1, config.step * 2, config.step * 3))
    assert found.shape == (3, len(network.output_names), config.step * 2, config.step * 3)
    assert len(network.output_names) == {"offsets": 3, "star_convex": 17, "boundary": 3}[head]


def test_three_dimensions_are_the_same_code():
    config = NetworkConfig(widths=(4, 8), stem=2)
    network = build_network(config, HeadConfig(), channels=2, dims=3)
    assert network(torch.zeros(1, 2, 8, 12, 16)).shape == (1, 3, 8, 12, 16)


@pytest.mark.parametrize("head", ["offsets", "star_convex", "boundary"])
def test_activated_outputs_are_probabilities_and_lengths(head):
    torch.manual_seed(0)
    network = build_network(NetworkConfig(widths=(8, 16)), HeadConfig(name=head, rays=8)).eval()
    found = network.activated()(torch.randn(1, 1, 32, 32) * 50).detach()
    probabilities = found if head == "boundary" else found[:, :1]
    assert float(probabilities.min()) >= 0
    assert float(probabilities.max()) <= 1
    if head == "star_convex":
        assert float(found[:, 1:].min()) >= 0


def test_the_frozen_part_is_stem_and_encoder():
    network = build_network(NetworkConfig(widths=(8, 16)), HeadConfig())
    frozen = {id(weight) for weight in network.body.encoder_parameters()}
    names = [name for name, weight in network.named_parameters() if id(weight) in frozen]
    assert all(name.startswith(("body.stem", "body.encoder", "body.down")) for name in names)
    assert any(name.startswith("body.encoder") for name in names)


def test_levels_and_blocks_must_agree():
    with pytest.raises(ValueError, match="one for each level"):
        NetworkConfig(widths=(8, 16), blocks=(1, 1, 1))
