"""The pixel forest on the user's own truth: trained anew for each image, on the others.

Imports baselines inside functions.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Trains a method for one image on all others.

    Parameters
    ----------
    model_for : callable
        Takes the number of an image, gives the reference of a model that has not seen it.
    """

    model_for: Callable[[int], str]
