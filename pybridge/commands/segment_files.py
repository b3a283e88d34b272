"""The files that a ``PyBridge Segment`` of ImageJ writes: record and ROI archive. Imports core; files in functions."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from pybridge.commands.segment import Segment
from pybridge.core.errors import UsageError


@dataclass(frozen=True, slots=True)
class SegmentFiles:
    """Where the record and the ROIs go; None for what is not written."""

    record: Path | None
    rois: Path | None


def segment_files(request: Segment, *, title: str, short_title: str, folder: str, headless: bool) -> SegmentFiles:
    """Name the files of this call, and raise before any work when one of them cannot be made.

    Parameters
    ----------
    request : Segment
        The call.
    title, short_title : str
        ImageJ's titles of the image.
    folder : str
        Where the image was opened from; empty when it was not.
    headless : bool
        Whether this ImageJ has no windows, and so no ROI Manager.
    """
    from pybridge.files.places import check_place

    record = Path(request.record) if request.record else None
    rois = None
    if request.rois == "zip":
        name = f"{short_title}-rois.zip"
        if record is None and (not folder or not os.path.isdir(folder)):
            raise UsageError(
                "rois=zip",
                found=f"no place for {name!r}: {title!r} was not opened from a file",
                do="add record=path; the ROIs are written beside the record",
            )
        rois = (Path(folder) if record is None else record.parent) / name
    for path in (record, rois):
        if path is not None:
            check_place(path)
    if request.rois == "manager" and headless:
        raise UsageError(
            "rois=manager",
            found="the ROI Manager is a window, and this ImageJ runs without a display",
            do="use rois=overlay, or rois=zip together with record=",
        )
    return SegmentFiles(record, rois)
