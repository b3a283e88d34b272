"""Is a label image one? What is refused before a training or a scoring starts, and why. Imports core, scipy inside."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pybridge.core.errors import ImageError
from pybridge.core.image import Image
from pybridge.decode.label_image import labels_to_int32

_LOSSY = (".jpg", ".jpeg")
_FEW_IDS = 4  # with fewer, a share of them says nothing
_MOST_MIXED = 0.5


def image_to_label_planes(image: Image, *, file: Path, refuse_mixed: bool = True) -> NDArray[np.int32]:
    """Take an image as labels, or say why it is none.

    Parameters
    ----------
    image : Image
        What the file holds. RGB is taken when the three are equal.
    file : Path
        The file, for messages.
    refuse_mixed : bool
        Whether values that look as if interpolation had made them are an error. Not for what a program found: a bad
        segmentation may look so.

    Returns
    -------
    ndarray of int32, shape (T, Z, Y, X)
        Ids as stored.

    Raises
    ------
    ImageError
        If values are not whole, are colours, or were mixed by a lossy format or by resizing.

    Examples
    --------
    >>> image_to_label_planes(Image(np.eye(5, 7), "YX"), file=Path("a.tif")).shape
    (1, 1, 5, 7)
    """
    asked = f"use {str(file)!r} as labels"
    if file.suffix.lower() in _LOSSY:
        raise ImageError(
            asked,
            found="a JPEG file: its compression changes values, so that ids do not survive",
            do="save label images as TIFF or PNG",
        )
    pixels = image.tzcyx()
    if image.is_rgb:
        if not (pixels == pixels[..., :1]).all():
            raise ImageError(
                asked,
                found="an RGB image: colours are not ids",
                do="save the labels themselves: one grey value for each object, 16-bit, no look-up table applied",
            )
        pixels = pixels[..., 0]
    if pixels.shape[2] != 1:
        raise ImageError(
            asked,
            found=f"{pixels.shape[2]} channels",
            do="save one label image: 0 for the background, one value for each object",
        )
    pixels = pixels[:, :, 0]
    planes = np.empty(pixels.shape, np.int32)
    for place in np.ndindex(pixels.shape[:2]):
        planes[place] = _ids(pixels[place], asked=asked, refuse_mixed=refuse_mixed)
    return planes


def _ids(plane: NDArray[Any], *, asked: str, refuse_mixed: bool) -> NDArray[np.int32]:
    if plane.dtype.kind == "f" and not np.isfinite(plane).all():
        raise ImageError(
            asked,
            found=f"{int(np.count_nonzero(~np.isfinite(plane)))} pixels that are NaN or infinite",
            do="set them to 0, the background",
        )
    try:
        labels = labels_to_int32(plane)
    except ImageError as error:
        raise ImageError(asked, found=error.found, do=error.do) from None
    if not refuse_mixed:
        return labels
    mixed, count = count_mixed_ids(labels)
    if count >= _FEW_IDS and mixed > _MOST_MIXED * count:
        raise ImageError(
            asked,
            found=f"{mixed} of its {count} values are only seams, scattered along the borders of others: "
            "the image was smoothed, resized with interpolation, or compressed with loss",
            do="export the labels again; resize label images with interpolation 'None' only",
        )
    return labels


def count_mixed_ids(labels: NDArray[np.int32]) -> tuple[int, int]:
    """Count the ids that look as if interpolation had made them, and all ids.

    Such an id has no pixel whose four neighbours are of the same id, and lies in several pieces: the values between
    two others come up wherever these two meet. A true object may be thin or in pieces, rarely both.

    Examples
    --------
    >>> smooth = np.tile(np.array([0, 0, 3, 9, 9, 9, 9, 3, 0, 0], np.int32), (7, 1))
    >>> count_mixed_ids(smooth)
    (1, 2)
    """
    from scipy import ndimage

    ids, number = number_ids(labels)
    objects = np.arange(1, len(ids))
    centre = number[1:-1, 1:-1]
    is_core = (
        (centre == number[:-2, 1:-1])
        & (centre == number[2:, 1:-1])
        & (centre == number[1:-1, :-2])
        & (centre == number[1:-1, 2:])
    )
    is_thin = np.bincount(centre[is_core], minlength=len(ids)) == 0
    thin = objects[is_thin[objects]]
    boxes = ndimage.find_objects(number)
    mixed = sum(count_pieces(number[boxes[index - 1]] == index) > 1 for index in thin)
    return mixed, len(objects)


def number_ids(labels: NDArray[np.int32]) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Number ids from 0 without gaps, 0 for the background: the ids by number, 0 first, and the numbered plane.

    Examples
    --------
    >>> ids, number = number_ids(np.array([[0, 7, 7, 3]], np.int32))
    >>> ids.tolist(), number.tolist()
    ([0, 3, 7], [[0, 2, 2, 1]])
    """
    highest = int(labels.max(initial=0))
    if highest > 4 * labels.size + 1000:  # a table of all ids would be larger than the plane
        ids = np.union1d([0], labels).astype(np.int32)
        return ids, np.searchsorted(ids, labels).astype(np.int32)
    is_used = np.zeros(highest + 1, np.bool_)
    is_used[labels] = True
    is_used[0] = True
    number = np.cumsum(is_used, dtype=np.int32) - 1
    return np.flatnonzero(is_used).astype(np.int32), number[labels]


def count_pieces(labels: NDArray[Any]) -> int:
    """Count the connected regions of what is not 0, in a plane or a volume; what touches at a corner is connected.

    Examples
    --------
    >>> count_pieces(np.array([[1, 0, 0], [0, 1, 0], [0, 0, 0], [1, 0, 0]]))
    2
    """
    return int(piece_sizes(labels).size)


def piece_sizes(labels: NDArray[Any]) -> NDArray[np.int64]:
    """Count the pixels of each connected region of what is not 0, as ``count_pieces`` does.

    Examples
    --------
    >>> piece_sizes(np.array([[1, 0, 0], [0, 1, 0], [0, 0, 0], [1, 0, 0]])).tolist()
    [2, 1]
    """
    from scipy import ndimage

    pieces, _ = ndimage.label(labels, np.ones((3,) * labels.ndim))
    sizes: NDArray[np.int64] = np.bincount(pieces.ravel())[1:]
    return sizes
