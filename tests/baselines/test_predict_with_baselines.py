"""Denoisers stand where a model's id stands in Predict: axes, channels, files, and what does not apply."""

import dataclasses
import json

import numpy as np
import pytest

import pybridge
from pybridge.cli import main
from pybridge.core.errors import DeviceError, ModelNotFoundError, UsageError
from pybridge.core.image import Calibration, Image
from pybridge.core.lazy import LazyArray
from pybridge.files.read import read_image
from pybridge.files.write import write_imagej_tiff

SIZE = Calibration(x=0.5, y=0.25, z=2.0, unit="µm")
PIXELS = np.random.default_rng(0).gamma(2, 20, (2, 3, 2, 7, 11)).astype(np.uint16)


def test_every_plane_and_channel_is_filtered_by_itself():
    from scipy import ndimage

    image = Image(PIXELS, "TZCYX", name="a.tif", calibration=SIZE, channel_names=("DAPI", "GFP"))
    result = pybridge.predict(image, model="baseline:gaussian:sigma=1.5")
    (output,) = result.outputs
    assert (output.axes, output.name, output.calibration) == ("TZCYX", "a-denoised", SIZE)
    assert output.channel_names == ("DAPI", "GFP")
    wanted = ndimage.gaussian_filter(PIXELS[1, 2, 0].astype(np.float32), 1.5)
    np.testing.assert_array_equal(output.array[1, 2, 0], wanted)
    assert result.record.model.id == "baseline:gaussian:sigma=1.5"
    assert result.record.device.used == "cpu"
    assert result.record.outputs[0].sha256_pixels == output.sha256_pixels()


def test_one_channel_can_be_chosen_and_stored_pixels_give_the_same():
    image = Image(PIXELS[0], "ZCYX")
    stored = PIXELS[0]
    lazy = LazyArray(stored.__getitem__, shape=stored.shape, dtype=stored.dtype, chunks=(1, 1, 4, 4))
    results = [
        pybridge.predict(each, model="baseline:median", channel="2").outputs[0]
        for each in (image, dataclasses.replace(image, array=lazy))
    ]
    assert results[0].axes == "ZYX"
    np.testing.assert_array_equal(results[0].array, results[1].array)


def test_the_shell_writes_the_denoised_image(tmp_path):
    write_imagej_tiff(tmp_path / "cells.tif", Image(PIXELS[0, 0, 0], "YX", calibration=SIZE))
    assert main(["predict", str(tmp_path / "cells.tif"), "--model", "baseline:nl-means", "-o", str(tmp_path)]) == 0
    written = read_image(tmp_path / "cells-denoised.tif")
    assert written.array.dtype == np.float32
    assert json.loads((tmp_path / "cells-record.json").read_text())["model"]["id"] == "baseline:nl-means"


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({"model": "baseline:gausian"}, ModelNotFoundError, "did you mean 'baseline:gaussian'"),
        ({"model": "baseline:otsu-watershed"}, ModelNotFoundError, "a method of `pybridge segment`.*baseline:gaussian"),
        ({"model": "baseline:median", "augment": True}, UsageError, "augment=True .*no network"),
        (
            {"model": "baseline:median", "device": "cuda:1"},
            DeviceError,
            "device=cuda:1: classical methods run on the CPU",
        ),
    ],
)
def test_what_does_not_apply_is_refused(settings, error, message):
    with pytest.raises(error, match=message):
        pybridge.predict(Image(PIXELS[0, 0, 0], "YX"), **settings)


def test_a_denoiser_finds_no_objects():
    with pytest.raises(ModelNotFoundError, match="a method of `pybridge predict`"):
        pybridge.segment(Image(PIXELS[0, 0, 0], "YX"), model="baseline:median")


def test_models_list_and_show_tell_of_the_methods(capsys):
    assert main(["models", "list"]) == 0
    said = capsys.readouterr().out
    assert "baseline:otsu-watershed" in said
    assert "baseline:nl-means" in said
    assert main(["models", "show", "baseline:otsu-watershed"]) == 0
    said = capsys.readouterr().out
    assert "roundness" in said
    assert "doi:10.1109/TSMC.1979.4310076" in said
    assert main(["models", "test", "baseline:median"]) == 2
    assert "no test tensors" in capsys.readouterr().err
