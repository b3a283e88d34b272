"""xarray both ways, with PyImageJ's names and order."""

from __future__ import annotations

import json

import numpy as np
import pytest

from pybridge.core.errors import ImageError
from pybridge.core.image import Calibration, Image
from pybridge.tasks.xarrays import image_to_xarray, xarray_to_image

SIZE = Calibration(x=0.325, y=0.25, z=2.0, unit="µm", origin_x=3.5, origin_z=-1, frame_interval=1.5, time_unit="min")


def numbered(*shape, dtype=np.uint16):
    return (np.arange(np.prod(shape)) * 7 % 251).reshape(shape).astype(dtype)


def test_dimensions_are_those_of_pyimagej_in_its_order():
    image = Image(numbered(2, 3, 4, 5, 7), "TZCYX", calibration=SIZE, channel_names=("a", "b", "c", "d"))
    data = image_to_xarray(image)
    assert data.dims == ("t", "pln", "row", "col", "ch")
    assert data.shape == (2, 3, 5, 7, 4)
    assert data.coords["ch"].values.tolist() == ["a", "b", "c", "d"]
    assert data.coords["col"].values[0] == pytest.approx(-3.5 * 0.325)
    assert data.coords["row"].attrs["units"] == "µm"
    assert data.coords["t"].values.tolist() == [0.0, 1.5]
    np.testing.assert_array_equal(data.sel(ch="c", t=1.5).isel(pln=2), image.array[1, 2, 2])


@pytest.mark.parametrize("axes", ["YX", "XY", "CYX", "YXC", "TZCYX", "ZYX", "YXS", "TYXS"])
def test_an_image_comes_back_as_it_was(axes):
    lengths = {"T": 2, "Z": 3, "C": 4, "Y": 5, "X": 7, "S": 3}
    array = numbered(*(lengths[letter] for letter in axes), dtype=np.uint8)
    image = Image(array, axes, name="a.tif", calibration=SIZE, path="/tmp/a.tif", inverting_lut=True, info="µ\nb")
    back = xarray_to_image(image_to_xarray(image))
    np.testing.assert_array_equal(back.tzcyx(), image.tzcyx())
    for field in ("name", "calibration", "path", "inverting_lut", "info", "is_rgb"):
        assert getattr(back, field) == getattr(image, field), field


def test_a_crop_moves_the_origin_and_keeps_the_pixel_size():
    data = image_to_xarray(Image(numbered(5, 7), "YX", calibration=SIZE)).isel(col=slice(2, 6))
    size = xarray_to_image(data).calibration
    assert (size.x, size.origin_x, size.origin_y) == (pytest.approx(0.325), pytest.approx(1.5), 0)


def test_every_second_pixel_is_twice_as_large():
    data = image_to_xarray(Image(numbered(5, 7), "YX", calibration=SIZE))[:, ::2]
    assert xarray_to_image(data).calibration.x == pytest.approx(0.65)


def test_what_pyimagej_gives_is_understood():
    import xarray

    data = xarray.DataArray(
        numbered(2, 5, 7, 3),
        dims=("t", "row", "col", "ch"),
        coords={"col": np.arange(7) * 0.5, "row": np.arange(5) * 0.5},
    )
    image = xarray_to_image(data)
    assert image.axes == "TYXC"
    assert (image.calibration.x, image.calibration.unit, image.calibration.frame_interval) == (0.5, "unit", 0.0)


def test_attributes_are_text_and_numbers_that_any_file_format_holds():
    attributes = image_to_xarray(Image(numbered(5, 7), "YX", calibration=SIZE)).attrs
    assert json.loads(json.dumps(attributes)) == attributes


def test_rgb_with_channels_is_refused():
    with pytest.raises(ImageError, match="both would be the dimension 'ch'"):
        image_to_xarray(Image(np.zeros((2, 5, 7, 3), np.uint8), "CYXS"))


def test_a_dimension_without_meaning_is_named():
    import xarray

    with pytest.raises(ImageError, match=r"no meaning for \['angle'\]"):
        xarray_to_image(xarray.DataArray(numbered(2, 5, 7), dims=("angle", "y", "x")))
