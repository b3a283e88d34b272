"""Sparse marks that a forest learns from: painted by people, drawn as ROIs, or sampled from label images.

A scribble image has 0 where nobody said anything, 1 on background, 2 inside objects, and perhaps 3 on their borders.
Imports files and core; scipy inside functions.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from pybridge.core.errors import ImageError

if TYPE_CHECKING:
    from pybridge.files.roi_marks import PaintedMarks

BACKGROUND, INSIDE, BORDER = 1, 2, 3
CLASSES = ("background", "inside", "border")
MARKS_IN_PLANE = 500
"""How many pixels of a label plane are drawn when nobody says."""
_NEAR_PX = 6.0


def labels_to_classes(labels: NDArray[Any], *, border: bool = True) -> NDArray[np.uint8]:
    """Say of each pixel of a label plane what it is: background, inside, or the border of an object.

    Parameters
    ----------
    labels : ndarray, shape (Y, X)
        0 is background, every other value one object.
    border : bool
        Tell borders from insides: pixels of an object at most 1.5 pixels from another object or the background.

    Returns
    -------
    ndarray of uint8, shape (Y, X)
        1, 2 and 3 as in ``CLASSES``.

    Examples
    --------
    >>> labels = np.zeros((6, 9), np.uint16)
    >>> labels[1:6, 1:8] = 7
    >>> labels_to_classes(labels)[3].tolist()
    [1, 3, 2, 2, 2, 2, 2, 3, 1]
    """
    classes = np.where(labels > 0, INSIDE, BACKGROUND).astype(np.uint8)
    if border:
        rim = np.zeros(labels.shape, bool)
        # The eight neighbours are the pixels at most 1.5 away.
        for dy, dx in ((0, 1), (1, 0), (1, 1), (1, -1)):
            here = labels[: labels.shape[0] - dy, max(0, -dx) : labels.shape[1] - max(0, dx)]
            there = labels[dy:, max(0, dx) : labels.shape[1] - max(0, -dx)]
            differs = here != there
            rim[: labels.shape[0] - dy, max(0, -dx) : labels.shape[1] - max(0, dx)] |= differs
            rim[dy:, max(0, dx) : labels.shape[1] - max(0, -dx)] |= differs
        classes[rim & (labels > 0)] = BORDER
    return classes


def labels_to_scribbles(
    labels: NDArray[Any], *, pixels: int = MARKS_IN_PLANE, border: bool = True, seed: int = 0
) -> NDArray[np.uint8]:
    """Draw a sparse sample of the pixels of a label plane.

    Half of it is background, and half of that lies within 6 pixels of an object, where a forest errs most; the other
    half is inside, or inside and border in equal parts.

    Parameters
    ----------
    labels : ndarray, shape (Y, X)
        0 is background, every other value one object.
    pixels : int
        How many in all, at most; a class with fewer gives all it has.
    border : bool
        As in ``labels_to_classes``.
    seed : int
        Of the random choice.

    Returns
    -------
    ndarray of uint8, shape (Y, X)

    Examples
    --------
    >>> labels = np.zeros((20, 30), np.uint16)
    >>> labels[5:15, 5:15] = 1
    >>> np.bincount(labels_to_scribbles(labels, pixels=30).ravel(), minlength=4).tolist()
    [572, 14, 7, 7]
    """
    from scipy import ndimage

    random = np.random.default_rng(seed)
    classes = labels_to_classes(labels, border=border).ravel()
    near = (ndimage.distance_transform_edt(labels == 0) <= _NEAR_PX).ravel() if (labels > 0).any() else classes == 0
    quarter = max(1, pixels // 4)
    marks = np.zeros(classes.shape, np.uint8)
    parts = [
        (BACKGROUND, near, quarter),
        (BACKGROUND, ~near, quarter),
        (INSIDE, near, quarter if border else 2 * quarter),
        (BORDER, near, quarter),
    ]
    for number, where, count in parts:
        places = np.flatnonzero((classes == number) & where)
        chosen = places if places.size <= count else random.choice(places, count, replace=False)
        marks[chosen] = number
    return marks.reshape(labels.shape)


def rois_to_scribbles(
    rois: str | os.PathLike[str] | Sequence[Any], *, shape: tuple[int, ...], axes: str = "YX", channels: int = 1
) -> PaintedMarks:
    """Paint lines, points and areas as scribbles; the group of each (1, 2 or 3), else its name, says its class.

    Parameters
    ----------
    rois : path-like or sequence of roifile.ImagejRoi
        A ``.roi`` file, a zip of ImageJ's ROI Manager, or ROIs at hand. A line has the width of its stroke.
    shape : tuple of int
        Shape of the image without channels, one length for each axis.
    axes : str
        ``"YX"``, or with T or Z or both before it: then each ROI lies on the plane that its position names.
    channels : int
        Channels of the image on which the ROIs were drawn.

    Returns
    -------
    PaintedMarks
        ``values`` are the scribbles; where two classes meet, the later ROI counts.

    Raises
    ------
    ImageError
        If a ROI has no class, is no mark, or lies outside.

    Examples
    --------
    >>> from roifile import ImagejRoi
    >>> square = ImagejRoi.frompoints([[2, 1], [4, 1], [4, 3], [2, 3]], name="inside 1")
    >>> rois_to_scribbles([square], shape=(4, 5)).values.tolist()
    [[0, 0, 0, 0, 0], [0, 0, 2, 2, 0], [0, 0, 2, 2, 0], [0, 0, 0, 0, 0]]
    """
    from pybridge.files.roi_labels import read_rois
    from pybridge.files.roi_marks import paint_marks

    if isinstance(rois, (str, os.PathLike)):
        asked, listed = f"use the ROIs {os.fspath(rois)!r} as scribbles", read_rois(rois)
    else:
        asked, listed = "use ROIs as scribbles", tuple(rois)
    classes = [_class_of(roi, asked=asked) for roi in listed]
    return paint_marks(listed, classes, shape=shape, axes=axes, channels=channels, asked=asked)


def _class_of(roi: Any, *, asked: str) -> int:
    """Find the class of a ROI by its group, else by the beginning of its name."""
    group, name = int(roi.group or 0), str(roi.name or "")
    named = next((place for place, each in enumerate(CLASSES, 1) if name.lower().startswith(each)), 0)
    known = 1 <= group <= len(CLASSES)
    if known and named not in (0, group):
        raise ImageError(
            asked,
            found=f"{name!r} is in group {group}, {CLASSES[group - 1]}, but its name says {CLASSES[named - 1]}",
            do="let group and name say the same",
        )
    if not known and not named:
        raise ImageError(
            asked,
            found=f"{name!r} is in group {group} and its name begins with no class",
            do="put each ROI into group 1 (background), 2 (inside) or 3 (border), or let its name begin with that "
            "word; whole objects teach as label images",
        )
    return group if known else named
