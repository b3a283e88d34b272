"""Objects as ROIs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pybridge.core.image import Image
from pybridge.imagej import Gateway
from pybridge.imagej.convert import image_to_imageplus
from pybridge.imagej.rois import labels_to_rois

pytestmark = pytest.mark.jvm


def pixels_of(roi: Any, shape: tuple[int, int]) -> np.ndarray[Any, Any]:
    """The pixels inside a ROI, as ImageJ sees them."""
    mask = np.zeros(shape, bool)
    for point in roi.getContainedPoints():
        mask[int(point.y), int(point.x)] = True
    return mask


def test_a_roi_covers_exactly_the_pixels_of_its_object(gateway: Gateway) -> None:
    labels = np.zeros((11, 17), np.int32)
    labels[1:6, 2:9] = 1
    labels[3, 4:6] = 0  # a hole
    labels[7:10, 1:4] = 3
    labels[8, 6:9] = 3  # two pieces
    labels[0, 16] = 2
    image = Image(labels, "YX")
    rois = list(labels_to_rois(image, imp=image_to_imageplus(image)))
    assert [str(roi.getName()) for roi in rois] == ["1", "2", "3"]
    for roi in rois:
        np.testing.assert_array_equal(pixels_of(roi, (11, 17)), labels == int(str(roi.getName())))


def test_rois_lie_at_their_slice_and_frame(gateway: Gateway) -> None:
    labels = np.zeros((2, 3, 5, 7), np.int32)
    labels[1, 2, 1:4, 1:4] = 1
    labels[0, 1, 2:5, 2:6] = 2
    image = Image(labels, "TZYX")
    imp = image_to_imageplus(image)
    places = {
        str(roi.getName()): (roi.getCPosition(), roi.getZPosition(), roi.getTPosition())
        for roi in labels_to_rois(image, imp=imp)
    }
    assert places == {"1": (1, 3, 2), "2": (1, 2, 1)}


def test_rois_of_a_plain_stack_have_a_slice(gateway: Gateway) -> None:
    labels = np.zeros((3, 5, 7), np.int32)
    labels[2, 1:4, 1:4] = 1
    image = Image(labels, "ZYX")
    (roi,) = labels_to_rois(image, imp=image_to_imageplus(image))
    assert roi.getPosition() == 3
