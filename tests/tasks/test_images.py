"""What a Python user may hand in."""

import numpy as np
import pytest
import xarray

from pybridge.core.errors import ImageError
from pybridge.core.image import Image
from pybridge.tasks.images import to_image


def test_an_image_is_taken_as_it_is():
    image = Image(np.zeros((5, 7)), "YX")
    assert to_image(image) is image


@pytest.mark.parametrize("dims", [("z", "y", "x"), ("pln", "row", "col"), ("Z", "Y", "X")])
def test_an_xarray_gives_axes_by_the_names_of_its_dimensions(dims):
    data = xarray.DataArray(np.zeros((5, 7, 11)), dims=dims, name="a")
    image = to_image(data)
    assert (image.axes, image.name, image.calibration.x) == ("ZYX", "a", 1.0)


def test_an_xarrays_coordinates_are_the_calibration_and_the_channel_names():
    data = xarray.DataArray(
        np.zeros((2, 5, 7)),
        dims=("c", "y", "x"),
        coords={"c": ["DAPI", "GFP"], "y": 0.25 * np.arange(5), "x": ("x", 0.5 * np.arange(7), {"units": "µm"})},
    )
    image = to_image(data)
    assert image.channel_names == ("DAPI", "GFP")
    assert (image.calibration.y, image.calibration.x, image.calibration.unit) == (0.25, 0.5, "µm")


def test_unknown_dimensions_and_other_things_are_refused():
    with pytest.raises(ImageError, match=r"no meaning for \['q'\]"):
        to_image(xarray.DataArray(np.zeros((5, 7)), dims=("q", "x")))
    with pytest.raises(ImageError, match="no path, array, xarray or ImagePlus"):
        to_image(3)
