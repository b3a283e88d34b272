"""Images whose pixels stay in the file: the same pixels, axes and calibration as when they are read."""

import dataclasses

import numpy as np
import pytest
import tifffile

from pybridge.core.errors import ImageFileError
from pybridge.core.image import Calibration, Image
from pybridge.core.lazy import LazyArray
from pybridge.files.lazy import MappedArray, is_lazy, open_image
from pybridge.files.read import read_image
from pybridge.files.write import write_imagej_tiff

PIXELS = np.random.default_rng(0).integers(0, 60000, (5, 70, 110)).astype(np.uint16)
SIZE = Calibration(x=0.2, y=0.3, z=1.5, unit="µm", origin_x=3.0)


def write_tiff(path, how):
    if how == "imagej":
        write_imagej_tiff(path, Image(PIXELS, "ZYX", calibration=SIZE, info="note"))
    elif how == "tiled":
        tifffile.imwrite(path, PIXELS, tile=(32, 48), compression="zlib", metadata={"axes": "ZYX"})
    elif how == "strips":
        tifffile.imwrite(path, PIXELS, rowsperstrip=9, compression="zlib", predictor=True)
    elif how == "big-endian":
        tifffile.imwrite(path, PIXELS.astype(np.float32), byteorder=">", bigtiff=True)
    else:
        tifffile.imwrite(path, PIXELS[None, :, None], ome=True, metadata={"axes": "TCZYX", "PhysicalSizeX": 0.5})


@pytest.mark.parametrize("how", ["imagej", "tiled", "strips", "big-endian", "ome"])
def test_a_large_tiff_is_opened_without_reading_it(tmp_path, how):
    path = tmp_path / "a b é.tif"
    write_tiff(path, how)
    stored, whole = open_image(path, most_bytes=1000), read_image(path)
    assert is_lazy(stored)
    np.testing.assert_array_equal(np.asarray(stored.array), whole.array)
    np.testing.assert_array_equal(np.asarray(stored.array[..., 3:50, 60:101]), whole.array[..., 3:50, 60:101])
    assert stored.array.dtype == whole.array.dtype.newbyteorder("=")
    for name in ("axes", "name", "calibration", "channel_names", "path", "sha256_file", "info"):
        assert getattr(stored, name) == getattr(whole, name)
    assert stored.sha256_pixels() == whole.sha256_pixels()


def test_a_small_tiff_and_other_files_are_read(tmp_path):
    write_tiff(tmp_path / "a.tif", "imagej")
    assert not is_lazy(open_image(tmp_path / "a.tif"))
    tifffile.imwrite(tmp_path / "rgb.tif", np.zeros((50, 60, 3), np.uint8), photometric="rgb")
    assert not is_lazy(open_image(tmp_path / "rgb.tif", most_bytes=1000))


def test_what_is_no_image_is_a_file_error(tmp_path):
    with pytest.raises(ImageFileError, match="no such file"):
        open_image(tmp_path / "gone.tif")
    write_tiff(tmp_path / "a.tif", "imagej")
    (tmp_path / "cut.tif").write_bytes((tmp_path / "a.tif").read_bytes()[:50000])
    with pytest.raises(ImageFileError, match="truncated"):
        open_image(tmp_path / "cut.tif", most_bytes=1000)
    (tmp_path / "text.tif").write_text("no image")
    with pytest.raises(ImageFileError, match="no image of a kind we read"):
        open_image(tmp_path / "text.tif", most_bytes=1000)


def test_a_tiff_that_is_cut_while_it_is_read_is_a_file_error(tmp_path):
    write_tiff(tmp_path / "a.tif", "imagej")
    stored = open_image(tmp_path / "a.tif", most_bytes=1000)
    (tmp_path / "a.tif").write_bytes((tmp_path / "a.tif").read_bytes()[:5000])
    with pytest.raises(ImageFileError, match=r"a\.tif"):
        np.asarray(stored.array)


def test_a_mapped_array_takes_regions(tmp_path):
    (tmp_path / "raw").write_bytes(bytes(8 + 4 * 35))
    mapped = MappedArray(tmp_path / "raw", offset=8, shape=(5, 7), dtype=">f4")
    mapped[1:3, 2:4] = np.ones((2, 2))
    found = np.asarray(mapped.lazy())
    assert found.sum() == 4
    assert found.dtype == np.dtype("=f4")
    assert isinstance(mapped.lazy()[1:3], LazyArray)


def test_reading_whole_or_in_parts_describes_one_image(tmp_path):
    write_tiff(tmp_path / "a.tif", "imagej")
    stored = open_image(tmp_path / "a.tif", most_bytes=1000)
    assert dataclasses.replace(stored, array=np.asarray(stored.array)).sha256_pixels() == stored.sha256_pixels()
