"""The network of ``nuclei-fluo``: a residual U-Net with a strided stem, three output channels at full resolution."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional


class ResidualBlock(nn.Module):
    """Two 3×3 convolutions with batch normalisation around a shortcut."""

    def __init__(self, channels_in: int, channels: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(channels_in, channels, 3, padding=1, bias=False)
        self.first_norm = nn.BatchNorm2d(channels)
        self.second = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.second_norm = nn.BatchNorm2d(channels)
        self.shortcut = nn.Identity() if channels_in == channels else nn.Conv2d(channels_in, channels, 1, bias=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        inner = functional.relu(self.first_norm(self.first(x)))
        return functional.relu(self.shortcut(x) + self.second_norm(self.second(inner)))


class OffsetUNet(nn.Module):
    """Predict ``(foreground logit, dy, dx)`` per pixel; sides must be multiples of 16.

    The stem folds 2×2 pixels into channels, so that no convolution runs at full resolution; the head unfolds them.
    """

    OFFSET_UNIT_PX = 8.0  # the last layer works in units of this, so that its outputs are of order one

    def __init__(self, widths: tuple[int, ...] = (32, 64, 128, 192)) -> None:
        super().__init__()
        self.stem = nn.Conv2d(4, widths[0], 3, padding=1)
        self.encoder = nn.ModuleList([ResidualBlock(width, width) for width in widths])
        self.down = nn.ModuleList([nn.Conv2d(a, b, 2, stride=2) for a, b in zip(widths, widths[1:])])
        self.up = nn.ModuleList([nn.ConvTranspose2d(b, a, 2, stride=2) for a, b in zip(widths, widths[1:])])
        self.decoder = nn.ModuleList([ResidualBlock(2 * width, width) for width in widths[:-1]])
        self.head = nn.Sequential(
            nn.Conv2d(widths[0], 2 * widths[0], 3, padding=1), nn.ReLU(), nn.Conv2d(2 * widths[0], 3 * 4, 1)
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = functional.relu(self.stem(functional.pixel_unshuffle(x, 2)))
        skips = []
        for block, down in zip(self.encoder, self.down):
            x = block(x)
            skips.append(x)
            x = down(x)
        x = self.encoder[-1](x)
        for index in reversed(range(len(self.decoder))):
            x = self.decoder[index](torch.cat([self.up[index](x), skips[index]], 1))
        raw = functional.pixel_shuffle(self.head(x), 2)
        return torch.cat([raw[:, :1], raw[:, 1:] * self.OFFSET_UNIT_PX], 1)
