"""What people call the scores of a record: the same words in the terminal and in reports. Imports nothing."""

from __future__ import annotations

from collections.abc import Sequence

_NAMES = {
    "ap": "AP",
    "f1": "F1",
    "macro_f1": "macro F1",
    "pq": "PQ",
    "sq": "SQ",
    "rq": "RQ",
    "tp": "true positives",
    "fp": "false positives",
    "fn": "missed objects (false negatives)",
    "mean_ap": "mean AP at IoU 0.50 to 0.95",
    "rmse": "RMSE",
    "nrmse": "NRMSE",
    "rse": "RSE",
    "psnr": "PSNR (dB)",
    "ssim": "SSIM",
    "ssim_planes": "SSIM of slices",
    "pearson": "Pearson",
    "hausdorff": "Hausdorff distance",
    "hd95": "HD95",
    "assd": "ASSD",
    "det": "DET",
    "seg": "SEG",
    "tra": "TRA",
    "lnk": "LNK",
    "ece": "ECE",
}
_WHOLE = {
    ("objects", "truth"): "objects in the truth",
    ("objects", "result"): "objects found",
    ("objects", "count_error"): "objects found more or less than in the truth",
    ("objects", "split"): "split objects",
    ("objects", "merged"): "merged objects",
    ("objects", "missed"): "missed objects",
    ("objects", "spurious"): "spurious objects",
    ("pixels", "dice"): "Dice of the foreground",
    ("pixels", "iou"): "IoU of the foreground",
    ("boundary", "foreground", "count"): "images or frames with distances of the foreground",
    ("boundary", "objects", "count"): "matched objects with distances",
}
_INSIDE = {
    ("raw",): "{} of the raw image",
    ("nearer_to_truth_than_raw",): "images nearer to the truth than the raw image, by {}",
    ("boundary", "foreground"): "{} of the foreground",
    ("boundary", "objects"): "{} of matched objects",
}


def score_name(keys: Sequence[str], *, unit: str = "") -> str:
    """Name a score for people.

    Parameters
    ----------
    keys : sequence of str
        Where it stands in ``scores.json``.
    unit : str
        Of distances, when it is known.

    Examples
    --------
    >>> score_name(["pooled", "0.50", "ap"]), score_name(["boundary", "objects", "hd95"], unit="µm")
    ('AP at IoU 0.50', 'HD95 of matched objects (µm)')
    >>> score_name(["pooled", "raw", "psnr"]), score_name(["per_class", "1", "recall"])
    ('PSNR (dB) of the raw image', 'per class, 1, recall')
    """
    parts = tuple(key for key in keys if key != "pooled")
    if parts in _WHOLE:
        return _WHOLE[parts]
    if parts[:-1] in _INSIDE:
        measured = f" ({unit})" if unit and parts[0] == "boundary" else ""
        return _INSIDE[parts[:-1]].format(_name(parts[-1])) + measured
    threshold = next((part for part in parts if is_threshold(part)), None)
    words = [_name(part) for part in parts if part != threshold]
    return ", ".join(words) + (f" at IoU {threshold}" if threshold else "")


def is_count(keys: Sequence[str]) -> bool:
    """Say whether a score counts something, so that it is a whole number.

    Examples
    --------
    >>> is_count(["pooled", "0.50", "fp"]), is_count(["objects", "missed"]), is_count(["pooled", "0.50", "ap"])
    (True, True, False)
    """
    return keys[-1] in ("tp", "fp", "fn", "count") or keys[0] in ("objects", "nearer_to_truth_than_raw")


def is_threshold(text: str) -> bool:
    """Say whether a key is an IoU threshold.

    Examples
    --------
    >>> is_threshold("0.50"), is_threshold("dice")
    (True, False)
    """
    return len(text) == 4 and text.startswith("0.") and text[2:].isdigit()


def _name(key: str) -> str:
    return _NAMES.get(key, key.replace("_", " "))
