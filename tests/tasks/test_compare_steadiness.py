"""Without truth: a consistency that means nothing is undefined and says why, and never a perfect score by accident."""

from __future__ import annotations

import math

import numpy as np
import pytest

from pybridge.core.image import Image
from pybridge.tasks.compare_method import MethodRun, _same_pixels, run_method
from pybridge.tasks.consistency import PERTURBATIONS
from pybridge.tasks.segment_settings import SegmentSettings


def discs(*places: tuple[int, int], radius: int = 5, value: int = 200) -> np.ndarray:
    y, x = np.mgrid[:90, :110]
    plane = np.zeros((90, 110), np.uint8)
    for a, b in places:
        plane[(y - a) ** 2 + (x - b) ** 2 <= radius**2] = value
    return plane


def run_on(plane: np.ndarray, model: str = "baseline:otsu-watershed") -> MethodRun:
    settings = SegmentSettings(model=model, device="cpu", table=False)
    return run_method([Image(plane, "YX", "cells.tif")], settings, perturbed=True)


def test_a_sparse_image_on_a_ground_of_one_value_is_perturbed_like_any_other():
    # The discs cover less than what percentiles leave out.
    run = run_on(np.pad(discs((20, 30), (60, 80)), 200))
    assert 0 < run.steadiness[0] < 1


def test_what_changes_nothing_does_not_count_and_is_named():
    run = run_on(discs((20, 30), (60, 80)))
    assert not math.isnan(run.steadiness[0])
    (warning,) = run.warnings
    assert warning.startswith(
        "'cells.tif' has the same pixels after gamma 0.7, gamma 1.4: consistency there rests on 2 of"
    )


def test_where_nothing_changes_consistency_is_undefined_with_a_warning(monkeypatch: pytest.MonkeyPatch):
    gammas = tuple(each for each in PERTURBATIONS if each.name.startswith("gamma"))
    monkeypatch.setattr("pybridge.tasks.compare_method.PERTURBATIONS", gammas)
    run = run_on(discs((20, 30), (60, 80)))
    assert math.isnan(run.steadiness[0])
    assert run.warnings[0].endswith("gamma 0.7, gamma 1.4: consistency there is undefined")


def test_finding_nothing_is_neither_steady_nor_unsteady():
    noise = np.random.default_rng(0).normal(100, 5, (90, 110)).astype(np.float32)
    run = run_on(noise, "baseline:log-spots")
    assert run.objects == [0]
    assert math.isnan(run.steadiness[0])
    assert run.warnings[-1:] == ["baseline:log-spots finds nothing in 'cells.tif': its consistency there is undefined"]


def test_only_the_channel_that_is_taken_says_whether_an_image_changed(monkeypatch: pytest.MonkeyPatch):
    gammas = tuple(each for each in PERTURBATIONS if each.name.startswith("gamma"))
    monkeypatch.setattr("pybridge.tasks.compare_method.PERTURBATIONS", gammas)
    cells = discs((20, 30), (60, 80))
    noise = np.random.default_rng(0).normal(100, 20, cells.shape).astype(np.uint8)
    image = Image(np.stack([cells, noise]), "CYX", "cells.tif")
    settings = SegmentSettings(model="baseline:otsu-watershed", device="cpu", table=False, channel="1")
    run = run_method([image], settings, perturbed=True)
    assert math.isnan(run.steadiness[0])
    assert run.warnings[0].endswith("gamma 0.7, gamma 1.4: consistency there is undefined")


def test_pixels_that_are_no_numbers_are_the_same_pixels():
    plane = np.array([[np.nan, 1.0]])
    assert _same_pixels(plane, plane.copy())
    assert not _same_pixels(plane, plane + 1)
