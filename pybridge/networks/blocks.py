"""Blocks of convolutions for images of two or three dimensions. Imports torch."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional

# One place says which layer belongs to which dimension, so that a 3-D network is the same code.
CONVOLUTION: dict[int, type[nn.Conv2d] | type[nn.Conv3d]] = {2: nn.Conv2d, 3: nn.Conv3d}
TRANSPOSED: dict[int, type[nn.ConvTranspose2d] | type[nn.ConvTranspose3d]] = {
    2: nn.ConvTranspose2d,
    3: nn.ConvTranspose3d,
}
NORMALISATION: dict[int, type[nn.BatchNorm2d] | type[nn.BatchNorm3d]] = {2: nn.BatchNorm2d, 3: nn.BatchNorm3d}


class Block(nn.Module):
    """Two convolutions of size 3 with batch normalisation, with or without a shortcut around them.

    Batch normalisation, because its statistics are constants once the network is trained: a network that normalised
    by the image at hand (instance or group normalisation) could not be tiled exactly.

    Parameters
    ----------
    channels_in, channels : int
        Channels of input and output.
    dims : int
        2 or 3.
    residual : bool
        Add the input to the result (He et al., CVPR 2016), through a convolution of size 1 where channels differ.
    """

    def __init__(self, channels_in: int, channels: int, *, dims: int = 2, residual: bool = True) -> None:
        super().__init__()
        convolution, normalisation = CONVOLUTION[dims], NORMALISATION[dims]
        self.first = convolution(channels_in, channels, 3, padding=1, bias=False)
        self.first_norm = normalisation(channels)
        self.second = convolution(channels, channels, 3, padding=1, bias=False)
        self.second_norm = normalisation(channels)
        self.residual = residual
        self.shortcut = (
            convolution(channels_in, channels, 1, bias=False) if residual and channels_in != channels else nn.Identity()
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Apply the block to ``(N, channels_in, …)``; the sides stay."""
        inner = functional.relu(self.first_norm(self.first(x)))
        inner = self.second_norm(self.second(inner))
        return functional.relu(self.shortcut(x) + inner if self.residual else inner)


class Unfold(nn.Module):
    """A convolution of size 1 whose channels are laid out as ``stride`` pixels along each side.

    The counterpart of a strided stem; for 2-D it is a pixel shuffle (Shi et al., CVPR 2016), which onnxruntime runs
    faster than the equal transposed convolution.
    """

    def __init__(self, channels_in: int, channels: int, *, stride: int, dims: int = 2) -> None:
        super().__init__()
        self.stride = stride
        self.shuffled = dims == 2
        self.layer: nn.Module
        if self.shuffled:
            self.layer = nn.Conv2d(channels_in, channels * stride**2, 1)
        else:
            self.layer = nn.ConvTranspose3d(channels_in, channels, stride, stride=stride)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Turn ``(N, channels_in, …)`` into ``(N, channels, …)`` with sides ``stride`` times as long."""
        x = self.layer(x)
        return functional.pixel_shuffle(x, self.stride) if self.shuffled and self.stride > 1 else x
