"""Outlines of a label image as a zip for ImageJ's ROI Manager, written without Java. roifile inside functions.

Imports core, decode (outlines) and files.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from pybridge.core.image import Image
from pybridge.decode.outlines import trace_outlines
from pybridge.files.write import write_whole

T = TypeVar("T")

log = logging.getLogger("pybridge.reporting")

MANY_ROIS = 10_000  # above this the ROI Manager and overlays get slow, not wrong
_MOVE, _LINE, _CLOSE = 0.0, 1.0, 4.0  # segments of a java.awt path, as ImageJ stores composite ROIs


def write_roi_zip(path: Path, labels: Image, *, channels: int = 1, overwrite: bool = False) -> None:
    """Write one ROI for each object; its name is the label.

    Parameters
    ----------
    path : Path
        The zip.
    labels : Image
        Label image, axes out of T, Z, Y, X.
    channels : int
        Channels of the image that the labels belong to: ImageJ keeps positions in another way for hyperstacks.
    overwrite : bool
        Replace an existing file.

    Examples
    --------
    >>> import tempfile
    >>> labels = Image(np.ones((5, 7), np.int32), "YX")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_roi_zip(Path(folder) / "a-rois.zip", labels)
    """
    from zipfile import ZIP_DEFLATED, ZipFile

    rois = list(labels_to_rois(labels, channels=channels))
    if len(rois) > MANY_ROIS:
        log.warning("%s holds %d ROIs; the ROI Manager is slow with so many", path.name, len(rois))

    def write(temporary: Path) -> None:
        # roifile's own writer wants a name that ends in .zip and refuses an existing file; the format is a plain zip.
        with ZipFile(temporary, "w", ZIP_DEFLATED) as archive:
            for roi in rois:
                archive.writestr(f"{roi.name}.roi", roi.tobytes())

    write_whole(path, write, overwrite=overwrite)


def labels_to_rois(labels: Image, *, channels: int = 1) -> Iterator[Any]:
    """Trace the objects as ROIs in the form of ImageJ's files, in rising order of labels within each plane.

    Parameters
    ----------
    labels : Image
        Label image, axes out of T, Z, Y, X.
    channels : int
        Channels of the image on which the ROIs will lie.

    Yields
    ------
    roifile.ImagejRoi
        ``tobytes()`` gives what ImageJ's ``RoiDecoder`` reads.
    """
    planes = labels.tzcyx()[:, :, 0]
    frames, slices = planes.shape[:2]
    is_hyperstack = sum(extent > 1 for extent in (frames, slices, channels)) > 1
    for t in range(frames):
        for z in range(slices):
            for label, outer, holes in trace_outlines(planes[t, z]).of_objects():
                roi = _traced(outer[0]) if len(outer) == 1 and not holes else _composite([*outer, *holes])
                roi.name = str(label)
                if is_hyperstack:
                    roi.z_position, roi.t_position = z + 1, t + 1
                elif frames * slices > 1:
                    roi.position = t * slices + z + 1
                yield roi


def cap_rois(rois: Iterable[T]) -> tuple[list[T], tuple[str, ...]]:
    """Take as many outlines as ImageJ can show without getting stuck.

    Parameters
    ----------
    rois : iterable
        One for each object.

    Returns
    -------
    taken : list
        The first ``MANY_ROIS`` of them.
    warnings : tuple of str
        What the record says when there are more.

    Examples
    --------
    >>> taken, warnings = cap_rois(range(10_001))
    >>> len(taken), warnings
    (10000, ('only the first 10000 objects were outlined; rois=zip writes all of them to a file',))
    """
    taken: list[T] = []
    for roi in rois:
        if len(taken) == MANY_ROIS:
            return taken, (f"only the first {MANY_ROIS} objects were outlined; rois=zip writes all of them to a file",)
        taken.append(roi)
    return taken, ()


def _traced(ring: NDArray[np.int32]) -> Any:
    """One polygon, of the kind that ImageJ's wand makes."""
    from roifile import ROI_TYPE, ImagejRoi

    roi = ImagejRoi.frompoints(ring)
    roi.roitype = ROI_TYPE.TRACED
    roi.options &= ~roi.options  # frompoints marks the ROI as an overlay with labels; a plain one has no options
    return roi


def _composite(rings: list[NDArray[np.int32]]) -> Any:
    """Several rings as one ROI; inside a ring inside a ring is outside (even-odd), so that holes stay open."""
    from roifile import ROI_TYPE, ImagejRoi

    parts = []
    for ring in rings:
        moves = np.full((len(ring), 3), _LINE, np.float32)
        moves[0, 0] = _MOVE
        moves[:, 1:] = ring
        parts += [moves.ravel(), np.array([_CLOSE], np.float32)]
    corners = np.concatenate(rings)
    (left, top), (right, bottom) = corners.min(axis=0), corners.max(axis=0)
    roi = ImagejRoi(roitype=ROI_TYPE.RECT, left=int(left), top=int(top), right=int(right), bottom=int(bottom))
    roi.multi_coordinates = np.concatenate(parts)
    roi.shape_roi_size = len(roi.multi_coordinates)
    return roi
