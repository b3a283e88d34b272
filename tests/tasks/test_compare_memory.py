"""The memory of a method: its own, whatever ran before it."""

from __future__ import annotations

import math

import numpy as np
import pytest

import pybridge
from pybridge.core.comparison import ComparedMethod
from pybridge.samples import simulate_nuclei
from pybridge.tasks import compare_method

OTSU, LI = "baseline:otsu-watershed", "baseline:li-watershed"
LARGE_MIB = 300


def memory_of(models: list[str]) -> dict[str, float]:
    image, truth = simulate_nuclei(shape=(96, 128), count=6, seed=0)
    methods = pybridge.compare(image, model=models, truth=truth).comparison.methods
    return {method.model: method.own_memory_mib for method in methods}


def test_what_the_process_held_before_is_no_memory_of_a_method() -> None:
    held = np.ones(LARGE_MIB << 17)
    found = memory_of([OTSU, LI])
    assert held[0] == 1
    assert all(math.isnan(mib) or mib < LARGE_MIB / 2 for mib in found.values())


def test_the_order_does_not_change_who_looks_large(monkeypatch: pytest.MonkeyPatch) -> None:
    segment_image = compare_method.segment_image

    def greedy(image, settings):
        if settings.model == OTSU:
            np.ones(LARGE_MIB << 17)
        return segment_image(image, settings)

    monkeypatch.setattr(compare_method, "segment_image", greedy)
    for order in ([OTSU, LI], [LI, OTSU]):
        found = memory_of(order)
        if any(math.isnan(mib) for mib in found.values()):
            pytest.skip("this system does not tell the highest memory")
        assert found[OTSU] > LARGE_MIB * 0.9
        assert found[LI] < LARGE_MIB / 2


def test_results_that_are_kept_are_no_memory_of_a_method() -> None:
    rng = np.random.default_rng(0)
    images = [rng.normal(100, 20, (512, 512)).astype(np.float32) for _ in range(24)]
    one, many = (
        pybridge.compare(some, model=["baseline:median"], truth=some, task="restore").comparison.methods
        for some in (images[:1], images)
    )
    for few, more in zip(sorted(one, key=name_of), sorted(many, key=name_of), strict=True):
        assert math.isnan(more.own_memory_mib) or more.own_memory_mib < few.own_memory_mib + 10, few.model


def name_of(method: ComparedMethod) -> str:
    return method.model
