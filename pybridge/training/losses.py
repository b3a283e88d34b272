"""Losses: how far a network's raw output is from its targets, one function per head. Imports torch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch.nn import functional


@dataclass(frozen=True, slots=True)
class Loss:
    """A loss in its parts.

    Parameters
    ----------
    total : Tensor
        What is minimised.
    parts : tuple of (str, float)
        Named parts, for the log.
    """

    total: torch.Tensor
    parts: tuple[tuple[str, float], ...]


LossFunction = Callable[[torch.Tensor, torch.Tensor, torch.Tensor], Loss]


def _foreground(raw: torch.Tensor, truth: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
    """Cross-entropy and Dice (Milletari et al., 3DV 2016): one for each pixel, one for the whole."""
    entropy = functional.binary_cross_entropy_with_logits(raw, truth, weight=weights)
    chance = torch.sigmoid(raw)
    dice = 1 - (2 * (chance * truth).sum() + 1) / (chance.sum() + truth.sum() + 1)
    return entropy + 0.5 * dice


def _of_parts(*parts: tuple[str, torch.Tensor]) -> Loss:
    total = torch.stack([part for _, part in parts]).sum()
    return Loss(total, tuple((name, float(part.detach())) for name, part in parts))


def offsets_loss(raw: torch.Tensor, wanted: torch.Tensor, weights: torch.Tensor) -> Loss:
    """Foreground, and the error of the offsets in units of the object's radius."""
    truth = wanted[:, 0]
    error = functional.smooth_l1_loss(raw[:, 1:], wanted[:, 1:], reduction="none", beta=0.5).sum(1)
    offset = (error * weights[:, 1]).sum() / truth.sum().clamp(min=1)
    return _of_parts(("foreground", _foreground(raw[:, 0], truth, weights[:, 0])), ("offsets", offset))


def star_convex_loss(raw: torch.Tensor, wanted: torch.Tensor, weights: torch.Tensor) -> Loss:
    """Object probability, and the error of the rays where there is an object (Schmidt et al., MICCAI 2018)."""
    probability = functional.binary_cross_entropy_with_logits(raw[:, 0], wanted[:, 0], weight=weights[:, 0])
    error = functional.smooth_l1_loss(raw[:, 1:], wanted[:, 1:], reduction="none", beta=0.5).mean(1)
    rays = (error * weights[:, 1]).sum() / (weights[:, 1] > 0).sum().clamp(min=1)
    return _of_parts(("probability", probability), ("rays", rays))


def boundary_loss(raw: torch.Tensor, wanted: torch.Tensor, weights: torch.Tensor) -> Loss:
    """Foreground, relative distance to the border, boundary."""
    error = functional.smooth_l1_loss(torch.sigmoid(raw[:, 1]), wanted[:, 1], reduction="none", beta=0.1)
    distance = (error * weights[:, 1]).sum() / wanted[:, 0].sum().clamp(min=1)
    boundary = functional.binary_cross_entropy_with_logits(raw[:, 2], wanted[:, 2], weight=weights[:, 2])
    foreground = _foreground(raw[:, 0], wanted[:, 0], weights[:, 0])
    return _of_parts(("foreground", foreground), ("distance", distance), ("boundary", boundary))


LOSSES: dict[str, LossFunction] = {
    "offsets": offsets_loss,
    "star_convex": star_convex_loss,
    "boundary": boundary_loss,
}
