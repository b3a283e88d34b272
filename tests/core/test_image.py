"""Image: pixels with names, calibration and a hash."""

import dataclasses

import numpy as np
import pytest

from pybridge.core.errors import ImageError
from pybridge.core.image import Calibration, Image


def test_the_pixel_hash_does_not_depend_on_memory_layout_or_axis_order():
    pixels = np.arange(5 * 7 * 11, dtype=np.uint16).reshape(5, 7, 11)
    straight = Image(pixels, "ZYX")
    assert Image(np.asfortranarray(pixels), "ZYX").sha256_pixels() == straight.sha256_pixels()
    assert Image(pixels.transpose(2, 0, 1), "XZY").sha256_pixels() == straight.sha256_pixels()
    assert Image(pixels.astype(">u2"), "ZYX").sha256_pixels() == straight.sha256_pixels()


def test_the_pixel_hash_tells_apart_values_types_and_shapes():
    pixels = np.zeros((5, 7), np.uint8)
    other = pixels.copy()
    other[4, 6] = 1
    hashes = {Image(a, "YX").sha256_pixels() for a in (pixels, other, pixels.astype(np.uint16), pixels.reshape(7, 5))}
    assert len(hashes) == 4


def test_an_image_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        Image(np.zeros((5, 7)), "YX").name = "other"


def test_a_replaced_image_keeps_the_calibration_but_not_the_path():
    size = Calibration(x=0.5, y=0.25, unit="µm", origin_x=3)
    image = Image(np.zeros((5, 7)), "YX", path="a.tif", calibration=size, inverting_lut=True)
    labels = image.replace(array=np.ones((5, 7)), axes="YX", name="a-labels")
    assert labels.calibration == size
    assert labels.path is None
    assert not labels.inverting_lut


@pytest.mark.parametrize(
    ("name", "stem"), [("cells.tif", "cells"), ("a.b.tif", "a.b"), (".hidden", ".hidden"), ("x", "x")]
)
def test_the_stem_is_imagejs_short_title(name, stem):
    assert Image(np.zeros((5, 7)), "YX", name=name).stem == stem


def test_complex_pixels_are_refused():
    with pytest.raises(ImageError, match="pixels that are not real numbers"):
        Image(np.zeros((5, 7), complex), "YX")
