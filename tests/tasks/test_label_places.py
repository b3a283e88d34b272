"""Which labels are one volume, and which were made slice by slice."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from skimage.measure import label

import pybridge
from pybridge.core.image import Image
from pybridge.tasks.label_places import Slices, scored_places, slices_of


def scattered(slices: int = 5, *, seed: int = 0) -> NDArray[np.int32]:
    """Squares at other places on every slice, numbered from 1 on each."""
    draws = np.random.default_rng(seed)
    planes = np.zeros((slices, 60, 70), bool)
    for plane in planes:
        for place in draws.permutation(30)[: draws.integers(3, 9)]:
            y, x = divmod(int(place), 6)
            plane[y * 12 : y * 12 + 8, x * 12 - (x == 5) * 2 : x * 12 + 8] = True
    return renumbered(planes)


def columns(slices: int = 12) -> NDArray[np.int32]:
    """Objects of a volume that begin and end on different slices, one of them leaning."""
    volume = np.zeros((slices, 60, 70), np.int32)
    for number in range(12):
        y, x = divmod(number, 4)
        first = number % 5
        volume[first : first + 4, y * 15 : y * 15 + 9, x * 15 : x * 15 + 9] = number + 1
    for z in range(slices):
        volume[z, 50:52, z * 2 : z * 2 + 2] = 99
    return volume


def renumbered(volume: NDArray[Any]) -> NDArray[np.int32]:
    """Count the objects of every slice from 1."""
    counted: list[NDArray[np.int32]] = [label(plane) for plane in volume]  # type: ignore[no-untyped-call]
    return np.stack(counted).astype(np.int32)


def evaluate(result: NDArray[Any], truth: NDArray[Any]) -> tuple[float, int, tuple[str, ...]]:
    scored = pybridge.evaluate(Image(result, "ZYX", "mine"), Image(truth, "ZYX", "cells"))
    return scored.table["Mean AP"].tolist()[0], scored.table["Truth"].tolist()[0], scored.record.warnings


def test_perfect_slices_that_are_all_numbered_from_1_are_perfect() -> None:
    counted = scattered()
    numbers = np.cumsum([0, *counted.max((1, 2))[:-1]])[:, None, None]
    unique = np.where(counted > 0, counted + numbers, 0).astype(np.int32)
    for truth in (unique, counted):
        score, objects, warnings = evaluate(counted, truth)
        assert (score, objects) == (1.0, unique.max())
        assert any("ids of the result recur on several slices" in each for each in warnings)


def test_slices_of_a_volume_numbered_from_1_are_scored_against_its_slices() -> None:
    volume = columns()
    score, objects, warnings = evaluate(renumbered(volume), volume)
    assert (score, objects) == (1.0, sum(np.unique(plane[plane > 0]).size for plane in volume))
    assert any("recur on several slices" in each for each in warnings)


def test_volumes_are_scored_as_volumes() -> None:
    volume = columns()
    assert evaluate(volume, volume) == (1.0, 13, ())
    assert slices_of(volume[None]) is Slices.VOLUME


def test_a_volume_against_a_truth_of_single_slices_is_scored_by_slices() -> None:
    volume = columns()
    counted = renumbered(volume)
    numbers = np.arange(len(volume), dtype=np.int32)[:, None, None] * 100
    for truth, said in ((counted + numbers * (counted > 0), "on one each"), (counted, "ids of cells recur")):
        score, _, warnings = evaluate(volume, truth)
        assert score == 1.0
        assert any(said in each and "scored slice by slice" in each for each in warnings)


@pytest.mark.parametrize(
    ("found", "truth", "is_volume"),
    [
        (columns() * 0, columns(), True),
        (columns(), columns() * 0, True),
        (columns() * 0, scattered(12), False),
        (columns() * 0, columns() * 0, False),
    ],
)
def test_a_side_without_objects_has_no_say(found: NDArray[np.int32], truth: NDArray[np.int32], is_volume: bool) -> None:
    places, warnings = scored_places(found[None], truth[None], name="cells")
    assert warnings == ()
    assert places == ([(0,)] if is_volume else [(0, z) for z in range(12)])


def test_large_ids_are_ids_like_others() -> None:
    volume, counted = columns() * 20_000_000, scattered() * 20_000_000
    assert (slices_of(volume[None]), slices_of(counted[None])) == (Slices.VOLUME, Slices.RENUMBERED)


def test_frames_of_planes_are_planes() -> None:
    frames = columns()[:, None]
    assert scored_places(frames, frames, name="cells") == ([(t, 0) for t in range(12)], ())
