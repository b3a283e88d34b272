import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pybridge.core.errors import ImageError, ModelError
from pybridge.runtime.normalise import Normaliser, reflected
from pybridge.zoo import processing as step

SHAPE = (2, 5, 11)


def normalised(pixels, *steps, axes="CYX", references=None):
    references = references or {"raw": pixels}
    normaliser = Normaliser(pixels, axes, steps, references=references.__getitem__, asked="test")
    out = np.full(pixels.shape, np.nan, np.float32)
    normaliser.fill(out, [(0, length) for length in pixels.shape[1:]])
    return out


@pytest.fixture(params=["uint8", "uint16", "int16", "int32", "float32", "float64"])
def pixels(request):
    return np.random.default_rng(3).integers(0, 120, SHAPE).astype(request.param)


def test_zero_mean_unit_variance(pixels):
    x = pixels.astype(float)
    for axes, over in ((("y", "x"), (1, 2)), (None, None), (("channel", "y", "x"), (0, 1, 2)), (("y",), (1,))):
        expected = (x - x.mean(over, keepdims=True)) / (x.std(over, keepdims=True) + 1e-3)
        assert normalised(pixels, step.ZeroMeanUnitVariance(axes, 1e-3)) == pytest.approx(expected, abs=1e-5)


def test_scale_range(pixels):
    x = pixels.astype(float)
    low, high = np.percentile(x, [1, 99.8], axis=(1, 2), keepdims=True)
    found = normalised(pixels, step.ScaleRange(("y", "x"), 1, 99.8, 1e-6))
    assert found == pytest.approx((x - low) / (high - low + 1e-6), abs=1e-5)


def test_scale_range_by_another_tensor(pixels):
    other = pixels.astype(float) * 3 + 1
    low, high = np.percentile(other, [0, 100])
    found = normalised(pixels, step.ScaleRange(None, 0, 100, 1e-6, "other"), references={"other": other})
    assert found == pytest.approx((pixels - low) / (high - low + 1e-6), abs=1e-5)


def test_fixed_numbers_along_an_axis(pixels):
    x = pixels.astype(float)
    gain = np.array([2.0, -3.0]).reshape(2, 1, 1)
    assert normalised(pixels, step.ScaleLinear((2.0, -3.0), (1.0, 1.0), "channel")) == pytest.approx(x * gain + 1)
    fixed = step.FixedZeroMeanUnitVariance((10.0, 20.0), (2.0, 4.0), "channel")
    mean, std = np.array([10.0, 20.0]).reshape(2, 1, 1), np.array([2.0, 4.0]).reshape(2, 1, 1)
    assert normalised(pixels, fixed) == pytest.approx((x - mean) / std, abs=1e-5)
    limits = np.array([30.0, 90.0]).reshape(2, 1, 1)
    assert np.array_equal(normalised(pixels, step.Binarize((30.0, 90.0), "channel")), (x > limits).astype(float))


def test_clip_sigmoid_softmax_and_casts(pixels):
    x = pixels.astype(float)
    assert np.array_equal(normalised(pixels, step.Clip(10, 90)), np.clip(x, 10, 90))
    low, high = np.percentile(x, [5, 95])
    assert normalised(pixels, step.Clip(min_percentile=5, max_percentile=95)) == pytest.approx(np.clip(x, low, high))
    assert np.array_equal(normalised(pixels, step.Clip(minimum=30)), np.maximum(x, 30))
    shrunk = step.ScaleLinear((0.1,), (-6.0,))
    assert normalised(pixels, shrunk, step.Sigmoid()) == pytest.approx(1 / (1 + np.exp(6 - 0.1 * x)), abs=1e-6)
    exponents = np.exp(0.1 * x - 6)
    found = normalised(pixels, shrunk, step.Softmax("channel"))
    assert found == pytest.approx(exponents / exponents.sum(0, keepdims=True), abs=1e-6)
    assert np.array_equal(normalised(pixels, step.ScaleLinear((0.5,), (0.0,)), step.EnsureDtype("uint8")), x // 2)


def test_a_step_sees_what_the_step_before_made(pixels):
    x = np.clip(pixels.astype(float), 20, 100)
    expected = (x - x.mean()) / (x.std() + 1e-6)
    expected = (expected - expected.min()) / (expected.max() - expected.min() + 1e-6)
    steps = step.Clip(20, 100), step.ZeroMeanUnitVariance(None, 1e-6), step.ScaleRange(None, 0, 100, 1e-6)
    assert normalised(pixels, *steps) == pytest.approx(expected, abs=1e-5)


def test_the_leading_type_never_cuts_a_wider_image():
    pixels = np.array([[[0, 300, 65535]]], np.uint16)
    assert normalised(pixels, step.EnsureDtype("uint8"), step.EnsureDtype("float32")).tolist() == [[[0, 300, 65535]]]


def test_little_is_lost_on_a_high_background():
    pixels = (60000 + np.random.default_rng(0).integers(0, 8, (1, 50, 70))).astype(np.uint16)
    x = pixels.astype(float)
    expected = (x - x.mean()) / (x.std() + 1e-6)
    assert normalised(pixels, step.ZeroMeanUnitVariance(None, 1e-6)) == pytest.approx(expected, abs=2e-6)


def test_constant_images_become_zero_not_nan():
    for value in (0, 7):
        pixels = np.full((1, 4, 6), value, np.uint16)
        assert not normalised(pixels, step.ScaleRange(("y", "x"), 1, 99.8, 1e-6)).any()
        assert not normalised(pixels, step.ZeroMeanUnitVariance(("y", "x"), 1e-6)).any()


@given(st.integers(1, 9), st.integers(-30, 30), st.integers(1, 40))
def test_pixels_beyond_the_item_are_its_reflection(length, start, count):
    low, high = max(0, -start), max(0, start + count - length)
    padded = np.pad(np.arange(length), (low, high), mode="reflect")
    assert reflected(start, start + count, length).tolist() == padded[start + low : start + low + count].tolist()


def test_a_window_beyond_the_item_is_reflected_and_normalised():
    pixels = np.arange(2 * 5 * 7, dtype=np.uint16).reshape(2, 5, 7)
    normaliser = Normaliser(pixels, "CYX", [step.ScaleLinear((2.0,), (1.0,))], references={}.get, asked="test")
    out = np.empty((2, 9, 6), np.float32)
    normaliser.fill(out, [(-2, 7), (3, 9)])
    padded = np.pad(pixels, [(0, 0), (2, 2), (0, 2)], mode="reflect")
    assert np.array_equal(out, padded[:, :, 3:9] * 2.0 + 1)


def test_bad_pixels_and_empty_images_are_refused():
    pixels = np.ones((1, 4, 6), np.float32)
    pixels[0, 1, :2] = np.nan, np.inf
    with pytest.raises(ImageError, match="2 of 24 pixels are NaN or infinite"):
        normalised(pixels)
    with pytest.raises(ImageError, match="without pixels"):
        normalised(np.ones((1, 0, 6), np.float32))


def test_a_softmax_along_space_is_refused(pixels):
    with pytest.raises(ModelError, match="softmax along 'y'"):
        normalised(pixels, step.Softmax("y"))
