"""Optimiser, learning rate and averaged weights. Imports torch."""

from __future__ import annotations

import math

import torch
from torch import nn

from pybridge.training.config import OptimiserConfig


def make_optimiser(network: nn.Module, config: OptimiserConfig) -> torch.optim.AdamW:
    """Make AdamW over the weights that may change; biases and normalisation are not decayed."""
    trained = [weight for weight in network.parameters() if weight.requires_grad]
    groups = [
        {"params": [weight for weight in trained if weight.ndim > 1], "weight_decay": config.weight_decay},
        {"params": [weight for weight in trained if weight.ndim <= 1], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=config.learning_rate, betas=(0.9, 0.98))


def learning_rate(step: int, steps: int, config: OptimiserConfig) -> float:
    """Give the rate of a step, counted from 1: a linear warm-up, then half a cosine down to one hundredth.

    Examples
    --------
    >>> config = OptimiserConfig(learning_rate=1.0, warm_up_steps=10)
    >>> [round(learning_rate(step, 110, config), 3) for step in (1, 10, 60, 110)]
    [0.1, 1.0, 0.505, 0.01]
    """
    warm_up = min(config.warm_up_steps, max(steps - 1, 0))
    if step < warm_up:
        return config.learning_rate * step / warm_up
    done = (step - warm_up) / max(steps - warm_up, 1)
    return config.learning_rate * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * done)))


@torch.no_grad()
def update_average(average: nn.Module, network: nn.Module, *, step: int, decay: float) -> None:
    """Move the averaged weights towards the present ones (exponential moving average); faster in the beginning."""
    keep = min(decay, step / (step + 20))
    for mean, now in zip(average.state_dict().values(), network.state_dict().values(), strict=True):
        if mean.is_floating_point():
            mean.lerp_(now, 1 - keep)
        else:
            mean.copy_(now)
