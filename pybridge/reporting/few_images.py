"""What the intervals of a record's scores are worth: from a handful of images they are too narrow.

Imports metrics and the scores of a record.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pybridge.metrics.bootstrap import few_images_text
from pybridge.reporting.score_summary import number_at


def intervals_text(scores: Any) -> str:
    """Say how far the intervals of scores as in ``scores.json`` can be trusted; empty where nothing is to be said.

    Examples
    --------
    >>> intervals_text({"images": 1, "ci95": {"mean_ap": [None, None]}})
    'From 1 image there is no interval: nothing tells how far another image would move the scores.'
    >>> intervals_text({"images": 3, "ci95": {"mean_ap": [0.5, 0.7]}}).partition(":")[0]
    '95 % intervals from 3 images are too narrow'
    """
    if not isinstance(scores, Mapping):
        return ""
    images = int(number_at(scores, "images") or 0)
    if scores.get("ci95_over") == "tables":
        return few_images_text(images, one="table")
    classes = [row for row in _mapping(_mapping(scores, "pooled"), "per_class").values() if isinstance(row, Mapping)]
    if classes and not any("dice" in row for row in classes):
        # Classes of the rows of tables, which are drawn instead of images: those of pixels have a Dice.
        return few_images_text(int(sum(number_at(row, "count") or 0 for row in classes)), one="row")
    if images > 1 and not any(True for _ in _bounds(scores.get("ci95"))):
        return ""  # no score is defined on two of them
    known = [int(number_at(scores, "images_pooled", name) or 0) for name in _mapping(scores, "images_pooled")]
    return few_images_text(min([images, *(number for number in known if number > 1)]))


def _mapping(scores: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = scores.get(key)
    return found if isinstance(found, Mapping) else {}


def _bounds(intervals: Any) -> Iterator[float]:
    if isinstance(intervals, Mapping):
        for each in intervals.values():
            yield from _bounds(each)
    elif isinstance(intervals, list):
        yield from (bound for bound in intervals if isinstance(bound, (int, float)))
