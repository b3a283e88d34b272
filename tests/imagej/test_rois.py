"""Objects as ROIs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pybridge.core.errors import ImageError
from pybridge.core.image import Calibration, Image
from pybridge.imagej import Gateway
from pybridge.imagej.convert import image_to_imageplus
from pybridge.imagej.jvm import java_class
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


def test_labels_that_became_rois_come_back_as_they_were(gateway: Gateway) -> None:
    labels = np.zeros((2, 3, 11, 17), np.int32)
    labels[0, 1, 1:6, 2:9] = 7
    labels[0, 1, 3, 4:6] = 0  # a hole
    labels[0, 2, 1:6, 2:9] = 7  # the same object in the next slice
    labels[1, 0, 7:10, 1:4] = 300
    labels[1, 2, 8, 6:9] = 2
    image = Image(labels, "TZYX", name="a.tif", calibration=Calibration(x=0.5, y=0.5, z=2, unit="µm"))
    imp = gateway.to_imageplus(image)
    rois = gateway.labels_to_rois(image)
    for given in (rois, overlay_of(rois)):
        for source in (image, imp):
            back = gateway.rois_to_labels(given, image=source)
            assert (back.axes, back.calibration, back.name) == ("TZYX", image.calibration, "a-labels")
            np.testing.assert_array_equal(back.array, labels)


def test_rois_of_a_file_and_a_single_one_are_taken(gateway: Gateway, tmp_path: Path) -> None:
    labels = Image(np.pad(np.full((3, 4), 5, np.int32), 2), "YX")
    (roi,) = gateway.labels_to_rois(labels.array)
    java_class("ij.io.RoiEncoder").save(roi, str(tmp_path / "5.roi"))
    for given in (roi, tmp_path / "5.roi"):
        np.testing.assert_array_equal(gateway.rois_to_labels(given, image=labels).array, labels.array)


def test_rois_with_names_of_their_own_are_numbered(gateway: Gateway) -> None:
    rois = [java_class("ij.gui.Roi")(1, 1, 3, 2), java_class("ij.gui.OvalRoi")(8, 4, 5, 5)]
    rois[0].setName("nucleus")
    found = gateway.rois_to_labels(rois, image=Image(np.zeros((2, 11, 17)), "CYX"))
    assert found.axes == "YX"
    assert [int((found.array == number).sum()) for number in (1, 2)] == [6, 21]


def test_what_is_no_roi_is_named(gateway: Gateway) -> None:
    with pytest.raises(ImageError, match="int, no ROI of ImageJ"):
        gateway.rois_to_labels([1, 2], image=Image(np.zeros((5, 7)), "YX"))


def overlay_of(rois: list[Any]) -> Any:
    overlay = java_class("ij.gui.Overlay")()
    for roi in rois:
        overlay.add(roi)
    return overlay
