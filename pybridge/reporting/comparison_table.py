"""A comparison as tables and as JSON; undefined scores are NaN in tables, null in JSON. Imports core only."""

from __future__ import annotations

import dataclasses
import json
import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pybridge.core.comparison import ComparedMethod, Comparison, PairedDifference
from pybridge.core.comparison_metrics import SEGMENT
from pybridge.core.results import ObjectTable

SCHEMA = "pybridge-comparison/1"


def methods_table(comparison: Comparison) -> ObjectTable:
    """Make the table of methods: one row for each, the best first.

    ``Place`` is NaN for a method that could not be ranked. ``Equal`` says whether no difference to the first method
    could be shown. Intervals are 95 % intervals over images. ``Own_memory_MiB`` is how far the memory of the process
    rose while the method worked on an image.
    """
    methods = comparison.methods
    columns: dict[str, NDArray[Any]] = {
        "Method": np.array([method.model for method in methods]),
        "Place": np.array([math.nan if method.place is None else method.place for method in methods]),
        "Equal": np.array([_equal_to_first(comparison, method) for method in methods]),
    }
    for score in methods[0].scores:
        mine = [method.score(score.name) for method in methods]
        columns[score.name] = np.array([each.value for each in mine])
        columns[f"{score.name}_low"] = np.array([each.interval[0] for each in mine])
        columns[f"{score.name}_high"] = np.array([each.interval[1] for each in mine])
    if comparison.task == SEGMENT:
        columns["Objects"] = np.array([method.count_objects for method in methods])
    columns["Images"] = np.array([sum(not math.isnan(each) for each in method.seconds) for method in methods])
    columns["Seconds_per_image"] = np.array([method.seconds_per_image for method in methods])
    columns["Load_s"] = np.array([method.load_s for method in methods])
    columns["Train_s"] = np.array([method.train_s for method in methods])
    columns["Own_memory_MiB"] = np.array([method.own_memory_mib for method in methods])
    columns["Device"] = np.array([_device(method) for method in methods])
    return ObjectTable(tuple(columns), tuple(columns.values()))


def images_table(comparison: Comparison) -> ObjectTable:
    """Make the table of images: one row for each method and image."""
    methods, images = comparison.methods, comparison.images
    columns: dict[str, NDArray[Any]] = {
        "Method": np.repeat([method.model for method in methods], len(images)),
        "Image": np.tile(images, len(methods)),
        "Counts": np.tile(np.array(comparison.counted, int), len(methods)),
    }
    for score in methods[0].scores:
        columns[score.name] = np.concatenate([method.score(score.name).per_image for method in methods])
    if comparison.task == SEGMENT:
        columns["Objects"] = np.concatenate([method.objects for method in methods])
    columns["Seconds"] = np.concatenate([method.seconds for method in methods])
    return ObjectTable(tuple(columns), tuple(columns.values()))


def comparison_to_json(comparison: Comparison) -> str:
    """Write a whole comparison, each image and each test with it."""
    content = {"schema": SCHEMA} | summary_to_json(comparison)
    content["images"] = [
        {"name": name, "counts": counts} for name, counts in zip(comparison.images, comparison.counted, strict=True)
    ]
    for method, described in zip(comparison.methods, content["methods"], strict=True):
        described["per_image"] = {score.name: _numbers(score.per_image) for score in method.scores}
        if comparison.task == SEGMENT:
            described["per_image"]["objects"] = _numbers(method.objects)
        described["per_image"]["seconds"] = _numbers(method.seconds)
    content["agreement"] = [_numbers(row) for row in comparison.agreement.tolist()]
    content["failures"] = [dataclasses.asdict(failure) for failure in comparison.failures]
    return json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def summary_to_json(comparison: Comparison) -> dict[str, Any]:
    """Give what a run record keeps of a comparison: methods, scores, tests and words, without single images."""
    return {
        "task": comparison.task,
        "ranked_by": comparison.ranked_by,
        "has_truth": comparison.has_truth,
        "images": sum(comparison.counted),
        "images_ranked": comparison.images_ranked,
        "methods": [_method(method, comparison.task) for method in comparison.methods],
        "differences": [_difference(pair) for pair in comparison.differences],
        "verdicts": list(comparison.verdicts),
        "caveats": list(comparison.caveats),
    }


def _method(method: ComparedMethod, task: str) -> dict[str, Any]:
    return {
        "method": method.model,
        "baseline": method.is_baseline,
        "place": method.place,
        "scores": {
            score.name: {"value": _number(score.value), "ci95": _numbers(score.interval)} for score in method.scores
        },
        **({"objects": method.count_objects} if task == SEGMENT else {}),
        "seconds_per_image": _number(method.seconds_per_image),
        "load_s": method.load_s,
        "train_s": method.train_s,
        "own_memory_mib": _number(method.own_memory_mib),
        "model": None if method.used is None else dataclasses.asdict(method.used),
        "device": None if method.device is None else dataclasses.asdict(method.device),
    }


def _difference(pair: PairedDifference) -> dict[str, Any]:
    return {
        "metric": pair.metric,
        "first": pair.first,
        "second": pair.second,
        "difference": _number(pair.difference),
        "ci95": _numbers(pair.interval),
        "images": pair.images,
        "differing": pair.differing,
        "p": _number(pair.p),
        "p_holm": _number(pair.p_corrected),
        "shown": pair.is_shown,
        "contradictory": pair.is_contradictory,
    }


def _equal_to_first(comparison: Comparison, method: ComparedMethod) -> str:
    first = comparison.methods[0]
    if method is first or method.place is None:
        return ""
    pair = comparison.between(first.model, method.model)
    return "" if pair is None or pair.is_shown else "no difference could be shown"


def _device(method: ComparedMethod) -> str:
    return "" if method.device is None else method.device.used


def _number(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def _numbers(values: Any) -> list[float | None]:
    return [_number(value) for value in values]
