"""How far the outputs of two runs are apart: identical, within a stated tolerance, or different.

Imports reporting, metrics, runtime's measure of difference, files and core.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pybridge.core.errors import ImageFileError
from pybridge.core.image import Image
from pybridge.files.lazy import open_image
from pybridge.reporting.stored_record import StoredOutput

LEAST_IOU = 0.9
MOST_CHANGED = 1e-3
"""Labels of another device or version agree when every object has its partner with this IoU and at most this share of
the pixels changed sides."""
# Names of files that may have moved, times and memory, sentences that are made of numbers that are compared; and what
# earlier versions did not write, or not so: what scores refer to, the device asked for, which method is simple.
_NO_SCORES = (
    *("name", "seconds_per_image", "load_s", "train_s", "memory_mib", "own_memory_mib", "verdicts", "caveats"),
    *("definitions", "data_range", "ci95_over", "images_ranked", "asked", "baseline"),
)
LABEL_ROLES = ("labels", "tracks")


@dataclass(frozen=True, slots=True)
class OutputComparison:
    """One output of the earlier run and of the new one.

    Parameters
    ----------
    role, name : str
        As the record has them.
    image : str
        Name of the input.
    identical : bool
        Whether the pixel hashes are the same.
    within_tolerance : bool
        Whether the difference is as small as other devices and versions make it; always so when they are identical.
    text : str
        The difference in words.
    """

    role: str
    name: str
    image: str
    identical: bool
    within_tolerance: bool
    text: str


def compare_output(before: StoredOutput, now: str, *, image: str, old: Path | None, new: Path) -> OutputComparison:
    """Compare an output with what an earlier record says of it, and with its file where that is still there.

    Parameters
    ----------
    before : StoredOutput
        The output of the earlier run.
    now : str
        The pixel hash of the new output.
    image : str
        Name of the input.
    old : Path or None
        File of the earlier output.
    new : Path
        File of the new one.
    """
    if before.sha256_pixels == now:
        return OutputComparison(before.role, before.name, image, True, True, "identical")
    close, text = _difference(before, now, old, new)
    return OutputComparison(before.role, before.name, image, False, close, text)


def compare_scores(
    before: Mapping[str, Any], now: Mapping[str, Any], *, number: int, count: int, image: str
) -> OutputComparison:
    """Compare the scores of one image with what an earlier record says of them.

    Parameters
    ----------
    before, now : mapping
        The ``scores`` of the earlier record, and of the new one, which is of this image alone.
    number, count : int
        Which image of how many it is in the earlier record.
    image : str
        Its name.
    """
    was, is_now = _numbers(_of_image(before, number, count)), _numbers(_of_image(now, 0, count))
    wrong = [name for name in dict.fromkeys([*was, *is_now]) if was.get(name) != is_now.get(name)]
    text = "identical"
    if wrong:
        first = wrong[0]
        text = f"{len(wrong)} scores differ, first {first}: was {was.get(first)!r}, is {is_now.get(first)!r}"
    return OutputComparison("scores", "scores", image, not wrong, not wrong, text)


def _of_image(scores: Mapping[str, Any], number: int, count: int) -> Any:
    if count == 1:
        return scores
    images = scores.get("per_image")
    return images[number] if isinstance(images, (list, tuple)) and number < len(images) else None


def _numbers(scores: Any, *, inside: str = "") -> dict[str, Any]:
    """Name every number of some scores, whatever their structure."""
    if isinstance(scores, Mapping):
        parts = [(f"{inside}.{key}", value) for key, value in scores.items() if key not in _NO_SCORES]
    elif isinstance(scores, (list, tuple)):
        parts = [(f"{inside}.{number}", value) for number, value in enumerate(scores)]
    else:
        return {inside.removeprefix("."): scores}
    return {name: number for where, value in parts for name, number in _numbers(value, inside=where).items()}


def _difference(before: StoredOutput, now: str, old: Path | None, new: Path) -> tuple[bool, str]:
    if old is None:
        return False, "different; the earlier output is not there, so that nothing tells how much"
    try:
        earlier = open_image(old)
    except ImageFileError as error:
        return False, f"different; the earlier output cannot be read ({error.found})"
    kept = earlier.sha256_pixels()
    if kept == now:
        return False, f"the file {old.name!r} is identical to the new output, but not what the record says of it"
    close, text = _difference_of(earlier, open_image(new), role=before.role)
    if kept != before.sha256_pixels:
        return False, f"different; the file {old.name!r} was changed after the run; from what it is now: {text}"
    return close, f"different: {text}"


def _difference_of(earlier: Image, later: Image, *, role: str) -> tuple[bool, str]:
    before, after = np.asarray(earlier.tzcyx()), np.asarray(later.tzcyx())
    if before.shape != after.shape:
        return False, f"its size is {after.shape}, was {before.shape}"
    if role in LABEL_ROLES:
        return _difference_of_labels(before, after)
    from pybridge.runtime import TOLERANCE, largest_difference

    worst = largest_difference(after, before)
    share = float(np.mean(before != after))
    text = f"{share:.3%} of the values changed, by at most {worst:.2g} of max(1, value); allowed is {TOLERANCE:g}"
    return worst <= TOLERANCE, text


def _difference_of_labels(before: NDArray[Any], after: NDArray[Any]) -> tuple[bool, str]:
    from pybridge.metrics.detection import match, overlaps

    # The number of an object is a name: what counts is which pixels are one object.
    found = overlaps(before, after)
    counts = match(found, thresholds=(LEAST_IOU,)).counts[0]
    # Above one half each object has at most one partner; whatever lies outside of such pairs changed.
    paired = found.intersection[found.intersection > 0.5 * found.union].sum()
    in_objects = found.truth_area.sum() + found.result_area.sum() - found.intersection.sum()
    changed = float(in_objects - paired) / max(before.size, 1)
    text = (
        f"{counts.tp} of {counts.tp + counts.fn} objects have a partner of IoU ≥ {LEAST_IOU:g}, {counts.fp} are new; "
        f"{changed:.4%} of the pixels changed; allowed are all objects and {MOST_CHANGED:.1%}"
    )
    return counts.fn == 0 and counts.fp == 0 and changed <= MOST_CHANGED, text
