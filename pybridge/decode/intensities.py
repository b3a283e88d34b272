"""Brightness of objects in one channel, as ImageJ measures it. Imports core and numpy; numba only inside functions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pybridge.core.image import Calibration
from pybridge.decode.labelled_plane import Column, LabelledPlane

INTENSITY_COLUMNS = (
    *("Mean", "StdDev", "Mode", "Min", "Max", "XM", "YM"),
    *("IntDen", "Median", "Skew", "Kurt", "RawIntDen"),
)

_COMPILED_FOR = (np.uint8, np.uint16, np.int16, np.float32, np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class ChannelPlane:
    """One more channel to measure in.

    Parameters
    ----------
    suffix : str
        What its columns end in, such as ``C2`` for ``Mean C2``.
    pixels : ndarray, shape (Y, X)
        Its values, of any real type.
    """

    suffix: str
    pixels: NDArray[Any]


def for_loops(pixels: NDArray[Any]) -> NDArray[Any]:
    """Give pixels a type that numba knows: native byte order, floats of 32 or 64 bits, no subclass of ndarray."""
    plain = np.asarray(pixels)
    known = plain.dtype.newbyteorder("=")
    if known.kind == "f" and known.itemsize not in (4, 8):
        known = np.dtype(np.float64)
    return plain.astype(known, copy=False)


def measure_intensities(
    plane: LabelledPlane, pixels: NDArray[Any], calibration: Calibration, *, counts: NDArray[Any]
) -> tuple[Column, ...]:
    """Measure the brightness of each object, with ImageJ's definitions.

    ``Mean, StdDev`` (of a sample; 0 for one pixel), ``Min, Max, Skew, Kurt`` (excess; both NaN where all values are
    equal) of the values as stored. ``Mode`` is the most frequent value, the lowest of several, and ``Median`` the upper
    of the two in the middle for images of at most 16 whole-number bits; for others the mode is the middle of the
    fullest of 256 bins from the object's lowest to its highest value, and the median the mean of the two. ``XM, YM``
    is the centroid weighted with the values, calibrated; NaN when they add up to 0. ``RawIntDen`` is the sum of the
    values, ``IntDen`` that of value × calibrated area. An object with a value that is no finite number has NaN.

    Parameters
    ----------
    plane : LabelledPlane
        The objects.
    pixels : ndarray, shape (Y, X)
        The image, of any real type.
    calibration : Calibration
        Pixel size and origin.
    counts : ndarray, shape (N,)
        How many pixels each object has.

    Returns
    -------
    tuple of ndarray, shape (N,)
        One array for each of ``INTENSITY_COLUMNS``.

    Examples
    --------
    >>> from pybridge.decode.labelled_plane import list_objects
    >>> plane = list_objects(np.array([[4, 4, 4, 4, 0]]))
    >>> columns = measure_intensities(plane, np.array([[1, 2, 2, 9, 7]]), Calibration(), counts=np.array([4]))
    >>> [float(columns[INTENSITY_COLUMNS.index(name)][0]) for name in ("Mean", "Max", "Median", "RawIntDen")]
    [3.5, 9.0, 2.0, 14.0]
    """
    from pybridge.decode.intensity_kernels import describe_pixels, gather_pixels

    image = for_loops(pixels)
    if image.dtype not in _COMPILED_FOR:
        image = image.astype(np.int16 if image.dtype.itemsize == 1 else np.float64)
    first = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    values, weighted = np.empty(first[-1], image.dtype), np.zeros((len(plane), 2))
    gather_pixels(plane.labels, image, plane.row_of, first[:-1].copy(), values, weighted)
    described = np.zeros((len(plane), 9))
    describe_pixels(values, first, image.dtype.kind in "iu" and image.dtype.itemsize <= 2, described)
    total, mean, deviation, mode, low, high, median, skew, kurt = described.T
    weight = np.where(total == 0, np.nan, total)
    return (
        mean,
        deviation,
        mode,
        low,
        high,
        (weighted[:, 0] / weight + 0.5 - calibration.origin_x) * calibration.x,
        (weighted[:, 1] / weight + 0.5 - calibration.origin_y) * calibration.y,
        total * calibration.x * calibration.y,
        median,
        skew,
        kurt,
        total,
    )
