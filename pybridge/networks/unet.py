"""The body of a network: a U-Net that gives features. Imports torch."""

from __future__ import annotations

import itertools

import torch
from torch import nn
from torch.nn import functional

from pybridge.networks.blocks import CONVOLUTION, TRANSPOSED, Block
from pybridge.networks.config import NetworkConfig


class UNet(nn.Module):
    """Give features at ``1 / stem`` of the resolution (Ronneberger et al., MICCAI 2015).

    Parameters
    ----------
    config : NetworkConfig
        Its shape.
    channels : int
        Channels of the input.
    dims : int
        2 or 3.
    """

    def __init__(self, config: NetworkConfig, *, channels: int = 1, dims: int = 2) -> None:
        super().__init__()
        widths, convolution, transposed = config.widths, CONVOLUTION[dims], TRANSPOSED[dims]
        stem = config.stem
        # Three stem pixels wide: what a convolution of size 3 sees after folding stem² pixels into channels.
        self.stem = convolution(channels, widths[0], 3 * stem, stride=stem, padding=stem)
        self.encoder = nn.ModuleList(
            nn.Sequential(*(Block(width, width, dims=dims, residual=config.residual) for _ in range(count)))
            for width, count in zip(widths, config.blocks_per_level, strict=True)
        )
        pairs = list(itertools.pairwise(widths))
        self.down = nn.ModuleList(convolution(fine, coarse, 2, stride=2) for fine, coarse in pairs)
        self.up = nn.ModuleList(transposed(coarse, fine, 2, stride=2) for fine, coarse in pairs)
        self.decoder = nn.ModuleList(
            Block(2 * width, width, dims=dims, residual=config.residual) for width in widths[:-1]
        )
        self.channels_out = widths[0]

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Turn ``(N, channels, …)``, sides multiples of the step, into ``(N, channels_out, …)``."""
        x = functional.relu(self.stem(x))
        skips = []
        for block, down in zip(self.encoder[:-1], self.down, strict=True):
            x = block(x)
            skips.append(x)
            x = down(x)
        x = self.encoder[-1](x)
        for block, up, skip in zip(reversed(self.decoder), reversed(self.up), reversed(skips), strict=True):
            x = block(torch.cat([up(x), skip], 1))
        return x

    def encoder_parameters(self) -> list[nn.Parameter]:
        """List the parameters of stem and encoder, which fine-tuning may freeze."""
        return [weight for part in (self.stem, self.encoder, self.down) for weight in part.parameters()]
