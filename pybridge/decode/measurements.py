"""The table of objects: size, brightness, place and roundness of each label, with ImageJ's conventions.

Imports core and numpy; numba only inside functions.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pybridge.core.errors import ImageError
from pybridge.core.image import Calibration
from pybridge.core.results import ObjectTable
from pybridge.decode.label_image import labels_to_int32

COLUMNS = ("Label", "Area", "Mean", "X", "Y", "Circ.", "Confidence")


def measure_objects(
    labels: NDArray[Any],
    intensity: NDArray[Any],
    *,
    confidence: NDArray[Any] | None = None,
    calibration: Calibration | None = None,
) -> ObjectTable:
    """Measure each object of a plane.

    ``Area`` is in calibrated units²; ``Mean`` of the values as stored; ``X`` and ``Y`` the centroid of pixel centres
    (+0.5) minus the origin, calibrated. ``Circ.`` is 4π·area/perimeter², at most 1, with the perimeter that ImageJ
    gives a traced outline: around the 8-connected object, corners cut; outlines of several pieces are added up, those
    of holes left out.

    Parameters
    ----------
    labels : ndarray, shape (Y, X)
        0 is background, every other value one object; of any integer type, or float with whole numbers.
    intensity : ndarray, shape (Y, X)
        The image, of any real type.
    confidence : ndarray, shape (N,), optional
        One value for each object, in rising order of labels. Without it the table has no such column.
    calibration : Calibration, optional
        Pixel size and origin; pixels when not given.

    Returns
    -------
    ObjectTable
        Columns ``Label, Area, Mean, X, Y, Circ., Confidence``; one row for each object, in rising order of labels.

    Raises
    ------
    ImageError
        If the shapes differ, ``labels`` is no label image, or ``confidence`` has another length than the table.

    Examples
    --------
    >>> labels = np.zeros((5, 7), np.uint16)
    >>> labels[1:3, 2:6] = 4
    >>> table = measure_objects(labels, np.full((5, 7), 9), calibration=Calibration(x=0.5, y=0.5, unit="um"))
    >>> [(name, round(float(table[name][0]), 3)) for name in table.names]
    [('Label', 4.0), ('Area', 2.0), ('Mean', 9.0), ('X', 2.0), ('Y', 1.0), ('Circ.', 1.0)]
    """
    from pybridge.decode.measurement_kernels import mark_labels, sum_labels
    from pybridge.decode.outline_kernels import trace_lengths

    if labels.shape != intensity.shape:
        raise ImageError(
            "measure objects",
            found=f"labels of shape {labels.shape}, an image of {intensity.shape}",
            do="give the plane (Y, X) of the image that the labels belong to",
        )
    calibration = calibration or Calibration()
    plane = labels_to_int32(labels)
    present = np.zeros((int(plane.max()) if plane.size else 0) + 1, np.int32)
    mark_labels(plane, present)
    ids = np.flatnonzero(present)
    row_of = (np.cumsum(present, dtype=np.int32) - 1).astype(np.int32)
    if confidence is not None and len(confidence) != ids.size:
        raise ImageError(
            "measure objects",
            found=f"{ids.size} objects, {len(confidence)} values of confidence",
            do="give one for each object, in rising order of labels",
        )
    sums = np.zeros((ids.size, 4), np.float64)
    sum_labels(plane, _for_loops(intensity), row_of, sums)
    lengths = np.zeros((ids.size, 3), np.int64)
    trace_lengths(plane, np.zeros(plane.shape, np.bool_), row_of, lengths)

    pixels, width, height = sums[:, 0], calibration.x, calibration.y
    area = pixels * width * height
    # A cut corner replaces half a pixel across and half a pixel down by the diagonal between their ends, twice.
    perimeter = lengths[:, 0] * width + lengths[:, 1] * height
    perimeter = perimeter - lengths[:, 2] * (width + height - np.hypot(width, height))
    columns: list[NDArray[np.generic]] = [
        ids.astype(np.int32),
        area,
        sums[:, 3] / pixels,
        (sums[:, 1] / pixels + 0.5 - calibration.origin_x) * width,
        (sums[:, 2] / pixels + 0.5 - calibration.origin_y) * height,
        np.minimum(1.0, 4 * np.pi * area / perimeter**2),
    ]
    if confidence is None:
        return ObjectTable(COLUMNS[:-1], tuple(columns))
    return ObjectTable(COLUMNS, (*columns, np.asarray(confidence, np.float64)))


def _for_loops(intensity: NDArray[Any]) -> NDArray[Any]:
    """Give pixels a type that numba knows: native byte order, floats of 32 or 64 bits, no subclass of ndarray."""
    plain = np.asarray(intensity)
    known = plain.dtype.newbyteorder("=")
    if known.kind == "f" and known.itemsize not in (4, 8):
        known = np.dtype(np.float64)
    return plain.astype(known, copy=False)
