"""The images of a comparison and their truths, read and checked; those that cannot be used are named.

Imports core; the rooms below inside functions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pybridge.core.comparison import Failure
from pybridge.core.comparison_metrics import SEGMENT
from pybridge.core.errors import CancelledError, PyBridgeError, UsageError
from pybridge.core.image import Image
from pybridge.tasks.images import ImageLike, to_image

_OWN_TRUTH = (
    "is its own truth, with the same pixels: the raw image comes first by itself, and scores only tell how much a "
    "method changes it"
)


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """An image and its truth.

    Parameters
    ----------
    image : Image
    truth : Image or None
    labels : ndarray of int32, shape (T, Z, Y, X), or None
        The truth as labels, where objects are compared.
    source, source_truth : Image or None
        Image and truth as they were given, when a channel was taken out of them.
    warnings : tuple of str
        What is odd about the truth.
    """

    image: Image
    truth: Image | None = None
    labels: NDArray[np.int32] | None = None
    warnings: tuple[str, ...] = ()
    source: Image | None = None
    source_truth: Image | None = None


def read_cases(
    images: Sequence[ImageLike], truths: Sequence[ImageLike] | None, *, task: str = SEGMENT, channel: str | None = None
) -> tuple[list[Case], list[Failure]]:
    """Read images and truths, labels or images as they should look; those that cannot be used are named."""
    if truths is not None and len(truths) != len(images):
        raise UsageError(
            f"compare on {len(images)} image(s)",
            found=f"{len(truths)} truth(s)",
            do="give one truth for each image, in the same order",
        )
    cases: list[Case] = []
    failures: list[Failure] = []
    errors: list[PyBridgeError] = []
    for number, given in enumerate(images):
        try:
            cases.append(_read_case(given, None if truths is None else truths[number], task, channel))
        except CancelledError:
            raise
        except PyBridgeError as error:
            errors.append(error)
            name = given.name if isinstance(given, Image) else str(given)
            failures.append(Failure("", name if isinstance(name, str) else "image", str(error)))
    if not cases:
        if errors:
            raise errors[0]
        raise UsageError("compare methods", found="no image was given", do="give at least one image")
    return cases, failures


def _read_case(given: ImageLike, truth: ImageLike | None, task: str, channel: str | None) -> Case:
    from pybridge.tasks.evaluate_checks import check_same_pixels, has_same_pixels
    from pybridge.tasks.evaluate_restore import check_grey
    from pybridge.tasks.truth import open_truth, truth_labels

    image = to_image(given)
    if truth is None:
        return Case(image)
    expected = open_truth(truth, like=image)
    if task != SEGMENT:
        taken, like = image, expected
        if channel is not None:
            taken = _channel_of(image, channel)
            alike = expected.size_of("C") == image.size_of("C") and not expected.is_rgb
            like = _channel_of(expected, channel) if alike else expected
        _, warnings = check_same_pixels(taken, like)
        check_grey(like, role="truth")
        # Not refused, as labels are: a clean image shows whether a method leaves it alone.
        if has_same_pixels(taken, like):
            warnings = (*warnings, f"{image.name} {_OWN_TRUTH}")
        return Case(taken, like, warnings=warnings, source=image, source_truth=expected)
    labels, warnings = truth_labels(expected, like=image)
    return Case(image, expected, labels, warnings)


def _channel_of(image: Image, channel: str) -> Image:
    from pybridge.core.planes import planes_of

    if image.size_of("C") == 1 and not image.is_rgb:
        return image
    pixels = planes_of(image, channels=1, wanted=channel).pixels
    axes = "".join(letter for letter in "TZ" if letter in image.axes) + "YX"
    shape = [image.size_of(letter) for letter in axes]
    return image.replace(array=np.asarray(pixels).reshape(shape), axes=axes, name=image.name)
