"""A whole network from its configuration. Imports torch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import nn

from pybridge.networks.config import HeadConfig, NetworkConfig, NetworkSettings
from pybridge.networks.heads import Head
from pybridge.networks.unet import UNet


class Network(nn.Module):
    """A body and a head.

    Parameters
    ----------
    config : NetworkConfig
        The body.
    head : HeadConfig
        The head.
    channels : int
        Channels of the input.
    dims : int
        2 or 3.

    Examples
    --------
    >>> network = build_network(NetworkConfig(widths=(8, 16)), HeadConfig(name="star_convex", rays=8))
    >>> network(torch.zeros(2, 1, 16, 32)).shape
    torch.Size([2, 9, 16, 32])
    """

    def __init__(self, config: NetworkConfig, head: HeadConfig, *, channels: int = 1, dims: int = 2) -> None:
        super().__init__()
        self.config, self.head_config, self.channels, self.dims = config, head, channels, dims
        self.body = UNet(config, channels=channels, dims=dims)
        self.head = Head(head, self.body.channels_out, stride=config.stem, dims=dims)

    @property
    def step(self) -> int:
        """Sides of the input must be multiples of this many pixels."""
        return self.config.step

    @property
    def head_name(self) -> str:
        """Name of the head, and of its decoder."""
        return self.head_config.name

    @property
    def output_names(self) -> tuple[str, ...]:
        """Names of the output channels."""
        return self.head_config.channel_names

    @property
    def settings(self) -> NetworkSettings:
        """What ``network_from_settings`` needs to build it again; a model's description keeps it."""
        return NetworkSettings(network=self.config, head=self.head_config, channels=self.channels, dims=self.dims)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Turn normalised pixels ``(N, channels, …)`` into raw values ``(N, K, …)``."""
        raw: torch.Tensor = self.head(self.body(x))
        return raw

    def activated(self) -> nn.Module:
        """Give the network as it is exported: its outputs are probabilities and pixels. Weights are shared."""
        return _Activated(self)


class _Activated(nn.Module):
    """The parts of a network under their own names, so that one state dict fits both."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.body, self.head = network.body, network.head

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        activated: torch.Tensor = self.head.activate(self.head(self.body(x)))
        return activated


def build_network(config: NetworkConfig, head: HeadConfig, *, channels: int = 1, dims: int = 2) -> Network:
    """Build a network with fresh weights, drawn from torch's random generator.

    Raises
    ------
    torch.OutOfMemoryError
        If it does not fit into memory.
    """
    return Network(config, head, channels=channels, dims=dims)


def network_from_settings(
    *, network: Mapping[str, Any], head: Mapping[str, Any], channels: int = 1, dims: int = 2
) -> nn.Module:
    """Build the network that a model's description names, as it was exported: load its ``weights.pt`` into it.

    Model descriptions name this function as their architecture, so that any program for bioimage.io models can use the
    torch weights. The arguments are those of the description.

    Parameters
    ----------
    network, head : mapping
        Fields of ``NetworkConfig`` and ``HeadConfig``.
    channels : int
        Channels of the input.
    dims : int
        2 or 3.

    Raises
    ------
    pydantic.ValidationError
        If a setting is none of ours.

    Examples
    --------
    >>> module = network_from_settings(network={"widths": [4, 8], "stem": 1}, head={"name": "offsets"})
    >>> module.eval()(torch.zeros(1, 1, 4, 6)).shape
    torch.Size([1, 3, 4, 6])
    """
    settings = NetworkSettings.model_validate({"network": network, "head": head, "channels": channels, "dims": dims})
    built = build_network(settings.network, settings.head, channels=settings.channels, dims=settings.dims)
    return built.activated()
