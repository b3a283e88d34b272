"""The table of objects: size, brightness, place and shape of each label, with ImageJ's conventions.

Imports core and numpy; numba only inside functions.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pybridge.core.errors import ImageError
from pybridge.core.image import Calibration
from pybridge.core.measurement_groups import INTENSITY, NEIGHBOURS, SHAPE
from pybridge.core.results import ObjectTable
from pybridge.decode.intensities import INTENSITY_COLUMNS, ChannelPlane, for_loops, measure_intensities
from pybridge.decode.labelled_plane import list_objects
from pybridge.decode.neighbours import NEIGHBOUR_COLUMNS, measure_neighbours
from pybridge.decode.shapes import SHAPE_COLUMNS, measure_perimeters, measure_shapes

COLUMNS = ("Label", "Area", "Mean", "X", "Y", "Circ.", "Confidence")
LABEL_COLUMNS = ("Label", "Nearest")
"""Columns that name objects; 0 is none."""


def measure_objects(
    labels: NDArray[Any],
    intensity: NDArray[Any],
    *,
    confidence: NDArray[Any] | None = None,
    calibration: Calibration | None = None,
    groups: Sequence[str] = (),
    others: Sequence[ChannelPlane] = (),
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
    groups : sequence of str
        What else to measure: ``shape`` (see ``measure_shapes``), ``intensity`` (``measure_intensities``),
        ``neighbours`` (``measure_neighbours``).
    others : sequence of ChannelPlane
        More channels for ``intensity``; the columns of each end in its suffix, such as ``Mean C2``.

    Returns
    -------
    ObjectTable
        Columns ``Label, Area, Mean, X, Y, Circ., Confidence``, then those of the groups; one row for each object, in
        rising order of labels.

    Raises
    ------
    ImageError
        If the shapes differ, ``labels`` is no label image, or ``confidence`` has another length than the table.

    Examples
    --------
    >>> labels = np.zeros((5, 7), np.uint16)
    >>> labels[1:3, 2:6] = 4
    >>> image = np.full((5, 7), 9)
    >>> table = measure_objects(labels, image, calibration=Calibration(x=0.5, y=0.5, unit="um"))
    >>> [(name, round(float(table[name][0]), 3)) for name in table.names]
    [('Label', 4.0), ('Area', 2.0), ('Mean', 9.0), ('X', 2.0), ('Y', 1.0), ('Circ.', 1.0)]
    >>> table = measure_objects(labels, image, groups=("shape", "intensity"), others=[ChannelPlane("C2", image * 2)])
    >>> [float(table[name][0]) for name in ("Width", "Angle", "Solidity", "Max", "Max C2")]
    [4.0, 0.0, 1.0, 9.0, 18.0]
    """
    from pybridge.decode.measurement_kernels import sum_labels

    for pixels in (intensity, *(other.pixels for other in others)):
        if labels.shape != pixels.shape:
            raise ImageError(
                "measure objects",
                found=f"labels of shape {labels.shape}, an image of {pixels.shape}",
                do="give the plane (Y, X) of the image that the labels belong to",
            )
    calibration = calibration or Calibration()
    plane = list_objects(labels)
    if confidence is not None and len(confidence) != len(plane):
        raise ImageError(
            "measure objects",
            found=f"{len(plane)} objects, {len(confidence)} values of confidence",
            do="give one for each object, in rising order of labels",
        )
    sums = np.zeros((len(plane), 4), np.float64)
    sum_labels(plane.labels, for_loops(intensity), plane.row_of, sums)
    counts = sums[:, 0]
    area = counts * calibration.x * calibration.y
    perimeters = measure_perimeters(plane, calibration)
    x = (sums[:, 1] / counts + 0.5 - calibration.origin_x) * calibration.x
    y = (sums[:, 2] / counts + 0.5 - calibration.origin_y) * calibration.y
    table: dict[str, NDArray[np.generic]] = {
        "Label": plane.ids,
        "Area": area,
        "Mean": sums[:, 3] / counts,
        "X": x,
        "Y": y,
        "Circ.": np.minimum(1.0, 4 * np.pi * area / perimeters**2),
    }
    if confidence is not None:
        table["Confidence"] = np.asarray(confidence, np.float64)
    if SHAPE in groups:
        table |= zip(SHAPE_COLUMNS, measure_shapes(plane, calibration, perimeters=perimeters), strict=True)
    if INTENSITY in groups:
        for suffix, pixels in (("", intensity), *((f" {other.suffix}", other.pixels) for other in others)):
            measured = measure_intensities(plane, pixels, calibration, counts=counts)
            named = zip(INTENSITY_COLUMNS, measured, strict=True)
            # The basic columns hold the mean already.
            table |= {name + suffix: column for name, column in named if suffix or name not in table}
    if NEIGHBOURS in groups:
        measured = measure_neighbours(plane, calibration, centroids=np.column_stack([x, y]))
        table |= zip(NEIGHBOUR_COLUMNS, measured, strict=True)
    return ObjectTable(tuple(table), tuple(table.values()))
