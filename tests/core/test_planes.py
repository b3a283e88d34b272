"""Which planes of an image a model gets."""

import numpy as np
import pytest

from pybridge.core.errors import ImageError
from pybridge.core.image import Image
from pybridge.core.planes import planes_of

STACK = Image(
    np.arange(2 * 3 * 2 * 5 * 7).reshape(2, 3, 2, 5, 7).astype(np.uint16),
    "TZCYX",
    name="s",
    channel_names=("DAPI", "GFP"),
)


def test_each_plane_comes_with_its_frame_and_slice():
    planes = planes_of(STACK, channels=1, wanted="2")
    visited = [(t, z) for t, z, plane in planes.each() if (plane[0] == STACK.array[t, z, 1]).all()]
    assert visited == [(t, z) for t in range(2) for z in range(3)]
    assert planes.channel == 2


def test_a_channel_is_chosen_by_number_or_name():
    by_name = planes_of(STACK, channels=1, wanted="GFP")
    np.testing.assert_array_equal(by_name.pixels, planes_of(STACK, channels=1, wanted="2").pixels)


@pytest.mark.parametrize(("wanted", "rest"), [("GFP", ["C1"]), ("1", ["C2"])])
def test_the_channels_that_were_not_taken_can_be_measured_too(wanted, rest):
    others = planes_of(STACK, channels=1, wanted=wanted).others
    assert [other.suffix for other in others] == rest
    index = int(rest[0][1]) - 1
    np.testing.assert_array_equal(others[0].pixels, STACK.array[:, :, index])


@pytest.mark.parametrize(
    ("channels", "wanted", "rest"),
    [(1, None, ["Red", "Green", "Blue"]), (1, "green", ["Red", "Blue"]), (3, None, ["Green", "Blue"])],
)
def test_the_colours_of_rgb_can_be_measured_too(channels, wanted, rest):
    rgb = np.arange(5 * 7 * 3, dtype=np.uint8).reshape(5, 7, 3)
    others = planes_of(Image(rgb, "YXS"), channels=channels, wanted=wanted).others
    assert [other.suffix for other in others] == rest
    for other in others:
        index = ["Red", "Green", "Blue"].index(other.suffix)
        np.testing.assert_array_equal(other.pixels[0, 0], rgb[..., index])


def test_several_channels_and_no_choice_is_an_error_that_lists_them():
    with pytest.raises(ImageError, match="2 channels: 1 DAPI, 2 GFP. To do: say which one with channel=1"):
        planes_of(STACK, channels=1, wanted=None)


@pytest.mark.parametrize("wanted", ["0", "3", "dapi", "-1"])
def test_an_unknown_channel_is_an_error_that_lists_them(wanted):
    with pytest.raises(ImageError, match="1 DAPI, 2 GFP"):
        planes_of(STACK, channels=1, wanted=wanted)


def test_a_model_of_three_channels_does_not_take_an_image_of_two():
    with pytest.raises(ImageError, match="has 2: 1 DAPI, 2 GFP"):
        planes_of(STACK, channels=3, wanted=None)


def test_rgb_into_one_channel_is_luminance_and_the_record_says_so():
    rgb = np.zeros((5, 7, 3), np.uint8)
    rgb[0, 0] = (255, 0, 0)
    rgb[0, 1] = (255, 255, 255)
    planes = planes_of(Image(rgb, "YXS", name="rgb"), channels=1, wanted=None)
    assert planes.pixels[0, 0, 0, 0, :2].tolist() == [76, 255]
    assert "luminance" in planes.warnings[0]


def test_rgb_may_go_whole_or_by_one_colour():
    rgb = np.arange(5 * 7 * 3, dtype=np.uint8).reshape(5, 7, 3)
    image = Image(rgb, "YXS")
    np.testing.assert_array_equal(planes_of(image, channels=3, wanted=None).pixels[0, 0], rgb.transpose(2, 0, 1))
    np.testing.assert_array_equal(planes_of(image, channels=1, wanted="green").pixels[0, 0, 0], rgb[..., 1])


def test_an_empty_image_is_refused():
    with pytest.raises(ImageError, match=r"it is empty, shape \(0, 7\)"):
        planes_of(Image(np.zeros((0, 7)), "YX"), channels=1, wanted=None)
