"""Spots do not depend on how grey values are stored, and their size is found however many there are."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from pybridge.baselines.spots import SpotOptions, find_spots

SHAPE = (150, 210)


def places(count: int, *, apart: float, seed: int = 0) -> NDArray[np.float64]:
    """Scatter places that are no nearer to each other than ``apart``, and away from the border."""
    rng = np.random.default_rng(seed)
    found: list[NDArray[np.float64]] = []
    while len(found) < count:
        place = rng.uniform(12, np.array(SHAPE) - 12)
        if all(np.hypot(*(place - other)) >= apart for other in found):
            found.append(place)
    return np.array(found)


def scene(count: int, sigma: float, *, height: float = 300, noise: float = 3, seed: int = 0) -> NDArray[np.float64]:
    y, x = np.mgrid[: SHAPE[0], : SHAPE[1]]
    plane = np.random.default_rng(seed).normal(0, noise, SHAPE)
    for a, b in places(count, apart=4 * sigma, seed=seed):
        plane += height * np.exp(-((y - a) ** 2 + (x - b) ** 2) / (2 * sigma**2))
    return plane


def labels_of(plane: NDArray[Any], **options: Any) -> NDArray[np.int32]:
    return find_spots(plane, SpotOptions(**options))[0].labels


WHOLE = np.rint(scene(12, 2)).astype(np.int64)


@pytest.mark.parametrize(
    "stored",
    [
        WHOLE + 5000,
        WHOLE - 10**7,
        WHOLE + 2**60,
        (WHOLE + 2**40).astype(np.uint64) + np.uint64(2**62),
        (WHOLE + 1000).astype(np.uint16),
        (WHOLE + 1000).astype(">u2"),
        (WHOLE + 10**6).astype(np.float32),
        WHOLE.astype(np.float16),
        WHOLE * 1e-30,
        WHOLE * 7 + 0.5,
    ],
    ids=["offset", "negative", "int64", "uint64", "uint16", "big-endian", "float32", "float16", "tiny", "scaled"],
)
def test_offset_scale_and_type_do_not_matter(stored):
    expected = labels_of(WHOLE)
    assert expected.max() == 12
    np.testing.assert_array_equal(labels_of(stored), expected)


def test_dark_spots_are_found_as_bright_ones_are():
    np.testing.assert_array_equal(labels_of(40000 - WHOLE, objects="dark"), labels_of(WHOLE))


def test_what_held_is_told_in_the_units_of_the_image():
    once, scaled = (find_spots(plane, SpotOptions())[1] for plane in (WHOLE + 1000, 7 * WHOLE + 1000))
    assert once.noise == pytest.approx(3, rel=0.1)
    assert (scaled.noise, scaled.contrast) == pytest.approx((7 * once.noise, 7 * once.contrast))


def test_a_spot_of_its_own_size_answers_its_height():
    plane = scene(1, 2, noise=0)
    for least, count in ((295, 1), (301, 0)):
        assert labels_of(plane + 900, diameter=4 * 2**0.5, contrast=least).max() == count


@pytest.mark.parametrize("value", [0, 100, 65535, -3.5])
def test_a_constant_plane_has_no_spots(value):
    for options in ({}, {"diameter": 5}, {"contrast": 0}):
        assert labels_of(np.full((40, 60), value), **options).max() == 0


def test_a_spot_without_noise_on_an_offset_stays_small():
    labels = labels_of(scene(1, 2, noise=0) + 100)
    assert labels.max() == 1
    assert 9 <= np.count_nonzero(labels) <= 25


@pytest.mark.parametrize("count", [3, 30, 100])
@pytest.mark.parametrize("sigma", [1.0, 1.7, 2.8])
def test_the_size_is_found_however_many_spots_there_are(sigma, count):
    found, choice = find_spots(scene(count, sigma, seed=count + 1) + 500, SpotOptions())
    assert choice.diameter == pytest.approx(2 * 2**0.5 * sigma, rel=0.15)
    assert found.labels.max() == count


def test_a_ground_cut_off_at_zero_is_no_field_of_spots():
    rng = np.random.default_rng(1)
    ground = np.clip(np.rint(rng.normal(0, 10, SHAPE)), 0, None)
    for plane, count in ((ground, 0), (np.maximum(ground, np.rint(scene(6, 1.4, noise=0))), 6)):
        assert labels_of(plane.astype(np.uint16)).max() == count


def test_noise_at_the_border_is_no_spot():
    # Mirrored there, a pixel counts twice; thin planes are hardly more than border.
    rng = np.random.default_rng(0)
    found = [labels_of(rng.normal(0, 10, (4, 3000)), diameter=diameter).max() for diameter in (3, 6, 11) for _ in "abc"]
    assert sum(found) <= 1


@pytest.mark.parametrize("shape", [(1, 1), (1, 7), (2, 3), (5, 1)])
def test_planes_of_a_few_pixels_are_no_error(shape):
    assert labels_of(np.arange(np.prod(shape)).reshape(shape)).shape == shape
