"""Outputs that are written region by region: whole under their own names, or not there at all."""

import dataclasses
import json

import numpy as np
import pytest

from pybridge.core.errors import OutputExistsError, UsageError
from pybridge.core.image import Calibration
from pybridge.core.record import RunRecord
from pybridge.core.store import ImageForm
from pybridge.files.lazy import open_image
from pybridge.files.read import read_image
from pybridge.files.stores import FileStore
from pybridge.reporting.stored_record import read_record

SIZE = Calibration(x=0.5, y=0.25, z=2.0, unit="µm", origin_x=3.0)
FORM = ImageForm("raw", "raw", "ZCYX", (3, 2, 70, 110), SIZE)
PIXELS = np.random.default_rng(0).random(FORM.shape).astype(np.float32)
NAMES = ["é raw.tif", "é raw.ome.zarr", "é raw.ome.tif"]
RECORD = RunRecord("run", "PyBridge Predict", {"model": "é <script> &amp; ]]>"}, "2026-11-22").to_json()


def fill(target):
    for z in range(3):
        for row in range(0, 70, 33):
            target[z, :, row : row + 33, 4:] = PIXELS[z, :, row : row + 33, 4:]
        target[z, :, :, :4] = PIXELS[z, :, :, :4]


@pytest.mark.parametrize("name", NAMES)
def test_what_was_written_in_parts_is_read_as_one_image(tmp_path, name):
    path = tmp_path / "out put" / name
    with FileStore({"raw": path}) as store:
        target = store.make(FORM)
        fill(target)
        np.testing.assert_array_equal(np.asarray(target.stored()), PIXELS)
        assert not path.exists()
        store.publish(RECORD)
        np.testing.assert_array_equal(np.asarray(target.stored()[1:, 0, 60:]), PIXELS[1:, 0, 60:])
    assert [file.name for file in path.parent.iterdir()] == [name]
    image = read_image(path)
    size = dataclasses.replace(SIZE, origin_x=0.0) if name.endswith(".ome.tif") else SIZE  # OME has no such origin
    assert (image.axes, image.calibration) == ("ZCYX", size)
    np.testing.assert_array_equal(image.array, PIXELS)
    assert open_image(path).sha256_pixels() == image.sha256_pixels()
    stored = read_record(path)
    assert (stored.id, stored.parameters) == ("run", json.loads(RECORD)["parameters"])
    assert not stored.was_edited


@pytest.mark.parametrize("name", NAMES)
def test_what_fails_leaves_nothing_behind(tmp_path, name):
    def interrupted():
        with FileStore({"raw": tmp_path / name}) as store:
            fill(store.make(FORM))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", NAMES)
def test_an_output_that_came_into_being_meanwhile_is_kept(tmp_path, name):
    with FileStore({"raw": tmp_path / name}) as store:
        fill(store.make(FORM))
        (tmp_path / name).write_text("mine")
        with pytest.raises(OutputExistsError, match="the file exists"):
            store.publish("{}")
    assert (tmp_path / name).read_text() == "mine"
    assert len(list(tmp_path.iterdir())) == 1


def test_a_folder_is_replaced_when_that_is_allowed(tmp_path):
    for value in (1.0, 2.0):
        with FileStore({"raw": tmp_path / "a.zarr"}, overwrite=True) as store:
            store.make(FORM)[...] = np.full(FORM.shape, value, np.float32)
            store.publish("{}")
    assert (read_image(tmp_path / "a.zarr").array == 2.0).all()
    assert [file.name for file in tmp_path.iterdir()] == ["a.zarr"]


def test_a_tiff_beyond_four_gibibytes_is_refused_with_a_way_out(tmp_path):
    form = ImageForm("raw", "raw", "YX", (40_000, 40_000), Calibration())
    with FileStore({"raw": tmp_path / "a.tif"}) as store, pytest.raises(UsageError, match=r"ends in \.ome\.zarr"):
        store.make(form)
