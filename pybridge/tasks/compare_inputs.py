"""Which images a comparison works on: whatever a Python user has at hand. Imports files and core."""

from __future__ import annotations

import os
from collections.abc import Sequence

from pybridge.tasks.images import ImageLike

# The pictures that compare itself writes: in its own folder they are no images to be compared.
OURS = ("comparison-scores.png", "comparison-speed.png", "comparison-sheet.png")


def list_images(images: ImageLike | Sequence[ImageLike]) -> tuple[ImageLike, ...]:
    """List images; paths may be files, folders and globs.

    Examples
    --------
    >>> import numpy as np
    >>> len(list_images(np.zeros((5, 7)))), len(list_images([np.zeros((5, 7))] * 2))
    (1, 2)
    """
    from pybridge.files.inputs import find_images

    found: list[ImageLike] = []
    for each in images if isinstance(images, (list, tuple)) else (images,):
        if isinstance(each, (str, os.PathLike)):
            found += find_images([os.fspath(each)], files=OURS)
        else:
            found.append(each)
    return tuple(found)
