"""A picture for people: the image in grey, contrast-stretched, with each object's outline in colour.

Imports core; Pillow inside functions.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

# Okabe and Ito's colours, told apart by colour-blind people; neighbours rarely share one.
OBJECT_COLOURS = np.array(
    [(230, 159, 0), (86, 180, 233), (0, 158, 115), (240, 228, 66), (213, 94, 0), (204, 121, 167)], np.uint8
)
_LONGEST_SIDE_PX = 1600


def draw_overlay(
    plane: NDArray[Any], labels: NDArray[Any], *, longest_side_px: int = _LONGEST_SIDE_PX
) -> NDArray[np.uint8]:
    """Draw outlines of labels on an image.

    Parameters
    ----------
    plane : ndarray, shape (Y, X)
        One plane.
    labels : ndarray of int, shape (Y, X)
        Labels of the same plane.
    longest_side_px : int
        Enlarge small images, threefold at most, up to this side.

    Returns
    -------
    ndarray of uint8, shape (n·Y, n·X, 3)
        RGB; small images are enlarged by a whole number, so that outlines stay thin.

    Examples
    --------
    >>> draw_overlay(np.zeros((5, 7)), np.ones((5, 7), int)).shape[2]
    3
    """
    grey8 = stretch_contrast(plane)
    enlarge = max(1, min(3, longest_side_px // max(plane.shape)))
    grey8 = grey8.repeat(enlarge, 0).repeat(enlarge, 1)
    return colour_outlines(grey8, labels.repeat(enlarge, 0).repeat(enlarge, 1))


def colour_outlines(grey: NDArray[np.uint8], labels: NDArray[Any]) -> NDArray[np.uint8]:
    """Draw the outlines of labels in colour on a grey picture of the same size.

    Examples
    --------
    >>> colour_outlines(np.zeros((1, 3), np.uint8), np.array([[0, 0, 6]])).tolist()
    [[[0, 0, 0], [0, 0, 0], [230, 159, 0]]]
    """
    picture = np.repeat(grey[..., None], 3, axis=2)
    edge = inner_edges(labels)
    picture[edge] = OBJECT_COLOURS[labels[edge].astype(np.int64) % len(OBJECT_COLOURS)]
    return picture


def stretch_contrast(plane: NDArray[Any]) -> NDArray[np.uint8]:
    """Bring a plane to 8-bit grey in which dim objects are seen beside bright ones.

    Examples
    --------
    >>> stretch_contrast(np.array([[0.0, 50.0], [100.0, 100.0]]))[0, 0]
    np.uint8(0)
    """
    low, high = np.percentile(plane, (0.5, 99.7))
    grey = np.clip((plane.astype(np.float32) - low) / max(float(high - low), 1e-6), 0, 1)
    # Or nobody could judge the outlines of dim objects.
    stretched: NDArray[np.uint8] = (255 * grey**0.7).astype(np.uint8)
    return stretched


def inner_edges(labels: NDArray[Any]) -> NDArray[np.bool_]:
    """Mark the pixels of objects that have a neighbour of another object or of the background above, below or beside.

    Examples
    --------
    >>> inner_edges(np.array([[0, 1, 1, 1], [0, 1, 1, 2]])).astype(int).tolist()
    [[0, 1, 0, 1], [0, 1, 1, 1]]
    """
    edge = np.zeros(labels.shape, bool)
    across, down = labels[:, 1:] != labels[:, :-1], labels[1:] != labels[:-1]
    edge[:, 1:] |= across
    edge[:, :-1] |= across
    edge[1:] |= down
    edge[:-1] |= down
    edge &= labels != 0
    return edge


def fit_labels(
    plane: NDArray[Any], labels: NDArray[Any], *, side_px: int, enlarge: bool = False
) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
    """Shrink a plane and its labels that are larger than their place; smaller ones stay, or are enlarged.

    Parameters
    ----------
    plane : ndarray, shape (Y, X)
    labels : ndarray of int, shape (Y, X)
    side_px : int
        The longest side that they may have.
    enlarge : bool
        Give smaller ones that side too.

    Examples
    --------
    >>> plane, labels = fit_labels(np.zeros((40, 80)), np.ones((40, 80), int), side_px=20)
    >>> plane.shape, labels.shape
    ((10, 20), (10, 20))
    """
    from PIL import Image as Pillow

    pixels, ids = np.ascontiguousarray(plane, np.float32), np.asarray(labels, np.int32)
    factor = side_px / max(plane.shape)
    if factor == 1 or (factor > 1 and not enlarge):
        return pixels, ids
    size = tuple(max(1, round(extent * factor)) for extent in plane.shape[::-1])
    small = Pillow.fromarray(pixels).resize(size, Pillow.Resampling.BOX if factor < 1 else Pillow.Resampling.BILINEAR)
    small_ids = Pillow.fromarray(ids).resize(size, Pillow.Resampling.NEAREST)
    return np.asarray(small, np.float32), np.asarray(small_ids, np.int32)


def write_overlay(path: Path, plane: NDArray[Any], labels: NDArray[Any], *, overwrite: bool = False) -> None:
    """Write the overlay as PNG, whole or not at all."""
    from PIL import Image as Pillow

    from pybridge.files.write import write_whole

    picture = Pillow.fromarray(draw_overlay(plane, labels))
    write_whole(path, lambda temporary: picture.save(temporary, format="PNG"), overwrite=overwrite)
