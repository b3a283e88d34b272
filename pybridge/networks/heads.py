"""Heads: from the features of a body to the tensors that a decoder reads. Imports torch.

A head gives *raw* values to the loss and, through ``activate``, the values that the ONNX file has: probabilities
between 0 and 1, lengths in pixels. A head for classes or for restored images joins here.
"""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional

from pybridge.networks.blocks import CONVOLUTION, Unfold
from pybridge.networks.config import HeadConfig

# Lengths leave the last layer in units of this many pixels, so that its outputs are of order one.
UNIT_PX = 8.0


class Head(nn.Module):
    """Two layers from features to the channels of a head, at full resolution.

    Parameters
    ----------
    config : HeadConfig
        Which head.
    channels_in : int
        Features.
    stride : int
        How much coarser the features are than the image.
    dims : int
        2 or 3.
    """

    def __init__(self, config: HeadConfig, channels_in: int, *, stride: int, dims: int = 2) -> None:
        super().__init__()
        self.config = config
        self.hidden = CONVOLUTION[dims](channels_in, 2 * channels_in, 3, padding=1)
        self.unfold = Unfold(2 * channels_in, len(config.channel_names), stride=stride, dims=dims)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Turn features into raw values ``(N, K, …)``: logits, and lengths in pixels."""
        raw = self.unfold(functional.relu(self.hidden(x)))
        if self.config.name == "boundary":
            return raw
        return torch.cat([raw[:, :1], raw[:, 1:] * UNIT_PX], 1)

    def activate(self, raw: torch.Tensor) -> torch.Tensor:
        """Turn raw values into those of the ONNX file."""
        if self.config.name == "boundary":
            return torch.sigmoid(raw)
        if self.config.name == "star_convex":
            return torch.cat([torch.sigmoid(raw[:, :1]), torch.relu(raw[:, 1:])], 1)
        return torch.cat([torch.sigmoid(raw[:, :1]), raw[:, 1:]], 1)
