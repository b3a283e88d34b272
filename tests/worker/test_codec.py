"""An ImagePlus's bytes as an Image."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from pybridge.core.image import Calibration, Image
from pybridge.worker.codec import ImagePlusForm, bytes_to_image
from tests.builders.fiji_side import form_of


def image_of(pixels: NDArray[Any], **form: Any) -> Image:
    data = np.frombuffer(bytearray(pixels.astype(pixels.dtype.newbyteorder("<")).tobytes()), np.uint8)
    return bytes_to_image(data, ImagePlusForm(**form_of(pixels, **form)))


@given(st.tuples(*[st.integers(1, 4)] * 3), st.sampled_from(["u1", "u2", "f4"]))
def test_each_pixel_keeps_its_place(stack: tuple[int, int, int], kind: str) -> None:
    pixels = np.arange(np.prod(stack) * 77).reshape(*stack, 7, 11).astype(kind)
    image = image_of(pixels)
    assert np.array_equal(image.tzcyx(), pixels)
    assert image.array.dtype == pixels.dtype
    assert image.axes == "".join(letter for letter, length in zip("TZC", stack, strict=True) if length > 1) + "YX"


def test_calibration_and_names_come_along() -> None:
    pixels = np.zeros((1, 1, 2, 5, 7), np.uint8)
    image = image_of(pixels, labels=["c:1/2 - DAPI", "c:2/2 - GFP"], origin=[1, 2, 3], frame_interval=4, info="note")
    assert image.calibration == Calibration(
        x=0.5, y=0.25, z=2.0, unit="µm", origin_x=1, origin_y=2, origin_z=3, frame_interval=4
    )
    assert image.channel_names == ("DAPI", "GFP")
    assert (image.name, image.stem, image.info) == ("my cells.tif", "my cells", "note")


def test_packed_colours_become_samples() -> None:
    packed = np.full((1, 3, 1, 5, 7), 0xFF0A141E, np.uint32)
    packed[0, 2, 0, 4, 1] = 0xFF010203
    image = image_of(packed)
    assert image.axes == "ZYXS"
    assert image.array[2, 4, 6].tolist() == [10, 20, 30]
    assert image.array[2, 4, 1].tolist() == [1, 2, 3]


def test_signed_values_are_those_of_the_file() -> None:
    shifted = np.full((1, 1, 1, 5, 7), 32768 - 5, np.uint16)
    image = image_of(shifted, signed=True)
    assert image.array.dtype == np.int16
    assert (image.array == -5).all()


@pytest.mark.parametrize("kind", [0, 1, 2, 4])
def test_the_number_of_bytes_is_that_of_all_planes(kind: int) -> None:
    form = ImagePlusForm(**form_of(np.zeros((2, 3, 2, 5, 7), np.uint8), type=kind))
    assert form.count_bytes == 2 * 3 * 2 * 5 * 7 * {0: 1, 1: 2, 2: 4, 4: 4}[kind]
