"""Looking at the labels of one method on one image: the image in grey, outlines in the colours of their errors.

Imports metrics and core; Pillow inside functions.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pybridge.core.comparison import ComparisonResult
from pybridge.core.image import Image
from pybridge.core.planes import planes_of
from pybridge.metrics.object_errors import find_object_errors
from pybridge.metrics.overlaps import overlaps
from pybridge.reporting.error_image import COLOURS, MISSED, kinds_of_objects
from pybridge.reporting.overlay import OBJECT_COLOURS, inner_edges, stretch_contrast

_DIMMED = 0.75  # outlines must be seen on the brightest objects


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """One plane of one image with the labels of one method.

    Parameters
    ----------
    plane : ndarray, shape (Y, X)
        The image.
    labels : ndarray of int, shape (Y, X)
        What the method found.
    truth : ndarray of int, shape (Y, X), or None
        What there is.
    """

    plane: NDArray[Any]
    labels: NDArray[Any]
    truth: NDArray[Any] | None


def view_of(result: ComparisonResult, method: int, image: int) -> View | None:
    """Give the plane of an image that has most objects, with the labels of a method; None where the method failed.

    Parameters
    ----------
    result : ComparisonResult
    method : int
        Place in ``result.results``.
    image : int
        Place in ``result.images``.
    """
    packed = result.results[method][image]
    if packed is None:
        return None
    source = result.images[image]
    sizes = tuple(source.size_of(letter) for letter in "TZYX")
    labels = packed.unpack().reshape(sizes)
    truth = np.asarray(result.truths[image].tzcyx()).reshape((*sizes[:4], -1))[..., 0] if result.truths else None
    t, z = _fullest(labels if truth is None else truth)
    return View(
        _grey(source, result.record.parameters.get("channel"))[t, z],
        labels[t, z],
        None if truth is None else truth[t, z],
    )


def draw_view(view: View) -> NDArray[np.uint8]:
    """Draw the outlines of what was found on the image in grey, with truth in the colour of what became of each object.

    Right objects are green, spurious ones blue, pieces of a split one yellow, merged ones purple; objects of the truth
    that were missed are vermilion.

    Returns
    -------
    ndarray of uint8, shape (Y, X, 3)
    """
    picture = np.repeat((stretch_contrast(view.plane) * _DIMMED).astype(np.uint8)[..., None], 3, axis=2)
    if view.truth is None:
        _outline(picture, view.labels, OBJECT_COLOURS[view.labels.astype(np.int64) % len(OBJECT_COLOURS)])
        return picture
    errors = find_object_errors(overlaps(view.truth, view.labels))
    of_truth, of_result = kinds_of_objects(errors)
    missed = np.isin(view.truth, errors.truth_ids[of_truth == MISSED])
    _outline(picture, np.where(missed, view.truth, 0), COLOURS[np.full(view.truth.shape, MISSED)])
    if of_result.size:
        places = np.searchsorted(errors.result_ids, view.labels).clip(max=of_result.size - 1)
        _outline(picture, view.labels, COLOURS[of_result[places]])
    return picture


def _outline(picture: NDArray[np.uint8], labels: NDArray[Any], colours: NDArray[np.uint8]) -> None:
    """Draw the edges of objects two pixels wide, inwards, in the colours that their pixels have, shape (Y, X, 3)."""
    edge = inner_edges(labels)
    wide = edge.copy()
    wide[1:] |= edge[:-1]
    wide[:-1] |= edge[1:]
    wide[:, 1:] |= edge[:, :-1]
    wide[:, :-1] |= edge[:, 1:]
    wide &= labels != 0
    picture[wide] = colours[wide]


def _fullest(labels: NDArray[Any]) -> tuple[int, int]:
    covered = np.count_nonzero(labels, axis=(2, 3))
    t, z = np.unravel_index(int(covered.argmax()), covered.shape)
    return int(t), int(z)


def _grey(image: Image, channel: str | None) -> NDArray[Any]:
    """Give one channel of an image, shape (T, Z, Y, X): the one that was used when it was named, else the first."""
    several = image.size_of("C") > 1
    wanted = channel if channel is not None else "1" if several else None
    return planes_of(image, channels=1, wanted=wanted).pixels[:, :, 0]
