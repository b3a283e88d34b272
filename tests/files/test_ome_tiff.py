"""OME-TIFFs are whole: axes, sizes, channels, and the record that the image carries."""

import numpy as np
import pytest
import tifffile

from pybridge.core.errors import UsageError
from pybridge.core.image import Calibration, Image
from pybridge.core.record import RunRecord
from pybridge.files.read import read_image
from pybridge.files.write import write_imagej_tiff, write_labels
from pybridge.reporting.stored_record import read_record

SIZE = Calibration(x=0.5, y=0.25, z=2.0, unit="µm", frame_interval=3.0)


def test_an_image_comes_back_with_axes_calibration_channels_and_record(tmp_path):
    pixels = np.random.default_rng(0).integers(0, 900, (2, 5, 3, 7, 11)).astype(np.uint16)
    record = RunRecord("1", "PyBridge Predict", {"model": "<b>&é"}, "2026-11-22")
    names = ("DAPI", "a & b", "GFP")
    image = Image(pixels, "TZCYX", name="a", calibration=SIZE, channel_names=names, info=record.to_json())
    write_imagej_tiff(tmp_path / "a.ome.tif", image)
    back = read_image(tmp_path / "a.ome.tif")
    assert (back.axes, back.calibration) == ("TZCYX", SIZE)
    assert back.channel_names == names
    assert back.sha256_pixels() == image.sha256_pixels()
    stored = read_record(tmp_path / "a.ome.tif")
    assert (stored.parameters, stored.was_edited) == ({"model": "<b>&é"}, False)
    with tifffile.TiffFile(tmp_path / "a.ome.tif") as tiff:
        assert tiff.is_ome


def test_three_planes_of_labels_are_no_colours(tmp_path):
    labels = Image(np.arange(105, dtype=np.uint16).reshape(3, 5, 7), "ZYX", name="a", info="")
    write_labels(tmp_path / "a.ome.tif", labels)
    back = read_image(tmp_path / "a.ome.tif")
    assert (back.axes, back.array.shape, back.calibration) == ("ZYX", (3, 5, 7), Calibration())
    with pytest.raises(UsageError, match="the image carries none"):
        read_record(tmp_path / "a.ome.tif")


def test_a_unit_that_ome_lacks_is_refused(tmp_path):
    image = Image(np.zeros((5, 7), np.uint8), "YX", name="a", calibration=Calibration(unit="furlong"))
    with pytest.raises(UsageError, match="the unit 'furlong', which OME does not have.*To do: write an ImageJ TIFF"):
        write_imagej_tiff(tmp_path / "a.ome.tif", image)
    assert list(tmp_path.iterdir()) == []
