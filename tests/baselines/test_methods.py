"""The classical methods on images whose answer is known: noise, slopes, touching discs, specks, spots."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import pybridge
from pybridge.baselines.denoising import GaussianOptions, MeansOptions, MedianOptions, denoise_plane
from pybridge.baselines.foreground import estimate_noise, find_background
from pybridge.baselines.spots import SpotOptions, find_spots
from pybridge.baselines.threshold_watershed import filter_objects, segment_plane
from pybridge.baselines.watershed_options import WatershedOptions
from pybridge.core.baseline_names import SEGMENTING, THRESHOLDS
from pybridge.core.errors import ImageError, UsageError
from pybridge.core.image import Image
from pybridge.metrics.detection import match, overlaps

NAMES = [name.removesuffix("-watershed") for name in THRESHOLDS]
RANDOM = np.random.default_rng(20261122)


def discs(shape, *circles, level=100.0):
    y, x = np.mgrid[: shape[0], : shape[1]]
    labels = np.zeros(shape, np.int32)
    for number, (cy, cx, radius) in enumerate(circles, 1):
        labels[(y - cy) ** 2 + (x - cx) ** 2 <= radius**2] = number
    return labels, np.where(labels > 0, level, 0.0)


def found(plane, name="otsu", **options):
    return segment_plane(plane, name, WatershedOptions(**options))[0].labels


def counts_right(truth, labels, *, iou=0.75):
    return match(overlaps(truth, labels), thresholds=(iou,)).counts[0]


@pytest.mark.parametrize("name", NAMES)
def test_discs_in_noise_are_found_each_once(name):
    truth, plane = discs((110, 150), (30, 30, 14), (30, 90, 10), (80, 50, 18), (80, 120, 12))
    noisy = (plane + 200 + RANDOM.normal(0, 8, plane.shape)).astype(np.uint16)
    assert counts_right(truth, found(noisy, name)).tp == 4
    assert found(noisy, name).max() == 4


def test_round_objects_do_not_shatter_and_touching_ones_are_parted():
    truth, plane = discs((90, 160), (45, 40, 24), (45, 100, 16), (45, 130, 16))
    labels = found(plane + RANDOM.normal(20, 3, plane.shape))
    assert labels.max() == 3
    assert counts_right(truth, labels).tp == 3


def test_a_dim_object_beside_a_bright_one_keeps_its_size():
    truth, plane = discs((80, 140), (40, 35, 18), (40, 100, 18))
    plane = np.where(truth == 2, 170.0, plane * 3)
    labels = found(plane + RANDOM.normal(30, 2, plane.shape))
    assert counts_right(truth, labels, iou=0.85).tp == 2


def test_a_slope_of_the_background_is_taken_away():
    truth, plane = discs((160, 240), *((y, x, 9) for y in (30, 80, 130) for x in (30, 90, 150, 210)))
    slope = np.linspace(0, 250, 240)[None]
    tilted = plane + slope + RANDOM.normal(50, 3, plane.shape)
    assert counts_right(truth, found(tilted)).tp == 12
    assert counts_right(truth, found(tilted, background=0.0)).tp < 12


def test_dark_objects_are_found_when_asked_for():
    truth, plane = discs((80, 140), (40, 35, 18), (40, 100, 12))
    labels = found(250 - plane, objects="dark")
    assert counts_right(truth, labels).tp == 2


def test_filters_of_size_and_roundness():
    labels, _ = discs((60, 100), (20, 20, 10), (20, 60, 5))
    labels[50, 10:90] = 3
    kept = filter_objects(labels, min_size=0, max_size=None, roundness=0.5, exclude_border=False)
    assert kept.max() == 2
    kept = filter_objects(labels, min_size=100, max_size=None, roundness=0, exclude_border=False)
    assert kept.max() == 1
    kept = filter_objects(labels, min_size=0, max_size=90, roundness=0, exclude_border=False)
    assert set(np.unique(labels[kept > 0])) == {2, 3}


@settings(deadline=None, max_examples=15)
@given(
    name=st.sampled_from(NAMES),
    height=st.integers(1, 40),
    width=st.integers(1, 40),
    seed=st.integers(0, 1000),
    dtype=st.sampled_from([np.uint8, np.uint16, np.float32, np.bool_]),
)
def test_any_plane_gives_consecutive_ids(name, height, width, seed, dtype):
    plane = np.random.default_rng(seed).gamma(1.0, 30, (height, width)).astype(dtype)
    decoded, _ = segment_plane(plane, name, WatershedOptions())
    assert decoded.labels.shape == plane.shape
    assert sorted(set(np.unique(decoded.labels)) - {0}) == list(range(1, len(decoded.confidence) + 1))


@settings(deadline=None, max_examples=10)
@given(gain=st.floats(0.1, 50), offset=st.floats(-500, 500))
def test_brightness_and_offset_do_not_matter(gain, offset):
    truth, plane = discs((60, 90), (30, 25, 12), (30, 65, 9))
    plane = plane + np.random.default_rng(1).normal(0, 4, plane.shape)
    decoded = found(plane * gain + offset)
    assert counts_right(truth, decoded).tp == 2


def test_the_noise_of_a_textured_image_is_estimated():
    y, x = np.mgrid[:200, :200]
    smooth = 100 * np.sin(y / 15) * np.cos(x / 20)
    assert estimate_noise(smooth + RANDOM.normal(0, 5, smooth.shape)) == pytest.approx(5, rel=0.1)
    assert estimate_noise(np.zeros((2, 9))) == 0


def test_the_background_of_small_images_is_one_level():
    assert np.ptp(find_background(np.full((5, 7), 3, np.float32), 64)) == 0


def test_spots_are_found_at_their_places():
    y, x = np.mgrid[:100, :140]
    places = [(20, 20), (20, 27), (50, 100), (80, 60), (81, 130)]
    plane = sum(80 * np.exp(-((y - a) ** 2 + (x - b) ** 2) / (2 * 1.5**2)) for a, b in places)
    labels = find_spots(plane + RANDOM.normal(100, 3, plane.shape), SpotOptions())[0].labels
    assert len({labels[place] for place in places} - {0}) == labels.max() == len(places)


def test_noise_alone_has_hardly_any_spot():
    noise = RANDOM.normal(100, 10, (200, 200))
    assert find_spots(noise, SpotOptions())[0].labels.max() <= 2


def test_spots_take_no_overlap():
    with pytest.raises(UsageError, match=r"overlap=0.5 with 'baseline:log-spots'"):
        pybridge.segment(Image(np.eye(20), "YX"), model="baseline:log-spots", overlap=0.5)


@pytest.mark.parametrize("name", [name for name in SEGMENTING if name != "pixel-forest"])
def test_every_method_runs_by_its_name_and_refuses_what_is_no_number(name):
    _, plane = discs((40, 60), (20, 20, 8))
    result = pybridge.segment(Image(plane + RANDOM.normal(0, 3, plane.shape), "YX"), model=f"baseline:{name}")
    assert result.labels.array.max() >= 1
    plane[3, 4] = np.nan
    with pytest.raises(ImageError, match="1 of 2400 pixels are NaN"):
        pybridge.segment(Image(plane, "YX", name="holes"), model=f"baseline:{name}")


@pytest.mark.parametrize("options", [GaussianOptions(), MedianOptions(), MeansOptions()])
def test_denoisers_bring_an_image_nearer_to_the_truth(options):
    _, plane = discs((60, 90), (30, 25, 12), (30, 65, 9))
    noisy = plane + RANDOM.normal(0, 15, plane.shape)
    clean = denoise_plane(noisy, options)
    assert clean.dtype == np.float32
    assert np.square(clean - plane).mean() < 0.5 * np.square(noisy - plane).mean()


def test_non_local_means_leaves_an_image_without_noise():
    _, plane = discs((60, 90), (30, 25, 12))
    np.testing.assert_array_equal(denoise_plane(plane, MeansOptions()), plane.astype(np.float32))
