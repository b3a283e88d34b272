"""Warnings of a comparison: what some methods alone warn of is told with their names."""

from __future__ import annotations

import pytest

import pybridge
from pybridge.samples import simulate_nuclei

GOOD, NOTHING = "baseline:otsu-watershed", "baseline:otsu-watershed:max_size=1"
LESS = "baseline:otsu-watershed:max_size=2"


def warnings_of(*models: str) -> tuple[str, ...]:
    image, truth = simulate_nuclei(shape=(96, 128), count=8, seed=0)
    return pybridge.compare([image], model=list(models), truth=[truth]).record.warnings


def test_that_one_method_found_nothing_is_told_of_that_method() -> None:
    told = [each for each in warnings_of(GOOD, NOTHING) if "no object was found" in each]
    assert len(told) == 1
    assert told[0].startswith(f"{NOTHING}: no object was found in ")


def test_each_of_several_methods_that_found_nothing_is_named() -> None:
    told = [each for each in warnings_of(GOOD, NOTHING, LESS) if "no object was found" in each]
    assert [each.partition(": no object")[0] for each in told] == [NOTHING, LESS]


@pytest.mark.parametrize("models", [(NOTHING,), (NOTHING, LESS)])
def test_what_all_methods_say_is_told_once(models: tuple[str, ...]) -> None:
    told = [each for each in warnings_of(*models) if "no object was found" in each]
    assert len(told) == 1
    assert told[0].startswith("no object was found in ")
