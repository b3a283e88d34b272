"""Channels of flipped outputs go back where they belong."""

import numpy as np
import pytest

from pybridge.runtime.mirror import Mirror
from pybridge.training.targets import offsets, star_convex
from tests.builders.blobs import paint_blobs


@pytest.mark.parametrize("flip", ["Y", "X", "YX"])
@pytest.mark.parametrize("rays", [8, 32])
def test_rays_of_a_mirrored_image_are_those_of_the_image(flip, rays):
    labels = paint_blobs(3)
    expected, _ = star_convex.targets_of(labels, rays=rays)
    axes = tuple("YX".index(letter) for letter in flip)
    mirrored, _ = star_convex.targets_of(np.ascontiguousarray(np.flip(labels, axes)), rays=rays)
    back = np.flip(mirrored, [axis + 1 for axis in axes]).copy()
    assert Mirror("star_convex", rays + 1).turn(back, flip, axis=0) == pytest.approx(expected, abs=1.01)
    # Rays are measured in whole steps, so that single ones may differ by rounding; misplaced ones differ by far more.
    assert np.abs(Mirror("star_convex", rays + 1).turn(back, flip, axis=0) - expected).mean() < 0.05


@pytest.mark.parametrize("flip", ["Y", "X", "YX"])
def test_offsets_of_a_mirrored_image_are_those_of_the_image(flip):
    labels = paint_blobs(3)
    expected, _ = offsets.targets_of(labels)
    axes = tuple("YX".index(letter) for letter in flip)
    mirrored, _ = offsets.targets_of(np.ascontiguousarray(np.flip(labels, axes)))
    back = np.flip(mirrored, [axis + 1 for axis in axes]).copy()
    assert Mirror("offsets", 3).turn(back, flip, axis=0) == pytest.approx(expected, abs=1e-3)


def test_an_odd_number_of_rays_is_flipped_along_y_alone():
    assert Mirror("star_convex", 8).flips == ("", "Y")
    assert Mirror("star_convex", 9).flips == ("", "Y", "X", "YX")
    assert Mirror("", 1).flips == ("", "Y", "X", "YX")
