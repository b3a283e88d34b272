"""What is compared, by which scores, and what people call them. Imports nothing."""

from __future__ import annotations

SEGMENT, RESTORE = "segment", "restore"
RANKING_METRICS = {SEGMENT: ("mean_ap", "ap50", "ap75", "f1", "pq", "dice"), RESTORE: ("ssim", "psnr", "pearson")}
"""The metrics that may rank methods of a task where there is truth, the usual one first; higher is better in all."""
CONSISTENCY = "consistency"
"""The metric that ranks them where there is none."""
_LABELS = {
    "mean_ap": "mean AP (IoU 0.50 to 0.95)",
    "ap50": "AP at IoU 0.50",
    "ap75": "AP at IoU 0.75",
    "f1": "F1 at IoU 0.50",
    "pq": "panoptic quality at IoU 0.50",
    "precision": "precision at IoU 0.50",
    "recall": "recall at IoU 0.50",
    "dice": "Dice of the foreground pixels",
    CONSISTENCY: "consistency under perturbation",
    "agreement": "agreement with the other methods (F1)",
    "ssim": "structural similarity (SSIM)",
    "psnr": "PSNR in dB",
    "pearson": "Pearson correlation",
}


def label_of(metric: str) -> str:
    """Give what people call a metric; its name where that is not known.

    Examples
    --------
    >>> label_of("ap50")
    'AP at IoU 0.50'
    """
    return _LABELS.get(metric, metric)
