"""What the README of a trained model says of its scores: parts, before and after, folds, thresholds.

Every number comes from the training record. Imports metrics, zoo's values and the nouns of training.
"""

from __future__ import annotations

from collections.abc import Sequence

from pybridge.metrics.bootstrap import few_images_text
from pybridge.metrics.detection import SegmentationScores
from pybridge.training.record import TrainingRecord
from pybridge.training.scores import PartScores, ap_at, count_truth, mean_ap
from pybridge.zoo.model import DecoderSpec

_AP = ("AP 0.50", "AP 0.75", "mean AP 0.50 to 0.95")


def scores_section(record: TrainingRecord) -> list[str]:
    """Give the scores of each part of the data; nothing when none was measured."""
    if not record.scores:
        return []
    tested = any(not part.chose for part in record.scores)
    few = few_images_text(min(len(part.scores.per_image) for part in record.scores))
    return [
        "AP = TP / (TP + FP + FN), pooled over the images; in brackets the 95 % interval of a bootstrap over images.",
        "",
        *markdown_table(
            ["part", "images", "objects", *_AP],
            [[part.part, *_counts(part), *_aps(part.scores)] for part in record.scores],
        ),
        "",
        *([few] if few else []),
        "The validation images chose the checkpoint and the thresholds: their scores are a little too good."
        + (" The test images chose nothing." if tested else " There are no test images that chose nothing."),
        "Measured with the torch network on whole images; `pybridge segment IMAGES --model MODEL --truth LABELS` gives "
        "the scores of the ONNX file, on your images too.",
    ]


def before_and_after_section(record: TrainingRecord) -> list[str]:
    """Set the model beside the one that it was fine-tuned from; nothing when it was trained from scratch."""
    start = record.start
    if start is None:
        return []
    rows = []
    for after in record.scores:
        before = start.scores_on(after.part)
        if before is not None:
            rows.append([after.part, f"`{start.model.id}` before", *_aps(before.scores)])
            rows.append([after.part, f"`{record.config.name}` after", *_aps(after.scores)])
    return [
        f"`{start.model.id}` {start.model.version} (sha256 {start.model.sha256[:12]}…) and the model that was "
        "fine-tuned from it, on the same images:",
        "",
        *markdown_table(["part", "model", *_AP], rows),
        "",
        f"Before: with the thresholds of that model ({_named(start.decoder)}). After: with those chosen on the "
        "validation images, where part of the gain may come from the choice.",
    ]


def folds_section(record: TrainingRecord) -> list[str]:
    """Give the scores of the folds; nothing without a cross-validation."""
    folds = record.folds
    if folds is None:
        return []
    rows = [
        [
            str(fold.fold),
            str(fold.training_images),
            str(fold.held_out_images),
            *_aps(fold.scores),
        ]
        for fold in folds.folds
    ]
    pooled = folds.pooled
    return [
        f"{len(folds.folds)} folds over the groups of the training images, each fitted anew with the settings of this "
        "model and scored on the groups that it did not see.",
        "",
        *markdown_table(["fold", "images learnt from", "images held out", *_AP], rows),
        "",
        f"Pooled over all {len(pooled.per_image)} images: AP 0.50 {ap_at(pooled, 0.5)}, AP 0.75 {ap_at(pooled, 0.75)}, "
        f"mean AP {mean_ap(pooled)}. Weights are those of each fold's last step and thresholds the middle ones of the "
        f"configuration ({_named(folds.decoder)}): the images held out chose neither"
        + (", but they could end a fold early (patience)." if record.config.schedule.patience else "."),
    ]


def thresholds_section(record: TrainingRecord) -> list[str]:
    """Say with which thresholds the decoder runs, and how they were chosen."""
    return [
        f"The decoder `{record.decoder.name}` runs with {_named(record.decoder)}: of {record.thresholds_tried} pair(s) "
        "of probability and overlap, the one with the best mean AP on the validation images. Each can be changed: "
        "`pybridge segment … --probability … --overlap … --min-size …`.",
    ]


def markdown_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Write a table, one line each for the header, the rule below it and the rows."""
    return [f"| {' | '.join(row)} |" for row in (header, ["---"] * len(header), *rows)]


def _counts(part: PartScores) -> list[str]:
    return [str(len(part.scores.per_image)), str(count_truth(part.scores))]


def _aps(scores: SegmentationScores) -> list[str]:
    return [str(score) for score in (ap_at(scores, 0.5), ap_at(scores, 0.75), mean_ap(scores))]


def _named(decoder: DecoderSpec) -> str:
    return f"probability {decoder.probability:g}, overlap {decoder.overlap:g}, min_size {decoder.min_size}"
