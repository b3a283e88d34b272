"""A picture for people: the image in grey, contrast-stretched, with each object's outline in colour.

Imports core; scikit-image and Pillow inside functions.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

# Okabe and Ito's colours, told apart by colour-blind people; neighbours rarely share one.
_COLOURS = np.array(
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
    from skimage.segmentation import find_boundaries

    low, high = np.percentile(plane, (0.5, 99.7))
    grey = np.clip((plane.astype(np.float32) - low) / max(float(high - low), 1e-6), 0, 1)
    # Dim objects must be seen beside bright ones, or nobody could judge their outlines.
    grey8 = (255 * grey**0.7).astype(np.uint8)
    enlarge = max(1, min(3, longest_side_px // max(plane.shape)))
    grey8 = grey8.repeat(enlarge, 0).repeat(enlarge, 1)
    large = labels.astype(np.int64).repeat(enlarge, 0).repeat(enlarge, 1)
    picture = np.repeat(grey8[..., None], 3, axis=2)
    edge = find_boundaries(large, mode="inner", connectivity=1)  # type: ignore[no-untyped-call]
    picture[edge] = _COLOURS[large[edge] % len(_COLOURS)]
    return picture


def write_overlay(path: Path, plane: NDArray[Any], labels: NDArray[Any], *, overwrite: bool = False) -> None:
    """Write the overlay as PNG, whole or not at all."""
    from PIL import Image as Pillow

    from pybridge.files.write import write_whole

    picture = Pillow.fromarray(draw_overlay(plane, labels))
    write_whole(path, lambda temporary: picture.save(temporary, format="PNG"), overwrite=overwrite)
