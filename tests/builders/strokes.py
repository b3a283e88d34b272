"""Strokes as a person draws them in ImageJ, and archives of them."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from roifile import ROI_TYPE, ImagejRoi


def stroke(points: Any, *, group: int = 0, kind: str = "FREELINE", name: str = "stroke", width: int = 0) -> ImagejRoi:
    roi = ImagejRoi.frompoints(np.asarray(points, float), name=name)
    roi.roitype = getattr(ROI_TYPE, kind)
    roi.group, roi.stroke_width = group, width
    return roi


def save_rois(file: Path, rois: list[ImagejRoi]) -> None:
    with zipfile.ZipFile(file, "w") as archive:
        for number, roi in enumerate(rois):
            archive.writestr(f"{roi.name} {number}.roi", roi.tobytes())


def strokes_of(labels: np.ndarray[Any, Any]) -> list[ImagejRoi]:
    """A line of width 3 through each of five objects, and three lines where there are none."""
    found = []
    for label in np.unique(labels[labels > 0])[:5]:
        y, x = np.argwhere(labels == label).mean(axis=0)
        found.append(stroke([[x - 3, y], [x + 3, y]], group=2, width=3, name=f"i{label}"))
    free = np.argwhere(labels == 0)
    for number, (y, x) in enumerate(free[:: len(free) // 12]):
        found.append(stroke([[x, y]], group=1, kind="POINT", name=f"b{number}"))
    return found
