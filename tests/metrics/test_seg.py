"""SEG, against py-ctcmetrics."""

from __future__ import annotations

import math

import numpy as np
import pytest
import tifffile

from pybridge.metrics.overlaps import overlaps
from pybridge.metrics.seg import seg_measure, seg_of_objects
from tests.builders.scored_pairs import named_pair


@pytest.mark.parametrize("name", ["flat", "crowd", "stack"])
def test_seg_equals_that_of_ctcmetrics(tmp_path, name):
    from ctc_metrics.metrics import seg
    from ctc_metrics.utils.representations import match

    truth, result = named_pair(name)
    for role, labels in (("truth", truth), ("result", result)):
        tifffile.imwrite(tmp_path / f"{role}.tif", labels)
    ids, _, _, _, iou = match(str(tmp_path / "truth.tif"), str(tmp_path / "result.tif"))
    assert seg_measure(overlaps(truth, result)) == pytest.approx(seg([ids], [iou]), abs=1e-12)


def test_a_result_object_may_stand_for_several():
    truth = np.array([[1, 1, 1, 2, 2, 2]])
    assert seg_of_objects(overlaps(truth, np.full((1, 6), 9))).tolist() == [0.5, 0.5]


def test_half_is_not_enough_and_spurious_objects_do_not_count():
    truth = np.array([[1, 1, 0, 0, 0]])
    result = np.array([[0, 4, 0, 5, 6]])
    assert seg_measure(overlaps(truth, result)) == 0.0


def test_without_truth_objects_seg_is_undefined():
    empty, full = np.zeros((5, 7), int), np.ones((5, 7), int)
    assert math.isnan(seg_measure(overlaps(empty, full)))
    assert seg_measure(overlaps(full, empty)) == 0.0
