"""Simulated nuclei."""

import numpy as np
import pytest

from pybridge.core.errors import UsageError
from pybridge.samples import simulate_nuclei


def test_the_same_seed_gives_the_same_image_and_another_seed_another():
    first, again, other = (simulate_nuclei(shape=(80, 96), count=6, seed=seed)[0].sha256_pixels() for seed in (1, 1, 2))
    assert first == again != other


def test_nuclei_are_brighter_than_background_and_numbered_from_one():
    image, truth = simulate_nuclei(shape=(160, 192), count=15)
    assert image.array.dtype == np.uint16
    assert image.calibration.unit == "µm"
    assert np.unique(truth.array).tolist() == list(range(truth.array.max() + 1))
    assert image.array[truth.array > 0].mean() > 2 * image.array[truth.array == 0].mean()


def test_a_full_image_gets_fewer_nuclei_rather_than_overlapping_ones():
    _, truth = simulate_nuclei(shape=(64, 64), count=500)
    assert 3 < truth.array.max() < 60


def test_impossible_wishes_are_refused():
    with pytest.raises(UsageError, match="too small or negative"):
        simulate_nuclei(count=-1)
