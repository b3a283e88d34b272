"""Prediction: axes, calibration and names of the outputs; pixels that stay in their files give the same numbers."""

import dataclasses
import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pybridge.commands.predict import Predict, predict
from pybridge.core.image import Calibration, Image
from pybridge.core.lazy import LazyArray
from pybridge.core.store import ImageForm
from pybridge.files.lazy import open_image
from pybridge.files.ome_zarr import OmeZarrWriter
from pybridge.files.read import read_image
from pybridge.files.stores import FileStore
from pybridge.files.write import write_imagej_tiff
from tests.builders.folders import channel, tied_axes, write_model
from tests.builders.networks import copy, half_resolution, unet, whole_image

SIZE = Calibration(x=0.5, y=0.25, z=2.0, unit="µm", origin_x=3.0)
STEPS = {
    "none": [],
    "percentiles": [{"id": "scale_range", "kwargs": {"axes": ["y", "x"], "min_percentile": 1, "max_percentile": 99}}],
    "moments": [{"id": "zero_mean_unit_variance", "kwargs": {"axes": ["channel", "y", "x"]}}],
}


def lazy(image, chunks=(1, 1, 1, 32, 40)):
    array = image.array
    pixels = LazyArray(array.__getitem__, shape=array.shape, dtype=array.dtype, chunks=chunks[-array.ndim :])
    return dataclasses.replace(image, array=pixels)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
@pytest.mark.parametrize("steps", STEPS)
def test_stored_pixels_give_what_pixels_in_memory_give(tmp_path, dtype, steps):
    model = write_model(
        tmp_path / "m", unet(channels_out=2), size={"min": 4, "step": 4}, channels_out=2, preprocessing=STEPS[steps]
    )
    pixels = np.random.default_rng(0).gamma(2, 20, (2, 3, 75, 111)).astype(dtype)
    image = Image(pixels, "TZYX", calibration=SIZE)
    request = Predict(model=str(model), tile="48", device="cpu")
    whole, parts = request.run(image), request.run(lazy(image))
    np.testing.assert_array_equal(parts.outputs[0].array, whole.outputs[0].array)
    assert parts.record.inputs == whole.record.inputs
    assert parts.record.outputs == whole.record.outputs
    assert (whole.outputs[0].axes, whole.outputs[0].array.shape) == ("TZCYX", (2, 3, 2, 75, 111))
    assert whole.outputs[0].calibration == SIZE


@pytest.mark.parametrize("axes", ["TZCYX", "XYZCT", "CZYX"])
def test_a_2d_model_keeps_every_plane_in_its_place(tmp_path, axes):
    model = write_model(tmp_path / "m", copy(channels=2), channels_in=2, channels_out=2)
    lengths = {"T": 2, "Z": 3, "C": 2, "Y": 7, "X": 11}
    pixels = np.random.default_rng(0).random([lengths[letter] for letter in axes], np.float32)
    image = Image(pixels, axes)
    result = Predict(model=str(model)).run(lazy(image, chunks=(2, 2, 2, 2, 2)))
    expected = image.tzcyx() if "T" in axes else image.tzcyx()[0]
    np.testing.assert_array_equal(result.outputs[0].array, expected)
    assert result.outputs[0].axes == ("TZCYX" if "T" in axes else "ZCYX")


def test_a_3d_model_runs_on_each_volume(tmp_path):
    model = write_model(tmp_path / "m", copy(spatial=3), letters="zyx")
    image = Image(np.random.default_rng(0).random((2, 5, 7, 11), np.float32), "TZYX")
    (output,) = Predict(model=str(model), tile="4").run(lazy(image)).outputs
    assert output.axes == "TZYX"
    np.testing.assert_array_equal(output.array, image.array)
    (plane,) = Predict(model=str(model)).run(Image(image.array[0, 0], "YX")).outputs
    np.testing.assert_array_equal(plane.array, image.array[0, 0])


def test_an_output_of_another_resolution_has_other_pixel_sizes(tmp_path):
    half = [{"type": "batch"}, channel("a", "b"), *tied_axes("yx", scale=0.5)]
    outputs = [{"id": "coarse", "axes": half, "test_tensor": {"source": "test_output.npy"}}]
    model = write_model(tmp_path / "m", half_resolution(), size={"min": 2, "step": 2}, outputs=outputs)
    image = Image(np.zeros((70, 111), np.uint8), "YX", name="cells.ome.zarr", calibration=SIZE)
    (output,) = Predict(model=str(model)).run(image).outputs
    assert (output.name, output.channel_names) == ("cells-coarse", ("a", "b"))
    assert output.array.shape == (2, 35, 56)
    assert (output.calibration.x, output.calibration.y, output.calibration.origin_x) == (1.0, 0.5, 1.5)


@pytest.mark.parametrize("name", ["out.tif", "out.ome.zarr"])
def test_outputs_kept_in_files_are_the_same(tmp_path, name):
    model = write_model(tmp_path / "m", unet(channels_out=3), size={"min": 4, "step": 4}, channels_out=3)
    image = Image(np.random.default_rng(0).random((2, 75, 111), np.float32), "ZYX", name="in.tif", calibration=SIZE)
    write_imagej_tiff(tmp_path / "in.tif", image)
    request = Predict(model=str(model), tile="40")
    whole = request.run(image)
    with FileStore({whole.record.outputs[0].role: tmp_path / name}) as store:
        stored = request.run(open_image(tmp_path / "in.tif", most_bytes=100), store=store)
        assert stored.record.outputs == whole.record.outputs
        store.publish(stored.record.to_json())
    written = read_image(tmp_path / name)
    np.testing.assert_array_equal(written.array, whole.outputs[0].array)
    assert (written.axes, written.calibration) == ("ZCYX", SIZE)
    if name.endswith("zarr"):
        content = json.loads((tmp_path / name / ".zattrs").read_text())
        assert content["pybridge"]["record"]["id"] == stored.record.id


def test_a_model_that_looks_at_the_whole_image_warns_in_the_record(tmp_path):
    model = write_model(tmp_path / "m", whole_image())
    image = Image(np.random.default_rng(0).random((300, 310), np.float32), "YX")
    record = Predict(model=str(model), tile="160").run(image).record
    assert any("tiles differ from an untiled run" in warning for warning in record.warnings)


def test_python_takes_an_ome_zarr_by_its_path(tmp_path):
    model = write_model(tmp_path / "m", copy())
    pixels = np.random.default_rng(0).random((70, 111), np.float32)
    writer = OmeZarrWriter(tmp_path / "in.ome.zarr", ImageForm("raw", "in", "YX", pixels.shape, SIZE))
    writer[:, :] = pixels
    writer.finish("{}")
    result = predict(tmp_path / "in.ome.zarr", model=str(model))
    np.testing.assert_array_equal(result.outputs[0].array, pixels)
    assert result.outputs[0].name.startswith("in-")


@given(data=st.data(), axes=st.permutations("TZCYX"), edge=st.integers(20, 60))
@settings(max_examples=12, deadline=None)
def test_any_order_of_axes_chunks_and_tiles_gives_one_answer(tmp_path_factory, data, axes, edge):
    folder = tmp_path_factory.getbasetemp() / "any order"
    if not folder.exists():
        write_model(
            folder,
            unet(channels_in=2, channels_out=2),
            size={"min": 4, "step": 4},
            channels_in=2,
            channels_out=2,
            preprocessing=STEPS["percentiles"],
        )
    lengths = {"T": 2, "Z": 1, "C": 2, "Y": 53, "X": 70}
    shape = tuple(lengths[letter] for letter in axes)
    pixels = np.random.default_rng(edge).integers(0, 500, shape).astype(np.uint16)
    chunks = tuple(data.draw(st.integers(1, length)) for length in shape)
    request = Predict(model=str(folder), tile=str(edge), device="cpu")
    stored = request.run(lazy(Image(pixels, "".join(axes)), chunks=chunks)).outputs[0]
    whole = Predict(model=str(folder), tile="none", device="cpu").run(Image(pixels, "".join(axes))).outputs[0]
    assert stored.array == pytest.approx(whole.array, abs=1e-4)
