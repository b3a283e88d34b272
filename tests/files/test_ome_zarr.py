"""OME-Zarr in and out: axes, pixel sizes and channels survive, damage is a file error."""

import json

import numpy as np
import pytest
import zarr

from pybridge.core.errors import ImageFileError
from pybridge.core.image import Calibration, Image
from pybridge.core.store import ImageForm
from pybridge.files.lazy import is_lazy, open_image
from pybridge.files.ome_zarr import OmeZarrWriter, is_zarr
from pybridge.files.read import read_image

SIZE = Calibration(x=0.2, y=0.25, z=1.5, unit="µm", origin_x=3.0, frame_interval=2.0)
PIXELS = np.random.default_rng(0).random((2, 3, 5, 70, 110)).astype(np.float32)


def write(path, pixels=PIXELS, axes="TCZYX", names=("DAPI", "GFP", "RFP"), size=SIZE):
    writer = OmeZarrWriter(path, ImageForm("raw", "cells", axes, pixels.shape, size, names))
    writer[...] = pixels
    writer.finish(json.dumps({"id": "run"}))
    return path


def other(path, *, version, axes, pixels, scale, omero=()):
    """Write an image as other programs do: axes and order of their own, in 0.4 or 0.5."""
    group = zarr.open_group(str(path), mode="w", zarr_format=3 if version == "0.5" else 2)
    group.create_array("full/0", data=pixels, chunks=(2, 40, 40)[-pixels.ndim :])
    content = {
        "multiscales": [
            {
                "axes": axes,
                "datasets": [
                    {"path": "full/0", "coordinateTransformations": [{"type": "scale", "scale": [1, 1, 1]}]},
                    {"path": "full/1", "coordinateTransformations": [{"type": "scale", "scale": [1, 2, 2]}]},
                ],
                "coordinateTransformations": [{"type": "scale", "scale": scale}],
            }
        ],
        "omero": {"channels": [{"label": label} for label in omero]},
    }
    group.attrs.update({"ome": {"version": "0.5"} | content} if version == "0.5" else content)


def test_what_was_written_comes_back(tmp_path):
    path = write(tmp_path / "mes données" / "é.ome.zarr")
    image = open_image(path)
    assert is_lazy(image)
    assert (image.axes, image.name, image.stem) == ("TCZYX", "é.ome.zarr", "é")
    assert image.channel_names == ("DAPI", "GFP", "RFP")
    assert image.calibration.origin_x == pytest.approx(3.0)
    assert (image.calibration.x, image.calibration.y, image.calibration.z) == (0.2, 0.25, 1.5)
    assert (image.calibration.unit, image.calibration.frame_interval) == ("µm", 2.0)
    np.testing.assert_array_equal(np.asarray(image.array[1, :, 2, 40:, 7:99]), PIXELS[1, :, 2, 40:, 7:99])
    np.testing.assert_array_equal(read_image(path).array, PIXELS)
    assert image.sha256_pixels() == Image(PIXELS, "TCZYX").sha256_pixels()


def test_what_is_written_is_ome_ngff_0_4(tmp_path):
    path = write(tmp_path / "a.zarr", pixels=PIXELS[0, 0], axes="ZYX", names=())
    content = json.loads((path / ".zattrs").read_text())
    image = content["multiscales"][0]
    assert image["version"] == "0.4"
    assert image["axes"] == [{"name": name, "type": "space", "unit": "micrometer"} for name in "zyx"]
    scale, shift = image["datasets"][0]["coordinateTransformations"]
    assert scale == {"type": "scale", "scale": [1.5, 0.25, 0.2]}
    assert shift["translation"] == pytest.approx([0, 0, -0.6])
    assert content["pybridge"]["record"] == {"id": "run"}
    stored = json.loads((path / "0" / ".zarray").read_text())
    assert (stored["zarr_format"], stored["dimension_separator"], stored["chunks"]) == (2, "/", [1, 70, 110])


@pytest.mark.parametrize("version", ["0.4", "0.5"])
def test_images_of_other_programs_are_read_in_full_resolution(tmp_path, version):
    pixels = np.arange(2 * 70 * 110, dtype=np.uint16).reshape(2, 70, 110)
    axes = [{"name": "c", "type": "channel"}] + [
        {"name": name, "type": "space", "unit": "nanometer"} for name in ("y", "x")
    ]
    other(tmp_path / "a.zarr", version=version, axes=axes, pixels=pixels, scale=[1, 250, 200], omero=("A", "B"))
    image = open_image(tmp_path / "a.zarr")
    assert (image.axes, image.channel_names) == ("CYX", ("A", "B"))
    assert (image.calibration.x, image.calibration.y, image.calibration.unit) == (200, 250, "nm")
    np.testing.assert_array_equal(np.asarray(image.array[1, 3:, :7]), pixels[1, 3:, :7])


def test_a_bare_array_is_an_image(tmp_path):
    zarr.save_array(str(tmp_path / "b.zarr"), np.ones((5, 7, 11), bool))
    image = open_image(tmp_path / "b.zarr")
    assert (image.axes, image.array.dtype, image.calibration) == ("ZYX", np.uint8, Calibration())


def test_what_is_no_image_is_a_file_error(tmp_path):
    (tmp_path / "empty.zarr").mkdir()
    with pytest.raises(ImageFileError, match=r"empty\.zarr"):
        open_image(tmp_path / "empty.zarr")
    zarr.open_group(str(tmp_path / "group.zarr"), mode="w").create_array("a", shape=(3, 3), dtype="u1")
    with pytest.raises(ImageFileError, match="no image in it, but a"):
        open_image(tmp_path / "group.zarr")
    assert is_zarr(tmp_path / "group.zarr")
    assert not is_zarr(tmp_path)


def test_a_damaged_chunk_is_a_file_error(tmp_path):
    path = write(tmp_path / "a.zarr", pixels=PIXELS[0, 0], axes="ZYX", names=())
    chunk = next(file for file in (path / "0" / "2").rglob("*") if file.is_file())
    chunk.write_bytes(chunk.read_bytes()[:50])
    image = open_image(path)
    assert np.asarray(image.array[0]).shape == (70, 110)
    with pytest.raises(ImageFileError, match=r"a\.zarr"):
        np.asarray(image.array[2])
