import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from pybridge.core.lazy import LazyArray
from pybridge.runtime.pointwise import Affine, Limit
from pybridge.runtime.statistics import Sample, count_not_finite, pieces_of

SHAPE = (1, 5, 7)


@given(
    st.sampled_from(["int8", "int16", "int32", "float32", "float64"]).flatmap(
        lambda dtype: hnp.arrays(dtype, SHAPE, elements=st.integers(-120, 120))
    ),
    st.lists(st.floats(0, 100), min_size=1, max_size=4),
)
def test_percentiles_and_moments_are_those_of_numpy(pixels, wanted):
    sample = Sample(pixels, [])
    assert sample.percentiles(wanted) == pytest.approx(np.percentile(pixels.astype(float), wanted), abs=1e-9)
    moments = sample.moments()
    assert moments.mean == pytest.approx(pixels.mean(dtype=float), abs=1e-9)
    assert moments.std == pytest.approx(pixels.std(dtype=float), abs=1e-9)


@pytest.mark.parametrize("dtype", ["bool", "uint8", "uint16", "int16", "uint32", "float16", "float32", "float64"])
def test_statistics_of_large_arrays_of_any_layout(dtype):
    random = np.random.default_rng(0)
    pixels = random.normal(40, 20, (2, 1500, 1001)) > 30 if dtype == "bool" else random.gamma(2, 20, (2, 1500, 1001))
    pixels = pixels.astype(dtype)[:, ::-1, ::2]
    sample = Sample(pixels, [])
    exact = pixels.astype(float)
    assert sample.percentiles([0, 1, 50, 99.8, 100]) == pytest.approx(
        np.percentile(exact, [0, 1, 50, 99.8, 100]), rel=1e-6
    )
    assert (sample.moments().mean, sample.moments().std) == pytest.approx((exact.mean(), exact.std()), rel=1e-9)


@pytest.mark.parametrize("dtype", ["uint16", "float32"])
def test_statistics_see_what_was_done_before(dtype):
    pixels = np.random.default_rng(0).integers(0, 1000, (2, 30, 41)).astype(dtype)
    gain = np.array([2.0, 3.0]).reshape(2, 1, 1)
    before = [Affine.of(gain, np.full((1, 1, 1), -10.0)), Limit(np.full((1, 1, 1), 5.0), np.full((1, 1, 1), 900.0))]
    expected = np.clip(pixels * gain - 10, 5, 900)
    assert Sample(pixels, before).percentiles([3, 77]) == pytest.approx(np.percentile(expected, [3, 77]), rel=1e-6)
    one = [each.at((slice(1, 2),)) for each in before]
    assert Sample(pixels[1:], one).moments().mean == pytest.approx(expected[1:].mean(), rel=1e-6)


def test_a_single_pixel_has_statistics_too():
    sample = Sample(np.array([[[7]]], np.uint16), [])
    assert sample.percentiles([1, 99]) == [7.0, 7.0]
    assert (sample.moments().mean, sample.moments().std) == (7.0, 0.0)


def test_pixels_that_are_not_finite_are_counted():
    pixels = np.zeros((2, 3, 5))
    pixels[0, 1, 2], pixels[1, 0, 0] = np.nan, -np.inf
    assert count_not_finite(pixels) == 2
    assert count_not_finite(np.zeros((1, 2, 2), np.uint8)) == 0
    assert count_not_finite(np.array([[[1e38, -1e39, 1e300, np.nan]]])) == 3


@given(st.integers(1, 4), st.integers(1, 60), st.integers(1, 60), st.permutations(range(3)))
def test_pieces_hold_every_pixel_once(channels, height, width, order):
    pixels = np.arange(channels * height * width).reshape(channels, height, width).transpose(order)
    assert sorted(np.concatenate(list(pieces_of(pixels)))) == list(range(pixels.size))


def lazy(pixels, chunks=(1, 64, 50)):
    return LazyArray(pixels.__getitem__, shape=pixels.shape, dtype=pixels.dtype, chunks=chunks)


@pytest.mark.parametrize("dtype", ["bool", "uint8", "uint16", "int32", "float32", "float64"])
@pytest.mark.parametrize("before", [[], [Affine.of(np.array([2.0, 3.0]).reshape(2, 1, 1), np.zeros((1, 1, 1)))]])
def test_stored_pixels_have_the_statistics_of_the_same_pixels_in_memory(dtype, before):
    pixels = (np.random.default_rng(0).gamma(2, 20, (2, 301, 207)) - 9).clip(0).astype(dtype)
    stored, wanted = Sample(lazy(pixels), before), Sample(pixels, before)
    assert stored.percentiles([0, 1, 50, 99.8]) == wanted.percentiles([0, 1, 50, 99.8])
    assert stored.moments().mean == pytest.approx(wanted.moments().mean, rel=1e-12)
    assert stored.moments().std == pytest.approx(wanted.moments().std, rel=1e-12)


@given(
    hnp.arrays("float64", (1, 6, 7), elements=st.floats(-1e300, 1e300) | st.sampled_from([0.0, -0.0, 1e-310, 5.0])),
    st.lists(st.integers(0, 41), min_size=1, max_size=5),
)
def test_percentiles_of_doubles_are_exact(pixels, ranks):
    ordered = np.sort(pixels.ravel())
    assert Sample(pixels, [])._order_statistics(ranks) == [ordered[rank] for rank in ranks]


def test_pixels_that_are_mostly_one_value_take_no_memory():
    pixels = np.zeros((1, 2000, 2000), np.float32)
    pixels[0, 5, 5] = 3
    tracemalloc.start()
    assert Sample(pixels, []).percentiles([1, 100]) == [0.0, 3.0]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 40 * 2**20


def test_not_finite_pixels_are_counted_where_they_are_stored():
    pixels = np.zeros((2, 130, 90), np.float32)
    pixels[1, 100, 80] = np.nan
    assert count_not_finite(lazy(pixels)) == 1
