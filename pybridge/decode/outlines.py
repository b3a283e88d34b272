"""Outlines of objects as polygons, for ROIs and overlays. Imports numpy; numba only inside functions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pybridge.decode.label_image import labels_to_int32


@dataclass(frozen=True, slots=True, eq=False)
class Outlines:
    """All rings of a label image, one after the other.

    Parameters
    ----------
    vertices : ndarray of int32, shape (V, 2)
        Corners (x, y) between pixels, in pixel units with (0, 0) at the upper left corner of the image.
    first : ndarray of int64, shape (R + 1,)
        Ring ``i`` has the vertices ``first[i]`` to ``first[i + 1]``; it is closed, its first vertex is not repeated.
    labels : ndarray of int32, shape (R,)
        The object of each ring. One with several pieces or holes has several rings.
    is_hole : ndarray of bool, shape (R,)
        Whether the ring goes around a hole. Outer rings go clockwise on the screen, holes the other way.
    """

    vertices: NDArray[np.int32]
    first: NDArray[np.int64]
    labels: NDArray[np.int32]
    is_hole: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.labels)

    def ring(self, index: int) -> NDArray[np.int32]:
        """View the vertices (x, y) of one ring."""
        return self.vertices[self.first[index] : self.first[index + 1]]

    def of_objects(self) -> Iterator[tuple[int, list[NDArray[np.int32]], list[NDArray[np.int32]]]]:
        """Go through the objects in rising order of labels: label, outer rings, holes."""
        order = np.argsort(self.labels, kind="stable")
        ends = np.flatnonzero(np.diff(self.labels[order])) + 1
        for part in np.split(order, ends) if len(order) else []:
            outer = [self.ring(index) for index in part if not self.is_hole[index]]
            yield int(self.labels[part[0]]), outer, [self.ring(index) for index in part if self.is_hole[index]]


def trace_outlines(labels: NDArray[Any]) -> Outlines:
    """Trace the outline of each object, and its holes, as polygons.

    The polygons follow the cracks between pixels and have the vertices, in the order, that ImageJ's wand gives; filled,
    they cover exactly the object's pixels. Objects are 8-connected.

    Parameters
    ----------
    labels : ndarray, shape (Y, X)
        0 is background, every other value one object.

    Returns
    -------
    Outlines

    Raises
    ------
    ImageError
        If ``labels`` is no label image.

    Examples
    --------
    >>> labels = np.zeros((5, 7), np.uint8)
    >>> labels[1:4, 2:5] = 6
    >>> labels[2, 3] = 0
    >>> outlines = trace_outlines(labels)
    >>> outlines.labels.tolist(), outlines.is_hole.tolist(), outlines.ring(0).tolist()
    ([6, 6], [False, True], [[5, 4], [2, 4], [2, 1], [5, 1]])
    """
    from pybridge.decode.outline_kernels import trace_rings

    plane = labels_to_int32(labels)
    nothing = np.empty((0, 2), np.int32), np.empty(0, np.int32), np.empty(0, np.int64), np.empty(0, np.bool_)
    rings, vertices = trace_rings(plane, np.zeros(plane.shape, np.bool_), *nothing)
    found = Outlines(
        vertices=np.empty((vertices, 2), np.int32),
        first=np.zeros(rings + 1, np.int64),
        labels=np.empty(rings, np.int32),
        is_hole=np.empty(rings, np.bool_),
    )
    seen = np.zeros(plane.shape, np.bool_)
    trace_rings(plane, seen, found.vertices, found.labels, found.first[1:], found.is_hole)
    return found
