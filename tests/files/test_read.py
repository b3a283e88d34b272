"""Reading image files as ImageJ reads them."""

import errno
import threading

import numpy as np
import pytest
import tifffile
from PIL import Image as Pillow

from pybridge.core import progress
from pybridge.core.errors import CancelledError, ImageFileError
from pybridge.core.image import Calibration, Image
from pybridge.files.read import read_image
from pybridge.files.write import write_imagej_tiff

ODD = np.arange(2 * 3 * 4 * 5 * 7, dtype=np.uint16).reshape(2, 3, 4, 5, 7)


def test_an_imagej_hyperstack_comes_back_with_axes_calibration_and_info(tmp_path):
    size = Calibration(x=0.5, y=0.25, z=2.0, unit="µm", origin_x=3, origin_z=1, frame_interval=1.5, time_unit="min")
    image = Image(ODD, "TZCYX", name="è x.tif", calibration=size, info="hello\nworld")
    write_imagej_tiff(tmp_path / image.name, image)
    again = read_image(tmp_path / image.name)
    assert again.axes == "TZCYX"
    np.testing.assert_array_equal(again.array, ODD)
    assert again.calibration == size
    assert again.info == "hello\nworld"
    assert again.path == str(tmp_path / image.name)


def test_an_ome_tiff_gives_its_pixel_sizes_and_channel_names(tmp_path):
    metadata = {"axes": "CYX", "PhysicalSizeX": 0.5, "PhysicalSizeY": 0.25, "PhysicalSizeXUnit": "nm"}
    tifffile.imwrite(tmp_path / "a.ome.tif", ODD[0, 0], metadata=metadata | {"Channel": {"Name": ["a", "b", "c", "d"]}})
    image = read_image(tmp_path / "a.ome.tif")
    assert image.axes == "CYX"
    assert image.channel_names == ("a", "b", "c", "d")
    assert (image.calibration.x, image.calibration.y, image.calibration.unit) == (0.5, 0.25, "nm")


def test_one_label_for_several_samples_is_no_list_of_channel_names(shared_data):
    assert read_image(shared_data / "imagej_samples" / "hela-cells.tif").channel_names == ()


@pytest.mark.parametrize(
    ("unit", "dots", "expected"),
    [
        ("CENTIMETER", 200, Calibration(x=0.005, y=0.005, unit="cm")),
        ("INCH", 72, Calibration()),
        ("NONE", 1, Calibration()),
    ],
)
def test_resolution_tags_mean_what_imagej_takes_them_for(tmp_path, unit, dots, expected):
    tifffile.imwrite(tmp_path / "a.tif", ODD[0, 0, 0], resolution=(dots, dots), resolutionunit=unit, metadata=None)
    assert read_image(tmp_path / "a.tif").calibration == expected


def test_pages_without_a_meaning_are_slices(tmp_path):
    tifffile.imwrite(tmp_path / "a.tif", ODD[0, :, 0], photometric="minisblack", metadata=None)
    assert read_image(tmp_path / "a.tif").axes == "ZYX"


def test_16_bit_samples_are_channels_and_8_bit_ones_are_rgb(tmp_path):
    for dtype, axes in ((np.uint16, "YXC"), (np.uint8, "YXS")):
        tifffile.imwrite(tmp_path / "a.tif", np.zeros((5, 7, 3), dtype), photometric="rgb", metadata=None)
        assert read_image(tmp_path / "a.tif").axes == axes


def test_a_palette_is_not_applied_and_an_inverting_one_is_noted(tmp_path):
    picture = Pillow.fromarray(np.arange(35, dtype=np.uint8).reshape(5, 7), mode="P")
    picture.putpalette([255 - value for value in range(256) for _ in range(3)])
    picture.save(tmp_path / "a.gif")
    image = read_image(tmp_path / "a.gif")
    assert image.inverting_lut
    np.testing.assert_array_equal(image.array, np.arange(35).reshape(5, 7))


def test_the_blobs_of_imagej_have_an_inverting_look_up_table(shared_data):
    image = read_image(shared_data / "imagej_samples" / "blobs.gif")
    assert image.inverting_lut
    assert image.array.shape == (254, 256)


@pytest.mark.parametrize(
    ("mode", "dtype", "axes"),
    [
        ("1", np.uint8, "YX"),
        ("L", np.uint8, "YX"),
        ("LA", np.uint8, "YX"),
        ("RGB", np.uint8, "YXS"),
        ("RGBA", np.uint8, "YXS"),
        ("I;16", np.uint16, "YX"),
    ],
)
def test_png_files_of_every_kind(tmp_path, mode, dtype, axes):
    Pillow.new(mode, (7, 5)).save(tmp_path / "a.png")
    image = read_image(tmp_path / "a.png")
    assert (image.array.dtype, image.axes, image.array.shape[:2]) == (dtype, axes, (5, 7))


def test_a_1_bit_tiff_is_0_and_255_as_in_imagej(tmp_path):
    mask = np.random.default_rng(0).random((50, 71)) > 0.5
    for name, compression in (("plain.tif", None), ("packed.tif", "zlib")):
        tifffile.imwrite(tmp_path / name, mask, compression=compression, metadata=None)
        np.testing.assert_array_equal(read_image(tmp_path / name).array, mask * np.uint8(255))


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(ImageFileError, match=r"gone\.tif': no such file"):
        read_image(tmp_path / "gone.tif")


@pytest.mark.parametrize("compression", [None, "zlib", "lzw"])
def test_a_truncated_tiff_is_refused_wherever_it_was_cut(tmp_path, compression):
    whole = tmp_path / "whole.tif"
    noise = np.random.default_rng(0).integers(0, 60000, (50, 70), np.uint16)
    tifffile.imwrite(whole, noise, compression=compression, metadata=None)
    content = whole.read_bytes()
    for kept in (0, 4, 100, len(content) // 2, len(content) - 40):
        (tmp_path / "cut.tif").write_bytes(content[:kept])
        with pytest.raises(ImageFileError, match="cut.tif"):
            read_image(tmp_path / "cut.tif")


def test_a_truncated_imagej_stack_is_refused(tmp_path):
    write_imagej_tiff(tmp_path / "whole.tif", Image(ODD, "TZCYX"))
    content = (tmp_path / "whole.tif").read_bytes()
    (tmp_path / "cut.tif").write_bytes(content[: len(content) // 2])
    with pytest.raises(ImageFileError, match="cut.tif"):
        read_image(tmp_path / "cut.tif")


def test_a_file_that_may_not_be_read_is_named_with_the_reason(tmp_path, monkeypatch):
    (tmp_path / "a.tif").write_bytes(b"II*\0")

    def refuse(*_, **__):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr("pathlib.Path.open", refuse)
    with pytest.raises(ImageFileError, match=r"a\.tif': Permission denied. To do: check that you may read the file"):
        read_image(tmp_path / "a.tif")


def test_stopping_while_a_file_is_read_is_no_fault_of_the_file(tmp_path):
    write_imagej_tiff(tmp_path / "a.tif", Image(ODD, "TZCYX"))
    stop = threading.Event()
    stop.set()
    with progress.listen(None, cancel=stop), pytest.raises(CancelledError):
        read_image(tmp_path / "a.tif")


def test_more_dimensions_than_imagej_has_are_refused(tmp_path):
    tifffile.imwrite(tmp_path / "six.tif", np.zeros((2, 3, 2, 2, 5, 7), np.uint8))
    with pytest.raises(ImageFileError, match=r"six\.tif': 6 dimensions, shape \(2, 3, 2, 2, 5, 7\)"):
        read_image(tmp_path / "six.tif")


def test_a_text_file_with_an_image_name_is_no_image(tmp_path):
    (tmp_path / "a.tif").write_text("this is no image at all")
    with pytest.raises(ImageFileError, match="it is no image of a kind we read"):
        read_image(tmp_path / "a.tif")
