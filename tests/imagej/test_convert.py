"""ImagePlus to Image and back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from pybridge.core.errors import ImageError
from pybridge.core.image import Calibration, Image
from pybridge.files.read import read_image
from pybridge.imagej import Gateway
from pybridge.imagej.convert import exact_for_imagej, image_to_imageplus, imageplus_to_image

pytestmark = pytest.mark.jvm

EVERYTHING = Calibration(
    x=0.5, y=0.25, z=2.0, unit="µm", origin_x=3, origin_y=-1, origin_z=1, frame_interval=1.5, time_unit="min"
)


def numbered(shape: tuple[int, ...], dtype: type) -> np.ndarray[Any, Any]:
    """An array in which no two neighbours are alike, so that a flipped axis shows."""
    return (np.arange(np.prod(shape)) * 7 % 251).reshape(shape).astype(dtype)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
def test_a_hyperstack_comes_back_as_it_was(gateway: Gateway, dtype: type) -> None:
    image = Image(
        numbered((2, 3, 4, 5, 7), dtype),
        "TZCYX",
        name="a b.tif",
        calibration=EVERYTHING,
        channel_names=("DAPI", "GFP", "bright field", "far red"),
        inverting_lut=True,
        info="one line\nand another, with µ",
    )
    back = imageplus_to_image(image_to_imageplus(image))
    assert back.axes == image.axes
    assert back.array.dtype == dtype
    np.testing.assert_array_equal(back.array, image.array)
    for field in ("name", "calibration", "channel_names", "inverting_lut", "info"):
        assert getattr(back, field) == getattr(image, field), field


def test_each_plane_lies_where_imagej_looks_for_it(gateway: Gateway) -> None:
    array = numbered((2, 3, 4, 5, 7), np.uint16)
    imp = image_to_imageplus(Image(array, "TZCYX"))
    assert (imp.getNChannels(), imp.getNSlices(), imp.getNFrames()) == (4, 3, 2)
    assert (imp.getWidth(), imp.getHeight()) == (7, 5)
    for t, z, c, y, x in [(0, 0, 0, 0, 0), (1, 0, 0, 0, 0), (0, 2, 0, 4, 0), (0, 0, 3, 0, 6), (1, 2, 3, 4, 6)]:
        imp.setPosition(c + 1, z + 1, t + 1)
        assert imp.getProcessor().get(x, y) == array[t, z, c, y, x]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_axes_in_any_order_come_back_in_tzcyx(gateway: Gateway, data: st.DataObject) -> None:
    letters = data.draw(st.lists(st.sampled_from("TZC"), unique=True))
    axes = "".join(data.draw(st.permutations([*letters, "Y", "X"])))
    sizes = {"T": 2, "Z": 3, "C": 4, "Y": 5, "X": 7}
    dtype = data.draw(st.sampled_from([np.uint8, np.uint16, np.float32]))
    array = data.draw(arrays(dtype, [sizes[letter] for letter in axes]))
    image = Image(array, axes)
    back = imageplus_to_image(image_to_imageplus(image))
    assert back.axes == "".join(letter for letter in "TZCYX" if letter in axes)
    np.testing.assert_array_equal(back.tzcyx(), image.tzcyx())


@pytest.mark.parametrize("axes", ["YXS", "ZYXS", "TZYXS"])
def test_rgb_comes_back_as_it_was(gateway: Gateway, axes: str) -> None:
    shape = [{"T": 2, "Z": 4, "Y": 5, "X": 7, "S": 3}[letter] for letter in axes]
    image = Image(numbered(tuple(shape), np.uint8), axes)
    imp = image_to_imageplus(image)
    assert imp.getBitDepth() == 24
    back = imageplus_to_image(imp)
    assert back.axes == axes
    np.testing.assert_array_equal(back.array, image.array)


def test_samples_of_sixteen_bits_become_channels(gateway: Gateway) -> None:
    array = numbered((5, 7, 3), np.uint16)
    back = imageplus_to_image(image_to_imageplus(Image(array, "YXS")))
    assert back.axes == "CYX"
    np.testing.assert_array_equal(back.array, np.moveaxis(array, -1, 0))


def test_rgb_with_channels_is_refused(gateway: Gateway) -> None:
    with pytest.raises(ImageError, match="RGB samples and several channels"):
        image_to_imageplus(Image(np.zeros((2, 5, 7, 3), np.uint8), "CYXS"))


@pytest.mark.parametrize(
    ("array", "dtype"),
    [
        (np.array([[True, False]]), np.uint8),
        (np.array([[0, 255]], np.int64), np.uint8),
        (np.array([[0, 256]], np.uint32), np.uint16),
        (np.array([[0, 65536]], np.int32), np.float32),
        (np.array([[-1, 2]], np.int8), np.float32),
        (np.array([[0.5, np.nan]], np.float64), np.float32),
        (np.array([[0.5, -65504]], np.float16), np.float32),
        (np.array([[2**24]], np.uint64), np.float32),
        (np.array([[1, 2]], ">u2"), np.uint16),
    ],
)
def test_other_types_become_the_smallest_that_holds_them(array: np.ndarray[Any, Any], dtype: type) -> None:
    exact = exact_for_imagej(array, "a")
    assert exact.dtype == dtype
    np.testing.assert_array_equal(exact.astype(np.float64), array.astype(np.float64))


@pytest.mark.parametrize(
    "array",
    [
        np.array([[2**24 + 1]], np.int32),
        np.array([[2**63 - 1]], np.int64),
        np.array([[2**64 - 1]], np.uint64),
        np.array([[0.1]], np.float64),
        np.array([[1e300]], np.float64),
    ],
)
def test_what_imagej_cannot_hold_exactly_is_refused(array: np.ndarray[Any, Any]) -> None:
    with pytest.raises(ImageError, match="do not hold exactly.*float32"):
        exact_for_imagej(array, "a")


def test_signed_sixteen_bit_values_are_those_of_the_file(gateway: Gateway) -> None:
    array = np.array([[-32768, -1, 0], [1, 300, 32767]], np.int16)
    imp = image_to_imageplus(Image(array, "YX"))
    assert imp.getBitDepth() == 16
    assert imp.getProcessor().getPixelValue(0, 0) == -32768
    np.testing.assert_array_equal(imageplus_to_image(imp).array, array)


def test_labels_common_to_all_channels_are_no_channel_names(gateway: Gateway, java: Callable[[str], Any]) -> None:
    imp = image_to_imageplus(Image(numbered((3, 5, 7), np.uint8), "CYX"))
    for index in range(3):
        imp.getStack().setSliceLabel(f"c:{index + 1}/3 - cells.tif", index + 1)
    assert imageplus_to_image(imp).channel_names == ()
    for index, name in enumerate(("DAPI", "GFP", "RFP")):
        imp.getStack().setSliceLabel(f"c:{index + 1}/3 - {name}", index + 1)
    assert imageplus_to_image(imp).channel_names == ("DAPI", "GFP", "RFP")


def test_an_image_opened_from_a_file_knows_its_path(
    gateway: Gateway, java: Callable[[str], Any], tmp_path: Path
) -> None:
    path = tmp_path / "my cells è.tif"
    java("ij.IJ").saveAsTiff(image_to_imageplus(Image(numbered((5, 7), np.uint8), "YX")), str(path))
    assert imageplus_to_image(java("ij.IJ").openImage(str(path))).path == str(path)


@pytest.mark.parametrize(
    "name",
    [
        "blobs.gif",
        "derived_hyperstack_t10_c2.tif",
        "derived_hyperstack_t4_z3_c2.tif",
        "gray16signedA.tif",
        "gray32float-3x2-sub1.tif",
        "hela-cells-8bit.tif",
        "mini-t1-head.tif",
        "membrane_2d_timelapse.tif",
    ],
)
def test_imagej_and_the_shell_read_the_same_image(
    gateway: Gateway, java: Callable[[str], Any], shared_data: Path, name: str
) -> None:
    path = shared_data / "imagej_samples" / name
    ours, theirs = read_image(path), imageplus_to_image(java("ij.IJ").openImage(str(path)))
    assert (theirs.axes, theirs.array.dtype) == (ours.axes, ours.array.dtype)
    np.testing.assert_array_equal(theirs.array, ours.array)
    assert theirs.inverting_lut == ours.inverting_lut
    assert theirs.calibration.unit == ours.calibration.unit
    np.testing.assert_allclose(theirs.calibration.x, ours.calibration.x)
