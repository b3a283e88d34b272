"""Decoder ``boundary``: foreground probability, distance to the object's border and boundary probability → labels.

The distance, lowered where a boundary is likely, is a landscape with one summit in each object and valleys where
objects touch. It is split along the valleys, inside the foreground only (a watershed), and peaks with no deep valley
between them are one object. Imports numpy; numba only inside functions.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pybridge.core.progress import check_cancelled
from pybridge.decode.basins import list_highest_passes, split_basins
from pybridge.decode.field import ProbabilityField
from pybridge.decode.plane import channels_of
from pybridge.decode.probability import stored_threshold
from pybridge.decode.regions import Candidates

CHANNELS = ("foreground probability", "distance", "boundary probability")

# The summit of an object is near 1, or 0.65 where all of it is boundary; what stays below this is a ripple in a valley.
_LEAST_SEED = 0.2


class BoundaryField(ProbabilityField):
    """Gather the three channels of one plane in fixed point, 4 bytes a pixel, and find the objects.

    ``overlap`` is how deep a valley must be to part two objects: two peaks are one object when the saddle between them
    is higher than this share of the lower peak. At 0 only a valley that goes down to 0 parts; near 1 any dent. The
    confidence of an object is the mean foreground probability of its pixels.

    Parameters
    ----------
    shape : (int, int)
        Height and width of the plane in pixels.

    Examples
    --------
    Two objects of 5×4 pixels that touch:

    >>> import numpy as np
    >>> outputs = np.zeros((3, 5, 8), np.float32)
    >>> outputs[0] = 1
    >>> outputs[1] = [0.2, 0.6, 1, 0.5, 0.5, 1, 0.6, 0.2]
    >>> outputs[2, :, 3:5] = 1
    >>> field = BoundaryField((5, 8))
    >>> field.write((outputs,), (slice(0, 5), slice(0, 8)))
    >>> plane = field.labels(probability=0.5, overlap=0.5, min_size=4)
    >>> plane.labels[0].tolist(), plane.confidence.tolist()
    ([1, 1, 1, 1, 2, 2, 2, 2], [1.0, 1.0])
    """

    def __init__(self, shape: tuple[int, int]) -> None:
        super().__init__(shape)
        self._height = np.zeros(self.shape, np.uint16)

    def write(self, outputs: tuple[NDArray[np.float32], ...], region: tuple[slice, ...]) -> None:
        """Take the outputs for one region of the plane: three channels in all, each 0 to 1.

        Foreground probability, distance to the object's border as a share of the object's largest, and boundary
        probability.
        """
        from pybridge.decode.boundary_kernels import store_height
        from pybridge.decode.field_kernels import store_probability

        probability, distance, boundary = channels_of(outputs, region, wanted=CHANNELS, decoder="boundary")
        store_probability(probability, self._probability[region])
        store_height(distance, boundary, self._height[region])

    def _find(self, *, probability: float, overlap: float) -> Candidates | None:
        from pybridge.decode import boundary_kernels as kernels

        height = np.empty(self.shape, np.int32)
        if not kernels.raise_foreground(self._probability, stored_threshold(probability), self._height, height):
            return None
        labels = np.empty(self.shape, np.int32)
        peak_height = split_basins(height, labels)
        check_cancelled()
        passes = list_highest_passes(labels, height)
        belongs = kernels.merge_over_saddles(passes, peak_height, overlap, stored_threshold(_LEAST_SEED))
        return Candidates(
            labels,
            object_of=belongs + np.int32(1),
            is_sure=np.ones(peak_height.size, np.bool_),
            probability=self._probability,
        )
