"""What the fields of all decoders share: thresholds are checked, what was found is cleaned. Imports core."""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np
from numpy.typing import NDArray

from pybridge.decode.plane import DecodedPlane, check_plane_shape, check_thresholds
from pybridge.decode.probability import stored_to_probability
from pybridge.decode.regions import Candidates, clean_objects


class ProbabilityField(ABC):
    """A ``LabelField`` that keeps a probability of each pixel in fixed point, 2 bytes; what else, a decoder adds.

    Parameters
    ----------
    shape : (int, int)
        Height and width of the plane in pixels.
    """

    def __init__(self, shape: tuple[int, int]) -> None:
        self.shape = check_plane_shape(shape)
        self._probability = np.zeros(self.shape, np.uint16)

    @abstractmethod
    def write(self, outputs: tuple[NDArray[np.float32], ...], region: tuple[slice, ...]) -> None:
        """Take the outputs for one region of the plane.

        Parameters
        ----------
        outputs : tuple of ndarray of float32, each (C, Y, X)
            The channels that the decoder names, in one tensor or in several.
        region : (slice, slice)
            Rows and columns that the outputs fill.

        Raises
        ------
        ModelError
            If the number of channels or their size is wrong.
        """

    def labels(
        self, *, probability: float, overlap: float, min_size: int, exclude_border: bool = False
    ) -> DecodedPlane:
        """Find the objects in all that was written; may be called again with other thresholds.

        Parameters
        ----------
        probability : float
            Pixels of at least this probability belong to objects.
        overlap : float
            From how much on two candidates are one object, 0 to 1; each decoder says of what.
        min_size : int
            Smallest object kept, in pixels.
        exclude_border : bool
            Leave out objects that touch the image border.

        Returns
        -------
        DecodedPlane

        Raises
        ------
        UsageError
            If a threshold is out of range.
        """
        check_thresholds(probability=probability, overlap=overlap, min_size=min_size)
        found = self._find(probability=probability, overlap=float(overlap))
        if found is None:
            return DecodedPlane(np.zeros(self.shape, np.int32), np.zeros(0, np.float32))
        return clean_objects(found, min_size=min_size, exclude_border=exclude_border)

    def probability_map(self) -> NDArray[np.float32]:
        """Give the probability of each pixel, float32, shape (Y, X); 0 where nothing was written."""
        return stored_to_probability(self._probability)

    @abstractmethod
    def _find(self, *, probability: float, overlap: float) -> Candidates | None:
        """Find the candidates in all that was written; None when there is none."""
