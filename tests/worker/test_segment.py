"""What ``PyBridge Segment`` describes for Fiji."""

from __future__ import annotations

import numpy as np

from pybridge.worker.segment import warning_lines
from pybridge.worker.work import form_from_wire
from tests.builders.fiji_side import form_of


def test_warnings_are_one_line_of_the_log() -> None:
    form = form_from_wire(form_of(np.zeros((1, 1, 1, 5, 7), np.uint8)))
    assert form is not None
    assert warning_lines("PyBridge Segment", form, ("a", "b")) == ("PyBridge Segment, my cells.tif: a; b",)
    assert warning_lines("PyBridge Segment", form, ()) == ()
