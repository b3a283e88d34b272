"""A label plane with the list of its objects: what every measurement starts from. Imports numpy; numba in functions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pybridge.decode.label_image import labels_to_int32

Column = NDArray[np.generic]
"""One number for each object, shape (N,)."""


@dataclass(frozen=True, slots=True, eq=False)
class LabelledPlane:
    """A plane of labels and the rows that its objects have in a table.

    Parameters
    ----------
    labels : ndarray of int32, shape (Y, X)
        0 is background, every other value one object.
    ids : ndarray of int32, shape (N,)
        The labels that occur, rising.
    row_of : ndarray of int32, shape (highest label + 1,)
        The row of each label that occurs.
    """

    labels: NDArray[np.int32]
    ids: NDArray[np.int32]
    row_of: NDArray[np.int32]

    def __len__(self) -> int:
        return self.ids.size


def list_objects(labels: NDArray[Any]) -> LabelledPlane:
    """List the objects of a label plane of any type.

    Raises
    ------
    ImageError
        If ``labels`` is no label image.

    Examples
    --------
    >>> plane = list_objects(np.array([[0, 7, 7], [3, 0, 7]], np.uint8))
    >>> plane.ids.tolist(), plane.row_of[[3, 7]].tolist()
    ([3, 7], [0, 1])
    """
    from pybridge.decode.measurement_kernels import mark_labels

    plane = labels_to_int32(labels)
    present = np.zeros((int(plane.max()) if plane.size else 0) + 1, np.int32)
    mark_labels(plane, present)
    ids = np.flatnonzero(present).astype(np.int32)
    return LabelledPlane(plane, ids, (np.cumsum(present, dtype=np.int32) - 1).astype(np.int32))
