"""Which images a comparison works on, and their truths: whatever a Python user has at hand. Imports files and core."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from pybridge.core.errors import UsageError
from pybridge.core.image import Image
from pybridge.tasks.images import ImageLike

# What compare itself writes; the folder of a comparison is never read as images.
OURS = ("scores", "speed", "sheet")


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
            found += find_images([os.fspath(each)], made=OURS)
        else:
            found.append(each)
    return tuple(found)


def list_truths(truth: ImageLike | Sequence[ImageLike], images: Sequence[ImageLike]) -> tuple[ImageLike, ...]:
    """List the truths of images: one for each in the same order, or a folder or glob with files of the same stems.

    Raises
    ------
    UsageError
        If truths are named by a folder but images have no names.
    """
    from pybridge.files.inputs import find_truths
    from pybridge.files.read import IMAGE_SUFFIXES
    from pybridge.files.roi_labels import ROI_SUFFIXES

    if isinstance(truth, (list, tuple)):
        return tuple(truth)
    if not isinstance(truth, (str, os.PathLike)):
        return (truth,)
    path = Path(truth)
    if path.is_file() and len(images) == 1:
        return (path,)
    named = [each.path or each.name if isinstance(each, Image) else each for each in images]
    paths = [Path(each) for each in named if isinstance(each, (str, os.PathLike))]
    if len(paths) != len(images):
        raise UsageError(
            f"truth={os.fspath(truth)!r}",
            found="arrays without names cannot be paired with files",
            do="give the truths as a list, in the order of the images",
        )
    return find_truths(paths, os.fspath(truth), suffixes=(*IMAGE_SUFFIXES, *ROI_SUFFIXES))
