"""Decoder ``foreground``: one channel of foreground probability → labels.

What reaches the threshold is split where it is narrow: each pixel climbs to the peak of the distance to the background
that lies uphill of it (a watershed), and parts with a wide neck between them are one object. For models that say
nothing about where an object ends and the next begins. Imports numpy; numba only inside functions.
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


class ForegroundField(ProbabilityField):
    """Gather the foreground probability of one plane in fixed point, 2 bytes a pixel, and find the objects.

    ``overlap``: two parts are one object when the neck between them is as wide as that of two discs, of the size of the
    smaller part, that overlap by more than this share. The confidence of an object is the mean probability of its
    pixels.

    Parameters
    ----------
    shape : (int, int)
        Height and width of the plane in pixels.

    Examples
    --------
    >>> import numpy as np
    >>> outputs = np.zeros((1, 7, 11), np.float32)
    >>> outputs[0, 1:6, 1:6] = outputs[0, 1:6, 7:10] = 0.75
    >>> field = ForegroundField((7, 11))
    >>> field.write((outputs,), (slice(0, 7), slice(0, 11)))
    >>> plane = field.labels(probability=0.5, overlap=0.5, min_size=4)
    >>> np.bincount(plane.labels.ravel()).tolist(), plane.confidence.round(3).tolist()
    ([37, 25, 15], [0.75, 0.75])
    """

    def write(self, outputs: tuple[NDArray[np.float32], ...], region: tuple[slice, ...]) -> None:
        """Take the outputs for one region of the plane: the foreground probability, 0 to 1, alone."""
        from pybridge.decode.field_kernels import store_probability

        (probability,) = channels_of(outputs, region, wanted=("foreground probability",), decoder="foreground")
        store_probability(probability, self._probability[region])

    def _find(self, *, probability: float, overlap: float) -> Candidates | None:
        from pybridge.decode import distance_kernels as kernels

        distance = np.empty(self.shape, np.int32)
        if not kernels.squared_distances(self._probability, stored_threshold(probability), distance):
            return None
        check_cancelled()
        kernels.squared_to_distance(distance)
        labels = np.empty(self.shape, np.int32)
        kernels.smooth_distance(distance, labels)
        kernels.smooth_distance(labels, distance)
        peak_distance = split_basins(distance, labels)
        check_cancelled()
        belongs = kernels.merge_over_passes(list_highest_passes(labels, distance), peak_distance, overlap)
        return Candidates(
            labels,
            object_of=belongs + np.int32(1),
            is_sure=np.ones(peak_distance.size, np.bool_),
            probability=self._probability,
        )
