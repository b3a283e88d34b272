"""Decoder ``offsets``: foreground probability and the offset from each pixel to the centre of its object → labels.

Each foreground pixel follows its offset, and then the offset it finds there, a few times over. What the network says
near a centre is more exact than what it says far away, so all pixels of an object land within a pixel or two of one
place. The landing places are gathered into groups, groups that overlap are one object, and a pixel belongs to the
object in whose group it landed. The idea is that of Neven et al., CVPR 2019, and of Panoptic-DeepLab (Cheng et al.,
CVPR 2020). Imports numpy; numba only inside functions.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pybridge.core.progress import check_cancelled
from pybridge.decode.field import ProbabilityField
from pybridge.decode.plane import channels_of
from pybridge.decode.probability import stored_threshold
from pybridge.decode.regions import Candidates

CHANNELS = ("foreground probability", "dy", "dx")

_DOUBLINGS = 2  # of the one jump that every pixel makes: 2 give up to 4 jumps in all
_REACH = 0.5  # a group takes in what lands within this many object radii of its centre
_LEAST_REACH_PX = 1.5


class OffsetField(ProbabilityField):
    """Gather probability and offsets of one plane in fixed point, 6 bytes a pixel, and find the objects.

    ``overlap``: two candidates whose discs overlap by more than this share of the smaller one are one object; the disc
    of a candidate has as many pixels as have landed with it. The confidence of an object is the mean foreground
    probability of its pixels, times the share of them that landed at its centre.

    Parameters
    ----------
    shape : (int, int)
        Height and width of the plane in pixels.

    Examples
    --------
    Two squares of 3×3 pixels whose pixels all point to their centres:

    >>> import numpy as np
    >>> truth = np.zeros((5, 11), int)
    >>> truth[1:4, 1:4], truth[1:4, 6:9] = 1, 2
    >>> y, x = np.mgrid[:5, :11]
    >>> outputs = np.stack([truth > 0, 2.0 - y, np.array([0, 2, 7])[truth] - x]).astype(np.float32)
    >>> field = OffsetField((5, 11))
    >>> field.write((outputs,), (slice(0, 5), slice(0, 11)))
    >>> plane = field.labels(probability=0.5, overlap=0.5, min_size=4)
    >>> bool((plane.labels == truth).all()), plane.confidence.tolist()
    (True, [1.0, 1.0])
    """

    def __init__(self, shape: tuple[int, int]) -> None:
        super().__init__(shape)
        self._offset_y = np.zeros(self.shape, np.int16)
        self._offset_x = np.zeros(self.shape, np.int16)

    def write(self, outputs: tuple[NDArray[np.float32], ...], region: tuple[slice, ...]) -> None:
        """Take the outputs for one region of the plane: foreground probability (0 to 1), dy and dx (pixels)."""
        from pybridge.decode.field_kernels import store_offset, store_probability

        probability, offset_y, offset_x = channels_of(outputs, region, wanted=CHANNELS, decoder="offsets")
        store_probability(probability, self._probability[region])
        store_offset(offset_y, self._offset_y[region])
        store_offset(offset_x, self._offset_x[region])

    def _find(self, *, probability: float, overlap: float) -> Candidates | None:
        from pybridge.decode import offset_kernels as kernels
        from pybridge.decode.merge_kernels import merge_candidates

        width = self.shape[1]
        labels = np.empty(self.shape, np.int32)
        landing, index = labels.reshape(-1), np.empty(labels.size, np.int32)
        threshold = stored_threshold(probability)
        found = kernels.point(self._probability, self._offset_y, self._offset_x, threshold, landing)
        if not found:
            return None
        for _ in range(_DOUBLINGS):
            kernels.follow(landing, index)
            landing, index = index, landing
        check_cancelled()
        bins = kernels.count_votes(landing, index)
        bin_at, bin_votes, score = (np.empty(bins, np.int32) for _ in range(3))
        kernels.gather_bins(index, width, bin_at, bin_votes, score)
        kernels.index_bins(bin_at, index)
        order = kernels.order_by_score(score)
        group = np.full(bins, -1, np.int32)
        centre_y, centre_x, votes = kernels.grow_groups(
            index, width, bin_at, bin_votes, order, _REACH, _LEAST_REACH_PX, group
        )
        check_cancelled()
        spread = kernels.spread_groups(landing, width, index, group, votes.size)
        most_votes_first = np.argsort(-votes, kind="stable")
        belongs = merge_candidates(centre_y, centre_x, np.sqrt(votes / np.pi), spread, most_votes_first, overlap)
        return Candidates(
            landing.reshape(self.shape),
            object_of=(belongs + 1).astype(np.int32),
            is_sure=belongs == np.arange(votes.size),
            probability=self._probability,
        )
