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
from pybridge.decode.plane import DecodedPlane, channels_of, check_plane_shape, check_thresholds
from pybridge.decode.probability import stored_threshold, stored_to_probability
from pybridge.decode.regions import clean_objects


class ForegroundField:
    """Gather the foreground probability of one plane in fixed point, 2 bytes a pixel, and find the objects.

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

    def __init__(self, shape: tuple[int, int]) -> None:
        self.shape = check_plane_shape(shape)
        self._foreground = np.zeros(self.shape, np.uint16)

    def write(self, outputs: tuple[NDArray[np.float32], ...], region: tuple[slice, ...]) -> None:
        """Take the outputs for one region of the plane.

        Parameters
        ----------
        outputs : tuple of ndarray of float32, each (C, Y, X)
            One channel in all: foreground probability, 0 to 1.
        region : (slice, slice)
            Rows and columns that the outputs fill.

        Raises
        ------
        ModelError
            If there is not one channel of the region's size.
        """
        from pybridge.decode.field_kernels import store_probability

        (probability,) = channels_of(outputs, region, wanted=("foreground probability",), decoder="foreground")
        store_probability(probability, self._foreground[region])

    def labels(
        self, *, probability: float, overlap: float, min_size: int, exclude_border: bool = False
    ) -> DecodedPlane:
        """Find the objects.

        Parameters
        ----------
        probability : float
            Pixels of at least this foreground probability belong to objects.
        overlap : float
            Two parts are one object when the neck between them is as wide as that of two discs, of the size of the
            smaller part, that overlap by more than this share.
        min_size : int
            Smallest object kept, in pixels.
        exclude_border : bool
            Leave out objects that touch the image border.

        Returns
        -------
        DecodedPlane
            The confidence of an object is the mean foreground probability of its pixels.

        Raises
        ------
        UsageError
            If a threshold is out of range.
        """
        from pybridge.decode import distance_kernels as kernels

        check_thresholds(probability=probability, overlap=overlap, min_size=min_size)
        distance = np.empty(self.shape, np.int32)
        if not kernels.squared_distances(self._foreground, stored_threshold(probability), distance):
            return DecodedPlane(np.zeros(self.shape, np.int32), np.zeros(0, np.float32))
        check_cancelled()
        kernels.squared_to_distance(distance)
        labels = np.empty(self.shape, np.int32)
        kernels.smooth_distance(distance, labels)
        kernels.smooth_distance(labels, distance)
        peak_distance = split_basins(distance, labels)
        check_cancelled()
        belongs = kernels.merge_over_passes(list_highest_passes(labels, distance), peak_distance, float(overlap))
        return clean_objects(
            labels,
            object_of=belongs + np.int32(1),
            is_sure=np.ones(peak_distance.size, np.bool_),
            foreground=self._foreground,
            min_size=min_size,
            exclude_border=exclude_border,
        )

    def probability_map(self) -> NDArray[np.float32]:
        """Give the foreground probability, float32, shape (Y, X); 0 where nothing was written."""
        return stored_to_probability(self._foreground)
