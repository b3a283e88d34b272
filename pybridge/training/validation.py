"""Validation: the score that a user will see, measured while training. Imports torch.

Every image is run whole, decoded to labels and matched against its truth, as ``pybridge segment --truth`` does. The
loss on the same images is kept too: when it rises while that of training falls, the network learns by heart.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from pybridge.core.progress import check_cancelled
from pybridge.decode import field_for
from pybridge.decode.plane import LabelField
from pybridge.metrics.detection import ImageScores, SegmentationScores, match, overlaps, pool
from pybridge.networks.build import Network
from pybridge.training.config import DecoderConfig
from pybridge.training.examples import Example
from pybridge.training.losses import LOSSES
from pybridge.training.targets.registry import targets_for


@dataclass(frozen=True, slots=True)
class Thresholds:
    """What the decoder is told.

    Parameters
    ----------
    probability, overlap : float
        As in the model description.
    min_size : int
        Smallest object, in pixels.
    """

    probability: float
    overlap: float
    min_size: int


@dataclass(frozen=True, slots=True)
class ValidationResult:
    """How good a network is on a set of images.

    Parameters
    ----------
    loss : float
        Mean loss per image, without augmentation.
    scores : SegmentationScores
        Pooled and for each image.
    thresholds : Thresholds
        Those that gave the scores.
    """

    loss: float
    scores: SegmentationScores
    thresholds: Thresholds


def middle_thresholds(decoder: DecoderConfig) -> Thresholds:
    """Give the middle of each list: what all checkpoints are compared with."""
    return Thresholds(
        decoder.probability[len(decoder.probability) // 2], decoder.overlap[len(decoder.overlap) // 2], decoder.min_size
    )


def validate(
    network: Network, examples: Sequence[Example], thresholds: Sequence[Thresholds], *, resamples: int = 1
) -> ValidationResult:
    """Score a network; of several thresholds, those with the best mean AP win.

    Parameters
    ----------
    network : Network
        Its mode is put back afterwards.
    examples : sequence of Example
        Images with their truth.
    thresholds : sequence of Thresholds
        At least one.
    resamples : int
        Of the bootstrap for the intervals.
    """
    was_training = network.training
    network.eval()
    try:
        fields, losses = [], []
        for example in examples:
            check_cancelled()
            raw, activated = predict(network, example.pixels)
            losses.append(_loss(network, raw, example))
            field = field_for(network.head_name, example.labels.shape)
            field.write((activated,), tuple(slice(0, extent) for extent in example.labels.shape))
            fields.append(field)
    finally:
        network.train(was_training)
    best: tuple[float, Thresholds] | None = None
    for each in thresholds:
        found = _score(fields, examples, each, resamples=1).pooled.mean_ap
        # A score that is not defined (no object in truth and result) is no reason to prefer these thresholds.
        if best is None or found > best[0] or np.isnan(best[0]):
            best = (found, each)
    assert best is not None, "no thresholds were given"
    return ValidationResult(
        loss=float(np.mean(losses)),
        scores=_score(fields, examples, best[1], resamples=resamples),
        thresholds=best[1],
    )


def all_thresholds(decoder: DecoderConfig) -> tuple[Thresholds, ...]:
    """Give every pair of thresholds that the configuration names."""
    pairs = itertools.product(decoder.probability, decoder.overlap)
    return tuple(Thresholds(probability, overlap, decoder.min_size) for probability, overlap in pairs)


def predict(network: Network, pixels: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Run a network on one whole image, padded by reflection to its step.

    Parameters
    ----------
    network : Network
        In evaluation mode.
    pixels : ndarray of float32, shape (C, Y, X)
        Normalised.

    Returns
    -------
    raw, activated : ndarray of float32, shape (K, Y, X)
        What the loss takes, and what the decoder takes.
    """
    height, width = pixels.shape[1:]
    x = torch.from_numpy(padded(pixels, network.step))[None].to(next(network.parameters()).device)
    with torch.inference_mode():
        raw = network(x)[:, :, :height, :width]
        activated = network.head.activate(raw)
    return raw[0].float().cpu().numpy(), activated[0].float().cpu().numpy()


def padded(pixels: NDArray[np.float32], step: int) -> NDArray[np.float32]:
    """Reflect an image at its lower and right border until its sides are multiples of a step."""
    for axis in (1, 2):
        while missing := -pixels.shape[axis] % step:
            # An image smaller than the step is reflected more than once.
            widths = [(0, 0)] * 3
            widths[axis] = (0, min(missing, max(pixels.shape[axis] - 1, 1)))
            pixels = np.pad(pixels, widths, mode="reflect" if pixels.shape[axis] > 1 else "edge")
    return pixels


def _loss(network: Network, raw: NDArray[np.float32], example: Example) -> float:
    targets, weights = targets_for(network.head_config, example.labels)
    tensors = (torch.from_numpy(part)[None] for part in (raw, targets, weights))
    return float(LOSSES[network.head_name](*tensors).total)


def _score(
    fields: Sequence[LabelField], examples: Sequence[Example], thresholds: Thresholds, *, resamples: int
) -> SegmentationScores:
    return pool(list(_matches(fields, examples, thresholds)), resamples=resamples)


def _matches(fields: Sequence[LabelField], examples: Sequence[Example], at: Thresholds) -> Iterator[ImageScores]:
    for field, example in zip(fields, examples, strict=True):
        plane = field.labels(probability=at.probability, overlap=at.overlap, min_size=at.min_size)
        yield match(overlaps(example.labels, plane.labels), name=example.name)
