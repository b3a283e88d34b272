"""Decoder ``star_convex``: object probability and distances to the object's border along rays → labels.

Each pixel that may lie in an object is a candidate: a polygon whose corners are the ends of its rays. The best
candidate is an object, all that overlap it too much are left out, then comes the best of the rest, and so on; where
objects overlap, a pixel belongs to the better one. The method is that of Schmidt et al., MICCAI 2018. Imports numpy;
numba only inside functions.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pybridge.core.progress import check_cancelled
from pybridge.decode.field import ProbabilityField
from pybridge.decode.plane import channels_of
from pybridge.decode.probability import stored_threshold
from pybridge.decode.regions import Candidates

LEAST_RAYS = 3
# Candidates of less object probability are not kept: nearly all pixels of an image are such, and no threshold in use
# comes near. A lower threshold finds what this one finds.
LEAST_PROBABILITY = 0.05


@dataclass(frozen=True, slots=True, eq=False)
class _Polygons:
    """Candidates of one region, in raster order: flat positions in the plane, int32 (N,), and rays, uint16 (N, R)."""

    region: tuple[slice, ...]
    at: NDArray[np.int32]
    rays: NDArray[np.uint16]


class StarConvexField(ProbabilityField):
    """Gather object probability and rays of one plane in fixed point, and find the objects.

    The probability takes 2 bytes a pixel. Rays are kept of the best pixel in each square of 2×2 pixels only, and only
    where its probability is 0.05 or more, 2 bytes each in steps of 1/64 pixel; they may be 1023 pixels long.

    A ``probability`` of less than 0.05 counts as 0.05. ``overlap``: a candidate that shares more than this part of the
    smaller polygon's pixels with a better one is left out. The confidence of an object is the object probability of the
    candidate that it comes from, times the share of its pixels that the candidate brought; what a better one cuts off
    goes to the object that it touches.

    Parameters
    ----------
    shape : (int, int)
        Height and width of the plane in pixels.

    Examples
    --------
    A square of 5×5 pixels, seen from its middle along 8 rays:

    >>> import numpy as np
    >>> outputs = np.zeros((9, 7, 11), np.float32)
    >>> outputs[0, 3, 4] = 0.75
    >>> outputs[1::2, 3, 4], outputs[2::2, 3, 4] = 2.5, 2.5 * 2**0.5
    >>> field = StarConvexField((7, 11))
    >>> field.write((outputs,), (slice(0, 7), slice(0, 11)))
    >>> plane = field.labels(probability=0.5, overlap=0.5, min_size=4)
    >>> plane.labels[3].tolist(), int(plane.labels.sum()), plane.confidence.round(3).tolist()
    ([0, 0, 1, 1, 1, 1, 1, 0, 0, 0, 0], 25, [0.75])
    """

    def __init__(self, shape: tuple[int, int]) -> None:
        super().__init__(shape)
        self._parts: list[_Polygons] = []
        self._rays = 0  # known after the first write

    def write(self, outputs: tuple[NDArray[np.float32], ...], region: tuple[slice, ...]) -> None:
        """Take the outputs for one region of the plane: 1 + R channels in all, the same R each time.

        Object probability (0 to 1), and the distances in pixels from the pixel's centre to the object's border in the
        directions (dy, dx) = (sin, cos) of 2πk/R. What was written to the region before is forgotten.
        """
        from pybridge.decode import star_convex_kernels as kernels
        from pybridge.decode.field_kernels import store_probability

        rays = self._rays or max(sum(output.shape[0] for output in outputs if output.ndim == 3) - 1, LEAST_RAYS)
        wanted = ("object probability", *(f"ray {k}" for k in range(rays)))
        probability, *lengths = channels_of(outputs, region, wanted=wanted, decoder="star_convex")
        self._rays = rays
        store_probability(probability, self._probability[region])
        self._forget(region)
        chance, (y, x) = self._probability[region], (part.start for part in region)
        cells = [extent // kernels.CELL_PX + 2 for extent in chance.shape]
        room = np.empty((cells[0] * cells[1], 2), np.int32)
        here = room[: kernels.best_of_cells(chance, y, x, stored_threshold(LEAST_PROBABILITY), room)]
        if not len(here):
            return
        stored = np.empty((len(here), rays), np.uint16)
        for k, length in enumerate(lengths):
            kernels.store_rays(length, here, stored[:, k])
        at = (here[:, 0] + y) * self.shape[1] + (here[:, 1] + x)
        self._parts.append(_Polygons(region, at.astype(np.int32), stored))

    def _find(self, *, probability: float, overlap: float) -> Candidates | None:
        from pybridge.decode.star_convex_kernels import keep_best

        threshold = stored_threshold(max(probability, LEAST_PROBABILITY))
        chance = self._probability.reshape(-1)
        chosen = [(part, chance[part.at] >= threshold) for part in self._parts]
        at = np.concatenate([np.empty(0, np.int32), *(part.at[enough] for part, enough in chosen)])
        rays = np.concatenate([np.empty((0, self._rays), np.uint16), *(part.rays[enough] for part, enough in chosen)])
        order = np.lexsort((at, -chance[at].astype(np.int32)))
        check_cancelled()
        labels, scores = np.full(self.shape, -1, np.int32), np.zeros(self.shape, np.uint16)
        count = keep_best(rays, at, order, self._probability, overlap, labels, scores) if at.size else 0
        if not count:
            return None
        check_cancelled()
        return Candidates(
            labels,
            object_of=np.arange(1, count + 1, dtype=np.int32),
            is_sure=np.ones(count, np.bool_),
            probability=scores,  # its mean over an object is the score of the object's candidate
        )

    def _forget(self, region: tuple[slice, ...]) -> None:
        """Drop the candidates that lie in a region which is written again."""
        for index, part in enumerate(self._parts):
            if all(a.start < b.stop and b.start < a.stop for a, b in zip(part.region, region, strict=True)):
                y, x = np.divmod(part.at, np.int32(self.shape[1]))
                rows, columns = region
                stays = (y < rows.start) | (y >= rows.stop) | (x < columns.start) | (x >= columns.stop)
                self._parts[index] = _Polygons(part.region, part.at[stays], part.rays[stays])
        self._parts = [part for part in self._parts if part.at.size]
