"""The stack that ImageJ shows of a comparison: one image, a slice for each method. Imports core."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pybridge.core.comparison import ComparisonResult
from pybridge.core.comparison_metrics import RESTORE
from pybridge.core.image import Image
from pybridge.core.record import OutputMade
from pybridge.core.wording import decimal_text
from pybridge.reporting.comparison_restored import grey_range, restored_plane, true_plane
from pybridge.reporting.comparison_sheet import pick_images
from pybridge.reporting.comparison_view import draw_view, view_of
from pybridge.reporting.error_image import KINDS, LEGEND


@dataclass(frozen=True, slots=True, eq=False)
class OverlayStack:
    """One image, a slice for each method.

    Parameters
    ----------
    image : Image
        RGB overlays, axes ``ZYXS``; of restored images their grey values, axes ``ZYX``, the truth last.
    labels : tuple of str
        One for each slice: the method and its score on this image.
    display : tuple of (float, float) or None
        The grey values that are black and white in every slice; None for overlays.
    legend : tuple of (str, tuple of int)
        What the colours of outlines mean; nothing without truth, when they only tell objects apart.
    """

    image: Image
    labels: tuple[str, ...]
    display: tuple[float, float] | None = None
    legend: tuple[tuple[str, tuple[int, ...]], ...] = ()

    def outputs(self) -> tuple[OutputMade, OutputMade]:
        """Name what ImageJ is given, for the record: the overlays and the table."""
        return OutputMade("overlays", self.image.name, self.image.sha256_pixels()), OutputMade("table", "Results", "")


def overlay_stack(result: ComparisonResult) -> OverlayStack:
    """Draw what each method found on one image, or gather how each restored it; one that failed on it has no slice.

    Of several images it is the one on which the first method has its median score.
    """
    comparison = result.comparison
    picked = dict(pick_images(comparison.methods[0], comparison.ranked_by))
    shown = picked.get("median", picked.get("best", 0))
    source = result.images[shown]
    name = f"{source.stem}-comparison"
    if comparison.task == RESTORE:
        truth = true_plane(result, shown)
        planes = [restored_plane(result, number, shown) for number in range(len(comparison.methods))]
        restored = [(_label(result, number, shown), plane) for number, plane in enumerate(planes) if plane is not None]
        grey = [np.asarray(plane, np.float32) for plane in (*(plane for _, plane in restored), truth)]
        stack = source.replace(array=np.stack(grey), axes="ZYX", name=name)
        return OverlayStack(stack, (*(label for label, _ in restored), "truth"), grey_range(truth))
    views = [(number, view_of(result, number, shown)) for number in range(len(comparison.methods))]
    drawn = [(_label(result, number, shown), draw_view(view)) for number, view in views if view is not None]
    stack = source.replace(array=np.stack([picture for _, picture in drawn]), axes="ZYXS", name=name)
    return OverlayStack(stack, tuple(label for label, _ in drawn), legend=LEGEND[: len(KINDS)] if result.truths else ())


def _label(result: ComparisonResult, number: int, image: int) -> str:
    method, metric = result.comparison.methods[number], result.comparison.ranked_by
    value = method.score(metric).per_image[image]
    return f"{method.model}: {metric} {decimal_text(value)}"
