"""Perturbations change an image a little, always in the same way; consistency says how much the labels followed."""

from __future__ import annotations

import numpy as np
import pytest

from pybridge.core.image import Calibration, Image
from pybridge.tasks.consistency import NOISE_SHARE, PERTURBATIONS, Perturbation, agreement, consistency, perturb
from tests.builders.blobs import paint_blobs

SIZE = Calibration(x=0.5, y=0.25, unit="µm")


@pytest.mark.parametrize("perturbation", PERTURBATIONS, ids=lambda each: each.name)
@pytest.mark.parametrize(
    ("axes", "dtype"),
    [("YX", np.uint8), ("ZYX", np.uint16), ("TCYX", np.float32), ("YXS", np.uint8), ("TZCYX", np.int16)],
)
def test_a_perturbed_image_is_of_the_same_kind_and_not_the_same(perturbation, axes, dtype):
    lengths = {"T": 2, "Z": 5, "C": 2, "Y": 17, "X": 21, "S": 3}
    pixels = np.random.default_rng(0).integers(0, 250, [lengths[letter] for letter in axes]).astype(dtype)
    image = Image(pixels, axes, "cells.tif", SIZE)
    made = perturb(image, perturbation)
    assert (made.axes, made.array.shape, made.array.dtype) == (axes, pixels.shape, pixels.dtype)
    assert (made.name, made.calibration) == (image.name, SIZE)
    assert not np.array_equal(made.array, pixels)
    np.testing.assert_array_equal(perturb(image, perturbation).array, made.array)


@pytest.mark.parametrize("perturbation", PERTURBATIONS, ids=lambda each: each.name)
def test_a_perturbation_is_small(perturbation):
    rows = np.linspace(100, 1100, 71)[:, None] + np.zeros(111)
    made = perturb(Image(rows.astype(np.uint16), "YX"), perturbation).array
    assert np.abs(made.astype(float) - rows).mean() < 0.2 * 1000
    assert np.corrcoef(made.ravel(), rows.ravel())[0, 1] > 0.95


@pytest.mark.parametrize("perturbation", PERTURBATIONS, ids=lambda each: each.name)
def test_a_constant_image_stays(perturbation):
    flat = np.full((5, 7), 40, np.uint8)
    np.testing.assert_array_equal(perturb(Image(flat, "YX"), perturbation).array, flat)


def test_planes_get_noise_of_their_own():
    noise = next(each for each in PERTURBATIONS if each.name == "noise")
    plane = np.random.default_rng(0).random((17, 21)).astype(np.float32)
    first, second = perturb(Image(np.stack([plane, plane]), "ZYX"), noise).array - plane
    assert not np.allclose(first, second)


def named(name: str) -> Perturbation:
    return next(each for each in PERTURBATIONS if each.name == name)


def sparse_spots(dtype: type) -> np.ndarray:
    """Draw six spots of about 3000 on a ground of 100 ± 5."""
    y, x = np.mgrid[:200, :260]
    plane = np.random.default_rng(0).normal(100, 5, y.shape)
    for a, b in ((20, 30), (60, 200), (100, 100), (150, 40), (170, 220), (30, 130)):
        plane += 3000 * np.exp(-((y - a) ** 2 + (x - b) ** 2) / 8)
    return np.rint(plane).astype(dtype)


@pytest.mark.parametrize("offset", [0.0, 1e6])
def test_noise_is_in_shares_of_what_the_image_shows(offset):
    plane = sparse_spots(float) + offset
    made = perturb(Image(plane, "YX"), named("noise")).array
    shown = np.ptp(plane)
    assert np.std(made - plane) == pytest.approx(NOISE_SHARE * shown, rel=0.15)


def test_one_hot_pixel_does_not_make_the_noise():
    plane = np.linspace(0, 100, 71 * 111).reshape(71, 111)
    plane[30, 40] = 60000
    assert np.std(perturb(Image(plane, "YX"), named("noise")).array - plane) == pytest.approx(5, rel=0.1)


@pytest.mark.parametrize("name", ["gamma-low", "gamma-high"])
@pytest.mark.parametrize("dtype", [np.uint16, np.float64])
def test_gamma_keeps_the_order_and_the_ends_of_the_grey_values(name, dtype):
    plane = sparse_spots(dtype)
    plane[3, 3] = 60000  # hot, and so above the range
    made = perturb(Image(plane, "YX"), named(name)).array
    order = np.argsort(plane, axis=None, kind="stable")
    assert (np.diff(made.ravel()[order].astype(float)) >= 0).all()
    assert made[3, 3] == 60000
    assert made.ravel()[order[-2]] == pytest.approx(plane.ravel()[order[-2]], rel=0.1)


def test_planes_of_a_stack_are_bent_alike():
    plane = sparse_spots(np.uint16)
    empty = np.full_like(plane, 1500)
    gamma = named("gamma-high")
    first, second = perturb(Image(np.stack([plane, empty]), "ZYX"), gamma).array
    assert len(np.unique(second)) == 1
    assert second[0, 0] < 1500
    np.testing.assert_array_equal(first, perturb(Image(plane, "YX"), gamma).array)


def test_masks_are_blurred_and_a_mask_of_two_values_has_no_gamma():
    mask = np.zeros((17, 21), bool)
    mask[5:9, 6:9] = True
    assert np.any(perturb(Image(mask, "YX"), named("blur")).array != mask)
    np.testing.assert_array_equal(perturb(Image(mask, "YX"), named("gamma-low")).array, mask)


def test_the_same_labels_are_consistent_and_nothing_is_undefined():
    labels = paint_blobs(1)
    empty = np.zeros_like(labels)
    assert consistency(labels, labels) == 1.0
    assert consistency(labels, empty) == 0.0
    assert np.isnan(consistency(empty, empty))
    assert np.isnan(consistency(empty, labels))  # nothing that could have been found again
    assert 0 < consistency(labels, np.where(labels == 1, 2, labels)) < 1


def test_methods_agree_by_objects():
    labels = paint_blobs(1)
    halved = np.where(labels % 2, labels, 0)
    assert agreement(labels, labels) == 1.0
    assert agreement(labels, halved) == agreement(halved, labels) < 1
