"""What ``PyBridge Segment`` describes for Fiji."""

from __future__ import annotations

import numpy as np
from roifile import ImagejRoi

from pybridge.core.image import Image
from pybridge.reporting.roi_zip import MANY_ROIS
from pybridge.worker.segment import _rois, warning_lines
from pybridge.worker.work import form_from_wire
from tests.builders.fiji_side import form_of


def test_each_outline_has_its_label_and_its_place() -> None:
    labels = np.zeros((2, 3, 7, 11), np.uint16)
    labels[0, 1, 2:5, 3:6] = 1
    labels[1, 2, 2:5, 3:8], labels[1, 2, 3, 4] = 2, 0
    rois, warnings = _rois(Image(labels, "TZYX", "labels"))
    read = [ImagejRoi.frombytes(roi) for roi in rois]
    assert [(roi.name, roi.z_position, roi.t_position) for roi in read] == [("1", 2, 1), ("2", 3, 2)]
    assert warnings == ()


def test_more_objects_than_imagej_can_show_are_cut_with_a_message() -> None:
    labels = np.zeros((202, 202), np.uint16)
    labels[::2, ::2] = np.arange(1, 101 * 101 + 1).reshape(101, 101)
    rois, warnings = _rois(Image(labels, "YX", "labels"))
    assert len(rois) == MANY_ROIS < 101 * 101
    assert "only the first 10000 objects were outlined; rois=zip writes all" in warnings[0]


def test_warnings_are_one_line_of_the_log() -> None:
    form = form_from_wire(form_of(np.zeros((1, 1, 1, 5, 7), np.uint8)))
    assert form is not None
    assert warning_lines("PyBridge Segment", form, ("a", "b")) == ("PyBridge Segment, my cells.tif: a; b",)
    assert warning_lines("PyBridge Segment", form, ()) == ()
