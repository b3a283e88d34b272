"""The scores of found objects in the words of the terminal and of ImageJ's Log. Imports core and the scores' names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pybridge.core.wording import decimal_text
from pybridge.reporting.score_names import score_name
from pybridge.reporting.score_summary import SHOWN_THRESHOLDS


def detection_lines(scores: Mapping[str, Any] | None) -> tuple[str, ...]:
    """Write the average precisions of a record, each with its interval, as lines.

    Parameters
    ----------
    scores : mapping or None
        As in ``scores.json``; None when there was no truth, which gives no line.

    Examples
    --------
    >>> at = {"0.50": {"ap": 0.75}, "0.75": {"ap": None}}
    >>> none = {"0.50": {"ap": [None, None]}, "0.75": {"ap": [None, None]}, "mean_ap": [0.4, 0.6]}
    >>> for line in detection_lines({"pooled": at, "mean_ap": 0.5, "ci95": none}):
    ...     print(line)
    AP at IoU 0.50: 0.750 (no interval from one image)
    AP at IoU 0.75: undefined (nothing there and nothing found)
    mean AP at IoU 0.50 to 0.95: 0.500 (95 % interval 0.400 to 0.600)
    """
    if scores is None:
        return ()
    pooled, interval = scores["pooled"], scores["ci95"]
    rows = [([threshold, "ap"], pooled[threshold]["ap"], interval[threshold]["ap"]) for threshold in SHOWN_THRESHOLDS]
    rows.append((["mean_ap"], scores["mean_ap"], interval["mean_ap"]))
    return tuple(f"{score_name(keys)}: {_score(value, bounds)}" for keys, value, bounds in rows)


def _score(value: float | None, interval: list[float | None]) -> str:
    """Write a score with its interval; both may be undefined."""
    if value is None:
        return "undefined (nothing there and nothing found)"
    low, high = interval
    around = (
        "no interval from one image"
        if low is None or high is None
        else f"95 % interval {decimal_text(low)} to {decimal_text(high)}"
    )
    return f"{decimal_text(value)} ({around})"
