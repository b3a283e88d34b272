"""What ``PyBridge Segment`` describes for Fiji."""

from __future__ import annotations

import numpy as np

import pybridge
from pybridge.core.image import Image
from pybridge.worker.segment import open_segment, warning_lines
from pybridge.worker.work import ACTIVE, CallOptions, Fiji, form_from_wire
from tests.builders.fiji_side import form_of


def test_warnings_are_one_line_of_the_log() -> None:
    form = form_from_wire(form_of(np.zeros((1, 1, 1, 5, 7), np.uint8)))
    assert form is not None
    assert warning_lines("PyBridge Segment", form, ("a", "b")) == ("PyBridge Segment, my cells.tif: a; b",)
    assert warning_lines("PyBridge Segment", form, ()) == ()


def test_scores_against_a_truth_are_a_line_of_the_log() -> None:
    cells, truth = pybridge.samples.simulate_nuclei(shape=(96, 128), count=8)
    image = Image(cells.array, "YX", "my cells.tif")
    form = form_from_wire(form_of(np.asarray(image.tzcyx())))
    fiji = Fiji(imagej="1.54p", java="21", headless=True, titles=["my cells.tif"])
    options = "model=baseline:otsu-watershed"
    scored = open_segment(CallOptions(f"{options} truth=[the truth]", {}), form, fiji)
    *_, line = scored.run({ACTIVE: image, "the truth": truth}, None).lines
    expected = pybridge.segment(image, model="baseline:otsu-watershed", truth=truth).record.scores
    assert expected is not None
    assert line.startswith(f"PyBridge Segment, my cells.tif: AP at IoU 0.50: {expected['pooled']['0.50']['ap']:.3f} (")
    assert "mean AP at IoU 0.50 to 0.95" in line
    assert open_segment(CallOptions(options, {}), form, fiji).run({ACTIVE: image}, None).lines == ()
