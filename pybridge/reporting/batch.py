"""Many images in one report: a row for each, the odd ones first, and which of them are worth a picture.

Imports core and the nouns of reporting.
"""

from __future__ import annotations

import bisect
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import numpy as np
from numpy.typing import NDArray

from pybridge.core.wording import decimal_text
from pybridge.reporting.image_evidence import ImageEvidence
from pybridge.reporting.score_summary import image_score, number_at

MOST_ROWS = 1000
"""Rows that the page shows; all of them are in the JSON."""
_ODD = 3.5
_PICTURES = 4


@dataclass(frozen=True, slots=True)
class ImageRow:
    """One image in the table of a batch; None is not known.

    ``odd`` says in which respect the image is unlike the others; ``link`` leads to its record, from the report.
    """

    number: int
    name: str
    objects: int | None
    median_area: float | None
    mean_confidence: float | None
    ap_50: float | None
    score: float | None
    file: str
    warnings: int
    odd: tuple[str, ...]
    link: str


def make_rows(images: Sequence[ImageEvidence], *, folder: Path) -> tuple[ImageRow, ...]:
    """Make a row for each image; outliers come first, then the lowest scores.

    An image is an outlier where a value lies more than 3.5 robust standard deviations (1.4826 times the median
    absolute deviation) from the median (Iglewicz and Hoaglin, How to Detect and Handle Outliers, 1993).

    Parameters
    ----------
    images : sequence of ImageEvidence
        All images.
    folder : Path
        Where the report lies: links start from there.
    """
    objects = [image.objects for image in images]
    areas = [_middle(image.columns.area) if image.columns is not None else None for image in images]
    sure = [_mean(image.columns.confidence) if image.columns is not None else None for image in images]
    scores = [image_score(image.scores) for image in images]
    odd: list[list[str]] = [[] for _ in images]
    for name, values in (
        ("number of objects", objects),
        ("median area", areas),
        ("mean confidence", sure),
        ("score", scores),
    ):
        for at, side in _outliers(values):
            odd[at].append(f"{side} {name}")
    rows = [
        ImageRow(
            number=at + 1,
            name=image.name,
            objects=objects[at],
            median_area=areas[at],
            mean_confidence=sure[at],
            ap_50=number_at(image.scores, "0.50", "ap"),
            score=scores[at],
            file=image.file.state,
            warnings=len(image.record.warnings) if len(image.record.inputs) <= 2 else 0,
            odd=tuple(odd[at]),
            link=link_to(image.record.path, folder),
        )
        for at, image in enumerate(images)
    ]
    return tuple(sorted(rows, key=lambda row: (-len(row.odd), row.score if row.score is not None else 2.0, row.number)))


def choose_pictures(rows: Sequence[ImageRow], *, score_name: str = "score") -> tuple[tuple[int, str], ...]:
    """Choose the images worth a picture: outliers, the worst, that in the middle, the best, and some from among all.

    Parameters
    ----------
    rows : sequence of ImageRow
        All images.
    score_name : str
        What the score is called.

    Returns
    -------
    tuple of (int, str)
        Number of the image, from 1, and why it is shown.
    """
    chosen = {row.number: f"outlier: {', '.join(row.odd)}" for row in [row for row in rows if row.odd][:_PICTURES]}
    ranked = sorted((row for row in rows if row.score is not None), key=lambda row: row.score or 0.0)
    said = _places(ranked, score_name)
    middle = (len(ranked) - 1) // 2
    for row in (*ranked[:_PICTURES], *ranked[middle : middle + 1], *ranked[: -_PICTURES - 1 : -1]):
        chosen.setdefault(row.number, "")
    unsure = sorted(
        (row for row in rows if row.mean_confidence is not None), key=lambda row: row.mean_confidence or 0.0
    )
    if not ranked:
        for row in unsure[:_PICTURES]:
            chosen.setdefault(row.number, f"least certain: mean confidence {row.mean_confidence:.3f}")
    by_number = sorted(row.number for row in rows)
    for place in np.linspace(0, len(by_number) - 1, min(_PICTURES, len(by_number))).astype(int):
        chosen.setdefault(by_number[place], "sample: evenly from among all images")
    return tuple(
        (number, "; ".join(each for each in (why, said.get(number, "")) if each)) for number, why in chosen.items()
    )


def _places(ranked: Sequence[ImageRow], score_name: str) -> dict[int, str]:
    """Say of each image with a score where it stands: worst and best are only those that no other is below or above.

    Parameters
    ----------
    ranked : sequence of ImageRow
        From the lowest score to the highest.
    score_name : str
        What the score is called.
    """
    scores = [row.score or 0.0 for row in ranked]
    middle = float(np.median(scores)) if scores else 0.0
    said = {}
    for row, score in zip(ranked, scores, strict=True):
        named = f"{score_name} {decimal_text(score)}"
        if scores[0] == scores[-1]:
            said[row.number] = named if len(scores) == 1 else f"{named}, the same in all images"
            continue
        word = {scores[0]: "worst, ", scores[-1]: "best, "}.get(score, "median, " if score == middle else "")
        place = 1 + len(scores) - bisect.bisect_right(scores, score)
        said[row.number] = f"{word}{named} (place {place} of {len(scores)})"
    return said


def link_to(path: Path, folder: Path) -> str:
    """Write a link from a folder to a file, relative where that is possible; no name can make it anything else."""
    try:
        relative = os.path.relpath(path, folder).replace(os.sep, "/")
    except ValueError:  # another drive
        return Path(os.path.abspath(path)).as_uri()
    return "./" + quote(relative)


def _outliers(values: Sequence[float | int | None]) -> list[tuple[int, str]]:
    known = np.array([np.nan if value is None else float(value) for value in values])
    if np.isfinite(known).sum() < 8:  # of a few images each would be odd
        return []
    middle = np.nanmedian(known)
    spread = 1.4826 * float(np.nanmedian(np.abs(known - middle)))
    if not spread:
        return []
    far = (known - middle) / spread
    return [(int(at), "high" if far[at] > 0 else "low") for at in np.flatnonzero(np.abs(far) > _ODD)]


def _middle(values: NDArray[np.float64]) -> float | None:
    return float(np.median(values)) if len(values) else None


def _mean(values: NDArray[np.float64]) -> float | None:
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) else None
