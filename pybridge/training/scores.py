"""What a training was measured by: scores of each part, of the folds, of the model it started from.

Imports core, metrics, zoo's values and how export writes a decoder; never torch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pybridge.core.record import ModelUsed
from pybridge.export.description import decoder_content
from pybridge.metrics.detection import SegmentationScores, scores_to_json
from pybridge.zoo.model import DecoderSpec


@dataclass(frozen=True, slots=True)
class Estimate:
    """A score with its 95 % interval; NaN where it is not defined."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        if self.value != self.value:
            return "not defined"
        if self.low != self.low:
            return f"{self.value:.3f}"
        return f"{self.value:.3f} ({self.low:.3f} to {self.high:.3f})"


def ap_at(scores: SegmentationScores, iou: float) -> Estimate:
    """Give the pooled AP at one IoU threshold.

    Examples
    --------
    >>> from pybridge.metrics.detection import Counts, ImageScores, pool
    >>> image = ImageScores((0.5,), (Counts(tp=8, fp=1, fn=1, iou_sum=7.0),))
    >>> str(ap_at(pool([image, image]), 0.5))
    '0.800 (0.800 to 0.800)'
    """
    at = scores.pooled.thresholds.index(iou)
    return Estimate(scores.pooled.counts[at].ap, *scores.ap_interval[at])


def mean_ap(scores: SegmentationScores) -> Estimate:
    """Give the pooled mean AP over all thresholds."""
    return Estimate(scores.pooled.mean_ap, *scores.mean_ap_interval)


def count_truth(scores: SegmentationScores) -> int:
    """Count the objects of the truth in all images."""
    return scores.pooled.counts[0].tp + scores.pooled.counts[0].fn


def scores_to_record(scores: SegmentationScores) -> dict[str, Any]:
    """Give pooled scores and intervals in full, as in ``scores.json``, and of each image the AP that one asks for."""
    content = scores_to_json(scores)
    return content | {"per_image": [_image_to_record(image) for image in content["per_image"]]}


def _image_to_record(image: dict[str, Any]) -> dict[str, Any]:
    counts = image["0.50"]
    return {
        "name": image["name"],
        "objects": counts["tp"] + counts["fn"],
        "ap_0.50": counts["ap"],
        "ap_0.75": image["0.75"]["ap"],
        "mean_ap": image["mean_ap"],
    }


@dataclass(frozen=True, slots=True)
class PartScores:
    """Scores on one part of the data.

    Parameters
    ----------
    part : str
        ``validation`` or ``test``.
    chose : bool
        Whether checkpoint and thresholds were chosen on these images, which makes their scores a little too good.
    loss : float
        Mean over the images.
    scores : SegmentationScores
        Pooled, and of each image.
    """

    part: str
    chose: bool
    loss: float
    scores: SegmentationScores

    def to_json(self) -> dict[str, Any]:
        """Give it as the training record has it."""
        return {"part": self.part, "chose": self.chose, "loss": self.loss} | scores_to_record(self.scores)


@dataclass(frozen=True, slots=True)
class StartModel:
    """The model that a fine-tuning started from.

    Parameters
    ----------
    model : ModelUsed
        Its id, version and hash.
    decoder : DecoderSpec
        Its own thresholds, which gave its scores.
    scores : tuple of PartScores
        Its scores on the images of this training, before it.
    """

    model: ModelUsed
    decoder: DecoderSpec
    scores: tuple[PartScores, ...]

    def scores_on(self, part: str) -> PartScores | None:
        """Find the scores on one part."""
        return find_part(self.scores, part)


@dataclass(frozen=True, slots=True)
class FoldResult:
    """One fold of a cross-validation.

    Parameters
    ----------
    fold : int
        From 1.
    groups : tuple of str
        Groups that were held out; empty when none are given.
    training_images, held_out_images : int
    steps : int
        Steps made.
    best_step : int
        Step with the best score on the images held out; for comparison only, its weights were not taken.
    best_mean_ap : float
        That score.
    scores : SegmentationScores
        Of the last averaged weights on the images held out.
    """

    fold: int
    groups: tuple[str, ...]
    training_images: int
    held_out_images: int
    steps: int
    best_step: int
    best_mean_ap: float
    scores: SegmentationScores

    def to_json(self) -> dict[str, Any]:
        """Give it as the training record has it."""
        return {
            "fold": self.fold,
            "groups": list(self.groups),
            "training_images": self.training_images,
            "held_out_images": self.held_out_images,
            "steps": self.steps,
            "best_step": self.best_step,
            "best_mean_ap": self.best_mean_ap,
            "scores": scores_to_record(self.scores),
        }


@dataclass(frozen=True, slots=True)
class FoldScores:
    """A cross-validation: how the same settings do on groups that they did not learn from.

    Parameters
    ----------
    folds : tuple of FoldResult
    pooled : SegmentationScores
        Over the images of all folds, each scored once by the network that did not see its group.
    decoder : DecoderSpec
        Thresholds of all folds: the middle ones of the configuration, chosen on no image.
    seed : int
        Of the dealing.
    """

    folds: tuple[FoldResult, ...]
    pooled: SegmentationScores
    decoder: DecoderSpec
    seed: int

    def to_json(self) -> dict[str, Any]:
        """Give it as the training record has it."""
        return {
            "seed": self.seed,
            "decoder": decoder_content(self.decoder),
            "pooled": scores_to_record(self.pooled),
            "folds": [fold.to_json() for fold in self.folds],
        }


def find_part(scores: Sequence[PartScores], part: str) -> PartScores | None:
    """Find the scores on one part; None when there are none."""
    return next((each for each in scores if each.part == part), None)
