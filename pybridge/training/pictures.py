"""Pictures of a model at work: a contact sheet of its best, median and worst images, and a cover.

Imports reporting and metrics. Matplotlib and Pillow are imported inside functions; torch never is.
"""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pybridge.metrics.detection import ImageScores
from pybridge.reporting.overlay import draw_overlay, fit_labels

_CELL_PX, _GAP_PX, _CAPTION_PX = 512, 8, 26
_COVER_PX = 768


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """One image with truth and result.

    Parameters
    ----------
    name : str
        Of the image.
    kind : str
        ``best``, ``median`` or ``worst``.
    ap_50 : float
        AP at IoU 0.50.
    plane : ndarray, shape (Y, X)
        The image.
    truth, result : ndarray of int, shape (Y, X)
        Labels.
    """

    name: str
    kind: str
    ap_50: float
    plane: NDArray[Any]
    truth: NDArray[np.int32]
    result: NDArray[np.int32]


def pick_examples(scores: Sequence[ImageScores], *, each: int = 2) -> tuple[tuple[str, int], ...]:
    """Choose the best, median and worst of some images by AP at the first IoU threshold, mean AP between equal ones.

    Parameters
    ----------
    scores : sequence of ImageScores
        Images without a defined AP are passed over.
    each : int
        How many of each kind at most. Of few images each is shown once at most.

    Returns
    -------
    tuple of (kind, index)
        From the best to the worst.

    Examples
    --------
    >>> from pybridge.metrics.detection import Counts
    >>> scores = [ImageScores((0.5,), (Counts(tp, 10 - tp, 0, 0.8 * tp),)) for tp in (3, 9, 5, 7, 1)]
    >>> pick_examples(scores, each=1)
    (('best', 1), ('median', 2), ('worst', 4))
    """
    order = [index for index, image in enumerate(scores) if math.isfinite(image.counts[0].ap)]
    order.sort(key=lambda index: (-scores[index].counts[0].ap, -scores[index].mean_ap))
    count = len(order)
    each = max(1, min(each, count // 3))
    middle = (count - each) // 2
    places = {
        "best": range(min(each, count)),
        "worst": range(max(count - each, 0), count),
        "median": range(max(middle, 0), min(middle + each, count)),
    }
    kind_of: dict[int, str] = {}
    for kind, positions in places.items():
        for position in positions:
            kind_of.setdefault(position, kind)
    return tuple((kind_of[position], order[position]) for position in sorted(kind_of))


def draw_contact_sheet(pictures: Sequence[Picture], *, title: str = "") -> bytes:
    """Draw one row for each image: the image, the outlines of its truth, those of the result.

    Parameters
    ----------
    pictures : sequence of Picture
        At least one.
    title : str
        Above all rows.

    Returns
    -------
    bytes
        A PNG file.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    rows = [(_caption(picture), _row(picture)) for picture in pictures]
    heights = [max(cell.shape[0] for cell in cells) for _, cells in rows]
    width = 3 * _CELL_PX + 4 * _GAP_PX
    header = 2 * _CAPTION_PX if title else _CAPTION_PX
    height = header + sum(heights) + len(rows) * (_CAPTION_PX + _GAP_PX)
    dpi = 100
    figure = Figure(figsize=(width / dpi, height / dpi), dpi=dpi, facecolor="white")
    FigureCanvasAgg(figure)

    def write(x: float, y: float, text: str, **style: Any) -> None:
        # A name may hold dollar signs, which would start a formula.
        figure.text(x / width, 1 - y / height, text, va="center", parse_math=False, **style)

    if title:
        write(_GAP_PX, _CAPTION_PX / 2, title, fontsize=11, weight="bold")
    for column, text in enumerate(("image", "truth", "result")):
        write(_GAP_PX + column * (_CELL_PX + _GAP_PX), header - _CAPTION_PX / 2, text, fontsize=10, color="#444444")
    top = header
    for (caption, cells), tallest in zip(rows, heights, strict=True):
        write(_GAP_PX, top + _CAPTION_PX / 2, caption, fontsize=10)
        top += _CAPTION_PX
        for column, cell in enumerate(cells):
            # Pixel by pixel: a resampled outline would be half as bright.
            left = _GAP_PX + column * (_CELL_PX + _GAP_PX)
            figure.figimage(cell, xo=left, yo=height - top - cell.shape[0])
        top += tallest + _GAP_PX
    sheet = io.BytesIO()
    figure.savefig(sheet, format="png", dpi=dpi)
    return sheet.getvalue()


def draw_cover(picture: Picture) -> NDArray[np.uint8]:
    """Draw the cover of a model folder: an image with the outlines of the result.

    bioimage.io wants covers no longer than twice their height, and the other way round: longer images are cut.

    Returns
    -------
    ndarray of uint8, shape (Y, X, 3)
    """
    shortest = min(picture.plane.shape)
    part = tuple(slice(0, min(extent, 2 * shortest)) for extent in picture.plane.shape)
    plane, labels = fit_labels(picture.plane[part], picture.result[part], side_px=_COVER_PX)
    return draw_overlay(plane, labels, longest_side_px=_COVER_PX)


def _caption(picture: Picture) -> str:
    counts = [int(np.count_nonzero(np.unique(labels))) for labels in (picture.truth, picture.result)]
    found = f"objects: truth {counts[0]}, result {counts[1]}"
    return f"{picture.kind}: {picture.name}, AP at IoU 0.50 {picture.ap_50:.3f}; {found}"


def _row(picture: Picture) -> tuple[NDArray[np.uint8], ...]:
    plane, truth = fit_labels(picture.plane, picture.truth, side_px=_CELL_PX)
    _, result = fit_labels(picture.plane, picture.result, side_px=_CELL_PX)
    return tuple(
        draw_overlay(plane, labels, longest_side_px=_CELL_PX) for labels in (np.zeros_like(truth), truth, result)
    )
