"""What does not follow from a comparison, in plain words. Imports metrics, core, and reporting inside functions."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence

from pybridge.core.comparison import Comparison
from pybridge.core.comparison_metrics import RESTORE
from pybridge.core.record import InputUsed
from pybridge.metrics.bootstrap import few_images_text

_LIKE_THESE = "Scores hold for images like these; whether others are alike is for you to judge."
_NOT_SHOWN = "That no difference could be shown does not show that there is none"
_RESTORE = (
    "An image nearer to its truth on average may still lack, or invent, single structures: look at the pictures before "
    "anything is measured on restored images.",
    "SSIM and PSNR compare grey values as they are: where image and truth differ in exposure, rank by the correlation "
    "(rank_by=pearson).",
)
_SCOUT = (
    "Consistency is not correctness: a method that is wrong in the same way every time, or finds one object that fills "
    "the image, is consistent.",
    "Simple methods that smooth and threshold are steady by their making; consistency says more among networks than "
    "between a network and a baseline.",
    "Agreement favours methods that are built alike, and the majority; all of them may share a mistake.",
    "A ranking without truth is a guess at the ranking with truth. Look at the pictures; outline a few images and "
    "compare again with truth before anything rests on it.",
)


def list_caveats(comparison: Comparison) -> tuple[str, ...]:
    """List what a reader must keep in mind; that intervals from so few images are too narrow comes first."""
    few = few_images_text(comparison.images_ranked)
    told: tuple[str, ...] = (few,) if few else ()
    if not comparison.has_truth:
        return told + _SCOUT
    told += (_LIKE_THESE,)
    if comparison.differences:
        has_interval = any(not math.isnan(each.interval[0]) for each in comparison.differences)
        told += (_NOT_SHOWN + (": look at the interval of the difference." if has_interval else "."),)
    return told + (_RESTORE if comparison.task == RESTORE else ())


def with_overlap(comparison: Comparison, images: Sequence[InputUsed]) -> Comparison:
    """Put first of all which methods learnt from these images: against them others cannot win.

    Parameters
    ----------
    comparison : Comparison
    images : sequence of InputUsed
        All of them, in its order.
    """
    from pybridge.reporting.training_overlap import find_compared_overlap

    told = find_compared_overlap(comparison, images)
    return dataclasses.replace(comparison, caveats=(told, *comparison.caveats)) if told else comparison
