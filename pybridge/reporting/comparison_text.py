"""A comparison in lines of text, for a terminal or ImageJ's Log. Imports core only."""

from __future__ import annotations

import math

from pybridge.core.baseline_names import RAW
from pybridge.core.comparison import OWN_MEMORY, ComparedMethod, Comparison
from pybridge.core.comparison_metrics import RESTORE, SEGMENT
from pybridge.core.wording import count_text, decimal_text


def comparison_lines(comparison: Comparison) -> tuple[str, ...]:
    """Write the ranking, what follows from it, what does not, and what the memory is."""
    counted = sum(comparison.counted)
    left_out = len(comparison.counted) - counted
    without = f" ({left_out} more that a method could not do are left out)" if left_out else ""
    against = "against ground truth" if comparison.has_truth else "without ground truth"
    if comparison.task == RESTORE:
        against += f" ({RAW} is the raw image)"
    methods, images = count_text(len(comparison.methods), "method"), count_text(counted, "image")
    lines = [f"{methods} on {images}{without}, {against}, by {comparison.ranked_by}:"]
    width = max(len(method.model) for method in comparison.methods)
    lines += [_method_line(comparison, method, width) for method in comparison.methods]
    lines += ["", *comparison.verdicts, ""]
    lines += [f"Mind: {caveat}" for caveat in comparison.caveats]
    if not all(math.isnan(method.own_memory_mib) for method in comparison.methods):
        lines.append(OWN_MEMORY)
    return tuple(lines)


def _method_line(comparison: Comparison, method: ComparedMethod, width: int) -> str:
    score = method.score(comparison.ranked_by)
    low, high = score.interval
    interval = "" if math.isnan(low) else f" ({decimal_text(low)} to {decimal_text(high)})"
    value = decimal_text(score.value) + interval
    place = " -" if method.place is None else f"{method.place:2d}"
    device = "no device" if method.device is None else method.device.used
    memory = "" if math.isnan(method.own_memory_mib) else f", {method.own_memory_mib:.0f} MiB more"
    time = "not run" if math.isnan(method.seconds_per_image) else f"{method.seconds_per_image:.3g} s per image"
    trained = f", {method.train_s:.3g} s of training" if method.train_s else ""
    objects = f"{method.count_objects:.0f} objects, " if comparison.task == SEGMENT else ""
    cost = f"{objects}{time}{trained}{memory}, {device}"
    return f"{place}  {method.model:<{width}}  {value}  {cost}"
