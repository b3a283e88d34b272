"""Perturbations change an image a little, always in the same way; consistency says how much the labels followed."""

from __future__ import annotations

import numpy as np
import pytest

from pybridge.core.image import Calibration, Image
from pybridge.tasks.consistency import PERTURBATIONS, agreement, consistency, perturb
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


def test_the_same_labels_are_consistent_and_nothing_is_undefined():
    labels = paint_blobs(1)
    empty = np.zeros_like(labels)
    assert consistency(labels, labels) == 1.0
    assert consistency(labels, empty) == 0.0
    assert np.isnan(consistency(empty, empty))
    assert 0 < consistency(labels, np.where(labels == 1, 2, labels)) < 1


def test_methods_agree_by_objects():
    labels = paint_blobs(1)
    halved = np.where(labels % 2, labels, 0)
    assert agreement(labels, labels) == 1.0
    assert agreement(labels, halved) == agreement(halved, labels) < 1
