"""The scores of a record as rows for people: value and interval. Imports core and their names.

Scores are read as they stand in ``scores.json``; what is no number there is left out, never guessed.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pybridge.core.wording import decimal_text
from pybridge.reporting.score_names import is_count, is_threshold, score_name

SHOWN_THRESHOLDS = ("0.50", "0.75")
_COUNTED = {"pooled": "images_pooled", "nearer_to_truth_than_raw": "images_compared_with_raw"}
"""Where scores of restored images say on how many images each of them is known."""
_NOT_SCORES = ("per_image", "ci95", "images", *_COUNTED.values())
_MOST_ROWS = 60
_JUDGED = ("psnr", "ssim", "ssim_planes")
"""What restored images are judged by beside the raw ones."""
_OF_IMAGES = (
    (("mean_ap",), "mean AP"),
    (("0.50", "ap"), "AP 0.50"),
    (("result", "ssim"), "SSIM"),
    (("ssim",), "SSIM"),
    (("ssim_planes",), "SSIM of slices"),
    (("tra",), "TRA"),
    (("accuracy",), "accuracy"),
)


@dataclass(frozen=True, slots=True)
class ScoreRow:
    """One score; None is undefined. ``interval`` is the 95 % interval over images, when the record has one."""

    name: str
    value: float | None
    interval: tuple[float, float] | None = None
    is_count: bool = False

    @property
    def text(self) -> str:
        """The value, for people."""
        return f"{self.value:.0f}" if self.is_count and self.value is not None else format_score(self.value)

    @property
    def interval_text(self) -> str:
        """The interval, for people; empty without one."""
        return "" if self.interval is None else f"{decimal_text(self.interval[0])} to {decimal_text(self.interval[1])}"


def format_score(value: float | None) -> str:
    """Write a score.

    Examples
    --------
    >>> format_score(0.8617), format_score(12.0), format_score(None)
    ('0.862', '12', 'undefined')
    """
    if value is None or not math.isfinite(value):
        return "undefined"
    return f"{value:.0f}" if float(value).is_integer() and abs(value) > 1 else decimal_text(value)


def number_at(scores: Any, *keys: str) -> float | None:
    """Give a number deep inside scores; None when it is not there or no number.

    Examples
    --------
    >>> number_at({"pooled": {"0.50": {"ap": 0.5}}}, "pooled", "0.50", "ap")
    0.5
    """
    for key in keys:
        if not isinstance(scores, Mapping) or key not in scores:
            return None
        scores = scores[key]
    if isinstance(scores, bool) or not isinstance(scores, (int, float)) or not math.isfinite(scores):
        return None
    return float(scores)


def per_image_scores(scores: Any) -> tuple[Mapping[str, Any], ...]:
    """Give the scores of the single images, in order; empty when the record has none."""
    listed = scores.get("per_image") if isinstance(scores, Mapping) else None
    if not isinstance(listed, list):
        return ()
    return tuple(each for each in listed if isinstance(each, Mapping))


def definitions_text(scores: Any) -> str:
    """Give the sentences of a record on what its scores mean; empty when it has none.

    Examples
    --------
    >>> definitions_text({"definitions": ["SSIM has a window of 11 px."]}), definitions_text({"pooled": {}})
    ('SSIM has a window of 11 px.', '')
    """
    listed = scores.get("definitions") if isinstance(scores, Mapping) else None
    return " ".join(each for each in listed if isinstance(each, str)) if isinstance(listed, list) else ""


def score_rows(scores: Any) -> tuple[ScoreRow, ...]:
    """List the scores of a record: of detection those at the thresholds that papers give, of others all."""
    return tuple(row for _, row in _rows_by_key(scores))[:_MOST_ROWS]


def told_rows(scores: Any) -> tuple[ScoreRow, ...]:
    """List the scores that a sentence gives: those of classes one by one stand in tables alone.

    Of the raw image, and of how often a restored image is nearer to the truth, only what restorations are judged by is
    told, so that the sentence stays one.

    Examples
    --------
    >>> raw = {"psnr": 20.0, "ssim": 0.5, "rmse": 9.0}
    >>> [row.name for row in told_rows({"task": "restore", "pooled": {"psnr": 30.0, "rmse": 3.0, "raw": raw}})]
    ['PSNR (dB)', 'RMSE', 'PSNR (dB) of the raw image', 'SSIM of the raw image']
    """
    return tuple(
        row
        for keys, row in _rows_by_key(scores)
        if "per_class" not in keys
        and (keys[-1] in _JUDGED or not ("raw" in keys[:-1] or keys[0] == "nearer_to_truth_than_raw"))
    )


def _rows_by_key(scores: Any) -> Iterator[tuple[tuple[str, ...], ScoreRow]]:
    if not isinstance(scores, Mapping):
        return
    boundary = scores.get("boundary")
    unit = boundary.get("unit") if isinstance(boundary, Mapping) else None
    for keys, value in _numbers(scores):
        if keys[0] == "pooled" and len(keys) > 1 and is_threshold(keys[1]) and keys[1] not in SHOWN_THRESHOLDS:
            continue
        name = score_name(keys, unit=unit if isinstance(unit, str) else "")
        yield keys, ScoreRow(name + _on_images(scores, keys), value, _interval(scores, keys), is_count(keys))


def detection_score(scores: Any, threshold: str, name: str = "ap") -> ScoreRow | None:
    """Give one pooled score of detection with its interval; None when the record does not have it."""
    value = number_at(scores, "pooled", threshold, name)
    if value is None:
        return None
    keys = ("pooled", threshold, name)
    return ScoreRow(score_name(keys), value, _interval(scores, keys))


def image_score(scores: Any) -> float | None:
    """Give the one number by which images are ranked: mean AP, else another score of which more is better."""
    return next((value for keys, _ in _OF_IMAGES if (value := number_at(scores, *keys)) is not None), None)


def image_score_name(scores: Any) -> str:
    """Name that number.

    Examples
    --------
    >>> image_score_name({"mean_ap": 0.5}), image_score_name({"ssim": 0.9}), image_score_name(None)
    ('mean AP', 'SSIM', 'score')
    """
    return next((name for keys, name in _OF_IMAGES if number_at(scores, *keys) is not None), "score")


def _numbers(scores: Mapping[str, Any], *above: str) -> Iterator[tuple[tuple[str, ...], float | None]]:
    for key, value in scores.items():
        keys = (*above, str(key))
        if (not above and key in _NOT_SCORES) or keys == ("boundary", "unit"):
            continue
        if isinstance(value, Mapping) and len(above) < 4:
            yield from _numbers(value, *keys)
        elif value is None or number_at({"": value}, "") is not None:
            yield keys, None if value is None else float(value)


def _on_images(scores: Mapping[str, Any], keys: tuple[str, ...]) -> str:
    """Say on how many images a score is known, where that is not on all."""
    counted, images = number_at(scores, _COUNTED.get(keys[0], ""), keys[-1]), number_at(scores, "images")
    if counted is None or images is None or not 0 < counted < images:
        return ""
    return f" (on {counted:.0f} of {images:.0f} images)"


def _interval(scores: Mapping[str, Any], keys: tuple[str, ...]) -> tuple[float, float] | None:
    found: Any = scores.get("ci95")
    # Of distances, those of objects alone have intervals, which stand one step higher.
    left_out = ("pooled", "objects") if keys[0] == "boundary" else ("pooled",)
    for key in keys:
        if key in left_out:
            continue
        if not isinstance(found, Mapping) or key not in found:
            return None
        found = found[key]
    if not isinstance(found, list) or len(found) != 2:
        return None
    low, high = (number_at({"": bound}, "") for bound in found)
    return None if low is None or high is None else (low, high)
