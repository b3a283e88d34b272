"""What an image is like, measured on images of known noise and blur."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from pybridge.metrics.intensity import measure_look


def scene(*, blur, noise=0.0, seed=1):
    """Blurred discs on a slope."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[:150, :210]
    plane = 100.0 + 0.5 * x
    for _ in range(25):
        plane[np.hypot(y - random.uniform(0, 150), x - random.uniform(0, 210)) < random.uniform(4, 11)] += 300
    return gaussian_filter(plane, blur) + random.normal(0, noise, plane.shape)


@pytest.mark.parametrize("noise", [2.0, 10.0, 40.0])
@pytest.mark.parametrize("kind", [np.float32, np.uint16])
def test_noise_is_found_below_the_detail(noise, kind):
    plane = np.rint(scene(blur=2, noise=noise) + 200).astype(kind)
    look = measure_look(plane)
    assert look.noise * (look.high - look.low) == pytest.approx(noise, rel=0.1)


def test_clipped_background_does_not_hide_the_noise():
    plane = np.maximum(scene(blur=2, noise=10) - 300, 0)
    look = measure_look(plane)
    assert look.noise * (look.high - look.low) > 3


def test_sharpness_falls_with_blur_and_does_not_depend_on_brightness():
    sharp, soft, softer = (measure_look(scene(blur=blur)).sharpness for blur in (0.5, 1.5, 4))
    assert sharp > 1.3 * soft > 1.3 * 1.3 * softer
    assert measure_look(7 * scene(blur=1.5) + 900).sharpness == pytest.approx(soft, rel=1e-3)


@pytest.mark.parametrize("plane", [np.full((9, 13), 5, np.uint8), np.arange(12).reshape(3, 4)])
def test_images_without_detail_are_measured_too(plane):
    look = measure_look(plane)
    assert (look.noise, look.sharpness) == (0.0, 0.0)
    assert look.low <= look.median <= look.high


def test_transposing_changes_nothing():
    plane = scene(blur=1, noise=5)
    one, other = measure_look(plane), measure_look(plane.T)
    assert (one.noise, one.sharpness) == pytest.approx((other.noise, other.sharpness), rel=1e-5)
