"""Mirror images: what a network's output means when its input was flipped. Imports numpy only.

Probabilities stay with their pixel. Components of a vector change their sign, and rays of a star-convex polygon change
their places, since the ray that pointed left points right.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

_VECTORS: dict[str, tuple[tuple[str, int], ...]] = {"offsets": (("Y", 1), ("X", 2))}


@dataclass(frozen=True, slots=True)
class Mirror:
    """How the channels of a decoder's output turn with a flip.

    Parameters
    ----------
    decoder : str
        Name of the decoder; empty for none.
    channels : int
        Channels of the output.

    Examples
    --------
    Four rays point right, down, left and up; in a mirror image, left and right change places.

    >>> Mirror("star_convex", 5).turn(np.array([0.9, 1.0, 2.0, 3.0, 4.0]), "X", axis=0).tolist()
    [0.9, 3.0, 2.0, 1.0, 4.0]
    """

    decoder: str
    channels: int

    @property
    def flips(self) -> tuple[str, ...]:
        """Grid axes to flip for each run of a test-time augmentation; an odd number of rays has no left and right."""
        if self.decoder == "star_convex" and (self.channels - 1) % 2:
            return ("", "Y")
        return ("", "Y", "X", "YX")

    def turn(self, output: NDArray[Any], flip: str, *, axis: int) -> NDArray[Any]:
        """Give the output of a flipped input, whose pixels were flipped back, its channels back.

        Parameters
        ----------
        output : ndarray
            Changed in place where it is cheap.
        flip : str
            Axes that were flipped.
        axis : int
            Its channel axis.
        """
        if self.decoder == "star_convex":
            return np.take(output, self._places(flip), axis=axis)
        for letter, channel in _VECTORS.get(self.decoder, ()):
            if letter in flip:
                component = output[(slice(None),) * axis + (channel,)]
                np.negative(component, out=component)
        return output

    def _places(self, flip: str) -> NDArray[np.intp]:
        """Say from which channel each one comes. Ray k points to the angle 2πk/n, measured from X towards Y."""
        rays = self.channels - 1
        ray = np.arange(rays)
        if "Y" in flip:
            ray = -ray % rays
        if "X" in flip:
            ray = (rays // 2 - ray) % rays
        return np.concatenate([[0], 1 + ray])
