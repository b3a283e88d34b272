"""Which objects of two label images overlap, and how much. Imports core and numpy; scipy only inside functions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pybridge.core.errors import ImageError


@dataclass(frozen=True, slots=True, eq=False)
class Overlaps:
    """Which objects of two label images overlap, and how much: only pairs that touch, never the full table.

    Parameters
    ----------
    truth_ids, result_ids : ndarray of int64, shape (N,) and (M,)
        Value of each object in its label image, rising.
    truth_area, result_area : ndarray of int64, shape (N,) and (M,)
        Pixels of each object.
    truth, result : ndarray of int64, shape (P,)
        Index of the objects of each pair.
    intersection : ndarray of int64, shape (P,)
        Pixels that they share.
    """

    truth_ids: NDArray[np.int64]
    result_ids: NDArray[np.int64]
    truth_area: NDArray[np.int64]
    result_area: NDArray[np.int64]
    truth: NDArray[np.int64]
    result: NDArray[np.int64]
    intersection: NDArray[np.int64]

    @property
    def union(self) -> NDArray[np.int64]:
        """Pixels in either object, for each pair."""
        return self.truth_area[self.truth] + self.result_area[self.result] - self.intersection

    @property
    def iou(self) -> NDArray[np.float64]:
        """Intersection over union of each pair; pairs that do not overlap, with an IoU of 0, are not listed."""
        return self.intersection / self.union


def overlaps(truth: NDArray[Any], result: NDArray[Any]) -> Overlaps:
    """Find which objects of two label images overlap.

    Parameters
    ----------
    truth, result : ndarray of one shape
        Label images of any number of dimensions: 0 is background, every other value is one object. Ids need not be
        consecutive.

    Returns
    -------
    Overlaps

    Raises
    ------
    ImageError
        If the shapes differ, or the values are not whole numbers from 0.

    Examples
    --------
    >>> found = overlaps(np.array([[1, 1, 0, 7]]), np.array([[0, 3, 3, 9]]))
    >>> found.truth_ids.tolist(), found.result_ids.tolist()
    ([1, 7], [3, 9])
    >>> found.truth_area.tolist(), found.intersection.tolist(), found.union.tolist()
    ([2, 1], [1, 1], [3, 1])
    """
    if truth.shape != result.shape:
        raise ImageError(
            "score a label image against ground truth",
            found=f"the result has shape {result.shape}, the truth {truth.shape}",
            do="give two label images of the same pixels",
        )
    from scipy.sparse import coo_array

    truth, result = flat_labels(truth, what="truth"), flat_labels(result, what="result")
    # Neighbouring pixels mostly belong to the same pair: only the stretches of one pair are sorted, not the pixels.
    first = np.flatnonzero(_changes(truth) | _changes(result))
    length = np.diff(first, append=truth.size)
    truth_ids, truth_area, truth_of = _objects(truth[first], length)
    result_ids, result_area, result_of = _objects(result[first], length)
    both = (truth_of >= 0) & (result_of >= 0)
    # Turning coordinates into rows adds up the stretches of one pair, in time that grows with their number alone.
    shared = coo_array(
        (length[both], (truth_of[both], result_of[both])), shape=(truth_area.size, result_area.size)
    ).tocsr()
    return Overlaps(
        truth_ids=truth_ids,
        result_ids=result_ids,
        truth_area=truth_area,
        result_area=result_area,
        truth=np.repeat(np.arange(truth_area.size), np.diff(shared.indptr)),
        result=shared.indices.astype(np.int64),
        intersection=shared.data.astype(np.int64),
    )


def flat_labels(labels: NDArray[Any], *, what: str) -> NDArray[Any]:
    """Check that an array is a label image; gives its values as a flat array of whole numbers.

    Parameters
    ----------
    labels : ndarray
        Of any shape, type of numbers, byte order and layout.
    what : str
        ``truth`` or ``result``, for messages.

    Raises
    ------
    ImageError
        If a value is not a whole number from 0 to 2**63 - 1, or up to which a floating-point type has them all.

    Examples
    --------
    >>> flat_labels(np.array([[0.0, 3.0]]), what="truth").tolist()
    [0, 3]
    """
    flat = np.ascontiguousarray(labels).reshape(-1)
    found, do = None, "give label images: 0 for the background, 1, 2, 3 … for the objects"
    if flat.dtype.kind == "f":
        if not np.isfinite(flat).all() or (flat != np.rint(flat)).any():
            found = f"the {what} has values that are not whole numbers, as a resized or smoothed mask has"
            do = "give label images that were never interpolated"
        elif flat.size and float(max(flat.max(), -flat.min())) > 2.0 ** (bits := whole_bits(flat.dtype)):
            found = f"the {what} is {flat.dtype} with values above 2**{bits}, where ids are rounded to others"
            do = "number the objects from 1, or save the labels in an integer type"
        else:
            flat = flat.astype(np.int64)
    if flat.dtype == np.uint64 and flat.size and int(flat.max()) >= 2**63:
        found, do = f"the {what} has values of 2**63 and above", "number the objects from 1"
    if not found and (flat.dtype.kind not in "bui" or (flat.dtype.kind == "i" and flat.size and flat.min() < 0)):
        found = f"the {what} is {flat.dtype}" + (" with values below 0" if flat.dtype.kind == "i" else "")
    if found:
        raise ImageError("score a label image against ground truth", found=found, do=do)
    return flat


def whole_bits(kind: np.dtype[Any]) -> int:
    """Give n for a floating-point type that has all whole numbers up to 2**n.

    Examples
    --------
    >>> whole_bits(np.dtype(np.float32)), whole_bits(np.dtype(float))
    (24, 53)
    """
    return min(int(np.finfo(kind).nmant) + 1, 53)


def _changes(flat: NDArray[Any]) -> NDArray[np.bool_]:
    """Say at which places a value differs from the one before; the first always does."""
    changes = np.ones(flat.size, bool)
    np.not_equal(flat[1:], flat[:-1], out=changes[1:])
    return changes


def _objects(
    value: NDArray[Any], length: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Number the objects of a list of stretches from 0 in rising order of ids, background -1.

    Returns the id and the area of each object and the object of each stretch.
    """
    ids = None
    if value.size and int(value.max()) > 4 * value.size + 65536:  # ids too far apart for a table
        ids, value = np.unique(value, return_inverse=True)
        if ids[0] != 0:
            ids, value = np.insert(ids, 0, 0), value + 1
    value = value.astype(np.int64)
    area = np.bincount(value, weights=length, minlength=1).astype(np.int64)
    area[0] = 0
    present = area > 0
    number = np.where(present, np.cumsum(present) - 1, -1)
    listed = np.flatnonzero(present) if ids is None else ids[present].astype(np.int64)
    return listed, area[present], number[value]
