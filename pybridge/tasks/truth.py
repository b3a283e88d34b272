"""Ground truth of found objects: read from whatever holds it, and checked. Imports files and core, inside functions."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from pybridge.core.errors import ImageError, UsageError
from pybridge.core.image import Image
from pybridge.tasks.evaluate_checks import common_calibration, extent_of, has_same_pixels, how_to_fit, labels_of

if TYPE_CHECKING:
    from pybridge.tasks.images import ImageLike


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


def open_truth(source: ImageLike, *, like: Image) -> Image:
    """Take ground truth from an image at hand, an image file, or ROIs of ImageJ, which are painted.

    Parameters
    ----------
    source : Image, path, ndarray, xarray.DataArray or ImagePlus
        The truth; ``.roi`` files and ``.zip`` archives hold ROIs.
    like : Image
        The image that it belongs to: ROIs are painted on its pixels.

    Raises
    ------
    ImageError
        If ROIs overlap, have no area, or do not fit the image.
    ImageFileError
        If the file cannot be read.
    """
    from pybridge.files.roi_labels import is_roi_file
    from pybridge.tasks.evaluate_inputs import paint_rois
    from pybridge.tasks.images import to_image

    return paint_rois(Path(source), like=like) if is_roi_file(source) else to_image(source)


def truth_labels(truth: Image, *, like: Image) -> tuple[NDArray[np.int32], tuple[str, ...]]:
    """View ground truth as labels; its size must be that of the image, in pixels and in the world.

    Returns
    -------
    ndarray of int32, shape (T, Z, Y, X)
    tuple of str
        Warnings about it.

    Raises
    ------
    ImageError
        If it is no label image, a mask in which objects are not told apart, of another size or pixel size, or the
        image itself.
    """
    labels, warnings = labels_of(truth, role="truth")
    wanted = dict(zip("TZYX", (like.size_of(letter) for letter in "TZYX"), strict=True))
    sizes = dict(zip("TZYX", labels.shape, strict=True))
    if sizes != wanted:
        found = f"the image is {extent_of(like)}, the truth {extent_of(truth)}"
        raise ImageError(f"score {like.name!r} against {truth.name!r}", found=found, do=how_to_fit(wanted, sizes))
    # An image and a truth that are both black are a place without objects.
    if labels.any() and has_same_pixels(like, truth):
        raise ImageError(
            f"score results of {like.name!r} against {truth.name!r}",
            found="the image is its own ground truth: both have the same pixels",
            do="give the image that the labels were drawn on, or leave truth out (in ImageJ: select the image first, "
            "in a macro with selectImage)",
        )
    _, about_size = common_calibration(like, truth, what="image")
    return labels, (*warnings, *about_size)
