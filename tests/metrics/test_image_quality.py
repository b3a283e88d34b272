"""Scores of restored images, against scikit-image, numpy's least squares, and the numbers that torchmetrics gave."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage import metrics

from pybridge.core.errors import ImageError, UsageError
from pybridge.metrics import similarity
from pybridge.metrics.image_quality import score_restoration
from tests.builders.scored_pairs import paint_images


def test_scores_equal_those_of_torchmetrics():
    # torchmetrics 1.9.0 in float64, data_range=160: structural_similarity_index_measure(kernel_size=11, sigma=1.5,
    # return_full_image=True), the mean of its map without the border of 5 pixels, which it counts too;
    # peak_signal_noise_ratio; sqrt(mean_squared_error); normalized_root_mean_squared_error(normalization="range");
    # pearson_corrcoef
    truth, image = paint_images(5, shape=(37, 53))
    scores = score_restoration(image, truth)
    assert scores.data_range == 160.0
    assert scores.prediction.ssim == pytest.approx(0.9274045997273387, abs=1e-9)
    assert scores.prediction.psnr == pytest.approx(21.88980717862779, abs=1e-6)  # its logarithm is float32
    assert scores.prediction.rmse == pytest.approx(12.871512751558937, abs=1e-9)
    assert scores.prediction.nrmse == pytest.approx(0.08044695469724336, abs=1e-9)
    assert scores.prediction.pearson == pytest.approx(0.9845274205401722, abs=1e-9)


@settings(max_examples=15, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    kind=st.sampled_from([np.uint8, np.uint16, np.int16, np.float32, np.float64]),
    data_range=st.sampled_from([None, 77.0]),
)
def test_scores_equal_those_of_scikit_image_and_numpy(seed, kind, data_range):
    truth, image = (np.rint(pixels).astype(kind) for pixels in paint_images(seed, shape=(23, 31)))
    scores = score_restoration(image, truth, data_range=data_range)
    true, found = truth.astype(float), image.astype(float)
    span = data_range or np.ptp(true)
    quality = scores.prediction
    assert quality.rmse == pytest.approx(math.sqrt(metrics.mean_squared_error(true, found)), abs=1e-9)
    assert quality.psnr == pytest.approx(metrics.peak_signal_noise_ratio(true, found, data_range=span), abs=1e-9)
    assert quality.pearson == pytest.approx(np.corrcoef(true.ravel(), found.ravel())[0, 1], abs=1e-9)
    if data_range is None:
        expected = metrics.normalized_root_mse(true, found, normalization="min-max")
        assert quality.nrmse == pytest.approx(expected, abs=1e-9)
    ssim, ssim_map = metrics.structural_similarity(
        true, found, data_range=span, gaussian_weights=True, use_sample_covariance=False, full=True
    )
    assert quality.ssim == pytest.approx(ssim, abs=1e-9)
    assert quality.ssim_map == pytest.approx(ssim_map, abs=1e-6)
    design = np.stack([found.ravel(), np.ones(found.size)], 1)
    (scale, offset), *_ = np.linalg.lstsq(design, true.ravel(), rcond=None)
    left = np.abs(true - (scale * found + offset))
    assert (quality.scale, quality.offset) == pytest.approx((scale, offset), abs=1e-8)
    assert quality.rse_map == pytest.approx(left, rel=1e-6, abs=1e-5)
    assert quality.rse == pytest.approx(math.sqrt((left**2).mean()), abs=1e-9)


def test_the_raw_image_is_scored_as_the_prediction_is():
    truth, image = paint_images(1, shape=(23, 31))
    scores = score_restoration(truth + 1, truth, raw=image)
    alone = score_restoration(image, truth).prediction
    assert (scores.raw.rmse, scores.raw.ssim, scores.raw.rse) == (alone.rmse, alone.ssim, alone.rse)
    assert np.array_equal(scores.raw.rse_map, alone.rse_map)
    assert scores.prediction.rmse < scores.raw.rmse
    assert score_restoration(truth, truth).raw is None


def test_rse_and_pearson_do_not_depend_on_brightness_and_contrast():
    truth, image = paint_images(2, shape=(23, 31))
    one, other = score_restoration(image, truth).prediction, score_restoration(0.1 * image - 40, truth).prediction
    assert (one.rse, one.pearson) == pytest.approx((other.rse, other.pearson), abs=1e-9)
    assert other.rmse > 2 * one.rmse


def test_fitted_scores_are_those_of_the_fitted_image():
    truth, image = paint_images(3, shape=(23, 31))
    fitted = score_restoration(image, truth, fitted=True)
    by_hand = score_restoration(fitted.prediction.scale * image + fitted.prediction.offset, truth)
    for name in ("rmse", "nrmse", "psnr", "ssim", "pearson", "rse"):
        assert getattr(fitted.prediction, name) == pytest.approx(getattr(by_hand.prediction, name), abs=1e-9)
    assert fitted.prediction.rmse == pytest.approx(fitted.prediction.rse, abs=1e-12)


def test_maps_are_float32_of_the_shape_of_the_image():
    truth, image = paint_images(4, shape=(5, 17, 31))
    scores = score_restoration(image, truth)
    for values in (scores.rse_map, scores.ssim_map):
        assert values.dtype == np.float32
        assert values.shape == (5, 17, 31)


def test_the_maps_show_where_an_image_is_wrong():
    truth, _ = paint_images(4, shape=(43, 61))
    image = truth.copy()
    image[20:24, 30:35] += 50
    scores = score_restoration(image, truth)
    assert scores.rse_map[21, 32] > 5 * np.median(scores.rse_map)
    assert scores.ssim_map[21, 32] < 0.9 < scores.ssim_map[40, 5]


def test_stacks_are_the_mean_of_their_planes():
    truth, image = paint_images(6, shape=(3, 17, 31))
    planes = [score_restoration(i, t, data_range=100).prediction.ssim for i, t in zip(image, truth, strict=True)]
    assert score_restoration(image, truth, data_range=100).prediction.ssim == pytest.approx(np.mean(planes), abs=1e-12)


def test_equal_images_are_perfect():
    truth, _ = paint_images(7, shape=(23, 31))
    quality = score_restoration(truth, truth).prediction
    assert (quality.rmse, quality.nrmse, quality.psnr) == (0.0, 0.0, math.inf)
    assert (quality.ssim, quality.pearson) == (pytest.approx(1), pytest.approx(1))
    assert quality.rse == pytest.approx(0, abs=1e-12)


def test_a_constant_prediction_has_no_correlation():
    truth, _ = paint_images(7, shape=(23, 31))
    quality = score_restoration(np.full_like(truth, 0.1), truth).prediction
    assert math.isnan(quality.pearson)
    assert quality.rse == pytest.approx(truth.std(), abs=1e-9)
    assert (quality.scale, quality.offset) == (0.0, pytest.approx(truth.mean()))


def test_a_constant_truth_has_no_range():
    _, image = paint_images(7, shape=(23, 31))
    truth = np.full((23, 31), 0.1)
    quality = score_restoration(image, truth).prediction
    assert all(math.isnan(value) for value in (quality.nrmse, quality.psnr, quality.ssim, quality.pearson))
    assert np.isnan(quality.ssim_map).all()
    assert quality.rmse > 0
    assert not math.isnan(score_restoration(image, truth, data_range=50).prediction.ssim)


@pytest.mark.parametrize("shape", [(1, 1), (10, 31)])
def test_planes_smaller_than_the_window_have_no_ssim(shape):
    truth, image = paint_images(7, shape=shape)
    quality = score_restoration(image, truth, data_range=100).prediction
    assert math.isnan(quality.ssim)
    assert quality.rmse >= 0


def test_unsigned_pixels_do_not_wrap_round():
    truth, image = np.zeros((11, 13), np.uint8), np.full((11, 13), 255, np.uint8)
    truth[0, 0] = 10
    assert score_restoration(image, truth).prediction.rmse == pytest.approx(255, rel=1e-3)


def test_wrong_input_is_an_error():
    plane = np.zeros((5, 7))
    with pytest.raises(ImageError, match=r"the raw image has shape \(7, 5\), the truth \(5, 7\)"):
        score_restoration(plane, plane, raw=plane.T)
    with pytest.raises(ImageError, match="the prediction has pixels that are not finite"):
        score_restoration(np.full((5, 7), np.nan), plane)
    with pytest.raises(ImageError, match="the truth is complex128"):
        score_restoration(plane, plane.astype(complex))
    with pytest.raises(ImageError, match=r"the truth has shape \(3,\)"):
        score_restoration(np.zeros(3), np.zeros(3))
    with pytest.raises(UsageError, match="data_range=0"):
        score_restoration(plane, plane, data_range=0)


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), shape=st.sampled_from([(11, 11, 11), (12, 31, 40), (2, 13, 17, 23)]))
def test_a_volume_has_the_similarity_of_scikit_image(seed, shape):
    truth, image = paint_images(seed, shape=shape)
    quality = score_restoration(image, truth, is_volume=True).prediction
    expected = [
        metrics.structural_similarity(
            true, found, data_range=np.ptp(truth), gaussian_weights=True, use_sample_covariance=False, full=True
        )
        for true, found in zip(truth.reshape(-1, *shape[-3:]), image.reshape(-1, *shape[-3:]), strict=True)
    ]
    assert quality.ssim == pytest.approx(np.mean([mean for mean, _ in expected]), abs=1e-9)
    assert quality.ssim_map.reshape(-1, *shape[-3:]) == pytest.approx(
        np.stack([full for _, full in expected]), abs=1e-6
    )
    planes = score_restoration(image, truth).prediction
    assert quality.ssim_planes == planes.ssim == planes.ssim_planes
    assert (quality.rmse, quality.rse, quality.pearson) == (planes.rmse, planes.rse, planes.pearson)


def test_a_volume_has_the_similarity_of_torchmetrics():
    # torchmetrics 1.9.0 in float64, data_range=240: structural_similarity_index_measure(kernel_size=11, sigma=1.5,
    # return_full_image=True), the mean of its map without the border of 5 pixels
    truth, image = paint_images(8, shape=(13, 37, 29))
    quality = score_restoration(image, truth, is_volume=True).prediction
    assert quality.ssim == pytest.approx(0.9243010558952329, abs=1e-9)


@pytest.mark.parametrize("shape", [(40, 61), (12, 25, 31)])
def test_large_images_are_scored_in_blocks_as_well_as_at_once(shape, monkeypatch):
    truth, image = paint_images(3, shape=shape)
    whole = score_restoration(image, truth, is_volume=len(shape) == 3).prediction
    monkeypatch.setattr(similarity, "_BLOCK_PX", {2: 13, 3: 7})
    parts = score_restoration(image, truth, is_volume=len(shape) == 3).prediction
    assert parts.ssim == pytest.approx(whole.ssim, abs=1e-12)
    assert parts.ssim_map == pytest.approx(whole.ssim_map, abs=1e-6)


def test_a_volume_of_too_few_slices_has_the_similarity_of_its_planes_alone():
    truth, image = paint_images(6, shape=(10, 17, 31))
    quality = score_restoration(image, truth, is_volume=True).prediction
    assert math.isnan(quality.ssim)
    assert quality.ssim_planes == score_restoration(image, truth).prediction.ssim
    assert np.isfinite(quality.ssim_map).all()


def test_a_correlation_is_never_beyond_1():
    image = np.random.default_rng(0).normal(10, 3, (30, 40))
    assert score_restoration(-image, image).prediction.pearson == -1.0
    assert score_restoration(image, image).prediction.pearson <= 1.0


@pytest.mark.parametrize("change", [lambda a: a.astype(">f8"), np.asfortranarray, lambda a: a.astype(np.longdouble)])
def test_the_layout_of_images_changes_nothing(change):
    truth, image = paint_images(2, shape=(23, 31))
    one, other = score_restoration(image, truth).prediction, score_restoration(change(image), change(truth)).prediction
    assert (one.rmse, one.ssim, one.rse) == pytest.approx((other.rmse, other.ssim, other.rse), abs=1e-12)


def test_marks_of_missing_pixels_and_planes_for_volumes_are_an_error():
    plane = np.zeros((5, 7))
    with pytest.raises(ImageError, match=r"the prediction has pixels beyond 1e\+60, as marks of missing values are"):
        score_restoration(np.full((5, 7), np.finfo(float).min), plane)
    with pytest.raises(ImageError, match=r"the truth has shape \(5, 7\)"):
        score_restoration(plane, plane, is_volume=True)


def _exact_similarity(image, truth):
    """Compute the SSIM of 11 × 11 pixels, one window, in fractions: Wang's formula as it is printed."""
    weights = [Fraction(math.exp(-(place**2) / (2 * 1.5**2))) for place in range(-5, 6)]
    weights = [weight / sum(weights) for weight in weights]
    window = [one * other for one in weights for other in weights]
    true, found = ([Fraction(value) for value in pixels.ravel().tolist()] for pixels in (truth, image))

    def mean(values):
        return sum(weight * value for weight, value in zip(window, values, strict=True))

    def shared(one, other):
        return mean([a * b for a, b in zip(one, other, strict=True)]) - mean(one) * mean(other)

    span = max(true) - min(true)
    low, high = (span / 100) ** 2, (3 * span / 100) ** 2
    luminance = (2 * mean(true) * mean(found) + low) / (mean(true) ** 2 + mean(found) ** 2 + low)
    return float(luminance * (2 * shared(true, found) + high) / (shared(true, true) + shared(found, found) + high))


@pytest.mark.parametrize(("offset", "contrast"), [(0, 1), (1e6, 1e-3), (1e6, 1), (-1e9, 1e-3)])
@pytest.mark.parametrize("apart", [0.0, 30.0])
def test_the_similarity_of_little_contrast_on_a_large_offset_is_exact(offset, contrast, apart):
    rng = np.random.default_rng(4)
    truth = offset + contrast * rng.normal(0, 1, (11, 11))
    image = truth + contrast * (rng.normal(0, 0.3, truth.shape) + apart)
    assert score_restoration(image, truth).prediction.ssim == pytest.approx(_exact_similarity(image, truth), abs=1e-9)


@settings(max_examples=30, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    offsets=st.tuples(st.floats(-1e12, 1e12), st.floats(-1e12, 1e12)),
    contrast=st.floats(1e-6, 1e6),
)
def test_a_similarity_is_never_beyond_1(seed, offsets, contrast):
    rng = np.random.default_rng(seed)
    truth, image = (offset + contrast * rng.normal(0, 1, (13, 17)) for offset in offsets)
    quality = score_restoration(image, truth).prediction
    assert math.isnan(quality.ssim) == (np.ptp(truth) == 0)
    assert not (np.abs(quality.ssim_map) > 1).any()
