"""The targets of each head by its name. Imports its neighbours inside the function."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from pybridge.networks.config import HeadConfig


def targets_for(head: HeadConfig, labels: NDArray[np.int32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Give targets (K, Y, X) and weights (W, Y, X) of a label image for a head."""
    if head.name == "star_convex":
        from pybridge.training.targets import star_convex

        return star_convex.targets_of(labels, rays=head.rays)
    if head.name == "boundary":
        from pybridge.training.targets import boundary

        return boundary.targets_of(labels)
    from pybridge.training.targets import offsets

    return offsets.targets_of(labels)
