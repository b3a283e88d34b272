"""The contact sheet of a comparison, one row for each method: its best, median and worst image.

Imports core; Pillow inside functions.
"""

from __future__ import annotations

import io
import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pybridge.core.comparison import ComparedMethod, ComparisonResult
from pybridge.core.comparison_metrics import RESTORE
from pybridge.core.wording import count_text, decimal_text
from pybridge.reporting.comparison_restored import draw_restored, grey_range, restored_plane, true_plane
from pybridge.reporting.comparison_view import View, draw_view, view_of
from pybridge.reporting.error_image import COLOURS, KINDS
from pybridge.reporting.lettering import Lettering
from pybridge.reporting.overlay import fit_labels

_CELL_PX, _GAP_PX, _TITLE_PX, _CAPTION_PX, _LEGEND_PX = 480, 10, 34, 24, 36
_LARGE, _SMALL = 17, 13
_INK, _SOFT = (0, 0, 0), (85, 85, 85)
_MEANING = {
    "right": "found",
    "missed": "missed (outline of the truth)",
    "spurious": "spurious",
    "split": "piece of a split object",
    "merged": "several objects in one",
}


def pick_images(method: ComparedMethod, metric: str) -> tuple[tuple[str, int], ...]:
    """Choose the best, the median and the worst image of a method; of few images each is shown once.

    Images on which the metric is undefined are passed over.

    Returns
    -------
    tuple of (kind, index)
    """
    values = method.score(metric).per_image
    order = sorted(
        (index for index, value in enumerate(values) if not math.isnan(value)), key=lambda index: -values[index]
    )
    if not order:
        return ()
    picked = {order[0]: "best"}
    if len(order) > 1:
        picked.setdefault(order[(len(order) - 1) // 2], "median")
        picked.setdefault(order[-1], "worst")
    return tuple((kind, index) for index, kind in picked.items())


def draw_sheet(result: ComparisonResult, *, metric_label: str) -> bytes:
    """Draw the sheet.

    Parameters
    ----------
    result : ComparisonResult
    metric_label : str
        What people call the metric that ranks.

    Returns
    -------
    bytes
        A PNG file.
    """
    from PIL import Image as Pillow
    from PIL import ImageDraw

    methods = result.comparison.methods
    rows = [_row(result, number) for number in range(len(methods))]
    titles = [_title(result, method, metric_label) for method in methods]
    if result.comparison.task == RESTORE:
        rows.append(_truth_row(result))
        titles.append(f"Truth of the images of {methods[0].model}")
    width = 3 * _CELL_PX + 4 * _GAP_PX
    heights = [_TITLE_PX + (_CAPTION_PX + max((cell.shape[0] for _, cell in row), default=0)) + _GAP_PX for row in rows]
    sheet = Pillow.new("RGB", (width, sum(heights) + _LEGEND_PX), (255, 255, 255))
    draw = ImageDraw.Draw(sheet)
    large, small = Lettering(_LARGE), Lettering(_SMALL)

    def write(left: int, top: int, text: str, letters: Lettering, ink: tuple[int, int, int], room: int) -> None:
        letters.write(draw, (left, top), letters.cut(text, room=room), ink=ink)

    top = 0
    for title, row, height in zip(titles, rows, heights, strict=True):
        write(_GAP_PX, top + 8, title, large, _INK, width - 2 * _GAP_PX)
        for column, ((told, name), cell) in enumerate(row):
            left = _GAP_PX + column * (_CELL_PX + _GAP_PX)
            caption = told + small.cut(name, room=_CELL_PX - small.width(told))
            write(left, top + _TITLE_PX, caption, small, _SOFT, _CELL_PX)
            sheet.paste(Pillow.fromarray(cell), (left, top + _TITLE_PX + _CAPTION_PX))
        top += height
    if result.comparison.task == RESTORE:
        write(_GAP_PX, top + 8, "Every picture has the grey range of its truth.", small, _INK, width)
    elif result.truths:
        _draw_legend(draw, top + 8, small)
    else:
        write(_GAP_PX, top + 8, "Outlines: each object in a colour of its own. There is no truth.", small, _INK, width)
    file = io.BytesIO()
    sheet.save(file, format="PNG", compress_level=3)  # as small as the usual 6 on such pictures, in half the time
    return file.getvalue()


def _row(result: ComparisonResult, number: int) -> list[tuple[tuple[str, str], NDArray[np.uint8]]]:
    """Give for each picture of a method what is told of it, the name of its image, and the picture."""
    comparison = result.comparison
    method = comparison.methods[number]
    cells = []
    for kind, image in pick_images(method, comparison.ranked_by):
        value, name = decimal_text(method.score(comparison.ranked_by).per_image[image]), comparison.images[image]
        if comparison.task == RESTORE:
            cells.append(((f"{kind}: {value}, ", name), _restored_cell(result, number, image)))
            continue
        view = view_of(result, number, image)
        if view is not None:
            whole = result.images[image].size_of("T") * result.images[image].size_of("Z") == 1
            count = count_text(_objects(view.labels), "object") + ("" if whole else " on this plane")
            if view.truth is not None:
                count += f" (truth {_objects(view.truth)})"
            cells.append(((f"{kind}: {value}, {count}, ", name), _cell(view)))
    return cells


def _truth_row(result: ComparisonResult) -> list[tuple[tuple[str, str], NDArray[np.uint8]]]:
    """Show the truth of the images that stand in the first row."""
    cells = []
    for _, image in pick_images(result.comparison.methods[0], result.comparison.ranked_by):
        truth = true_plane(result, image)
        name = result.comparison.images[image]
        cells.append((("", name), draw_restored(truth, grey_range(truth), side_px=_CELL_PX)))
    return cells


def _restored_cell(result: ComparisonResult, number: int, image: int) -> NDArray[np.uint8]:
    plane, truth = restored_plane(result, number, image), true_plane(result, image)
    assert plane is not None  # an image that failed has no score, and is not picked
    return draw_restored(plane, grey_range(truth), side_px=_CELL_PX)


def _cell(view: View) -> NDArray[np.uint8]:
    """Draw a view as large as its place: the picture is scaled, its outlines are drawn afterwards."""
    plane, labels = fit_labels(view.plane, view.labels, side_px=_CELL_PX, enlarge=True)
    truth = None if view.truth is None else fit_labels(view.plane, view.truth, side_px=_CELL_PX, enlarge=True)[1]
    return draw_view(View(plane, labels, truth))


def _objects(labels: NDArray[Any]) -> int:
    return int(np.unique(labels[labels > 0]).size)


def _title(result: ComparisonResult, method: ComparedMethod, metric_label: str) -> str:
    score = method.score(result.comparison.ranked_by)
    low, high = score.interval
    around = "" if math.isnan(low) else f" (95 % interval {decimal_text(low)} to {decimal_text(high)})"
    place = "not ranked" if method.place is None else f"{method.place}."
    return f"{place} {method.model}: {metric_label} {decimal_text(score.value)}{around}"


def _draw_legend(draw: Any, top: int, letters: Lettering) -> None:
    left = _GAP_PX
    for name, colour in zip(KINDS, COLOURS, strict=True):
        draw.rectangle((left, top, left + 16, top + 16), fill=tuple(int(part) for part in colour))
        letters.write(draw, (left + 22, top - 1), _MEANING[name], ink=_INK)
        left += 22 + int(letters.width(_MEANING[name])) + 24
