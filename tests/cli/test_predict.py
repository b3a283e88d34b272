"""`pybridge predict`: any model's output tensors as files, TIFF in TIFF out, OME-Zarr in OME-Zarr out."""

import json
import os

import numpy as np
import pytest
import tifffile

from pybridge.cli import main
from pybridge.core.image import Calibration, Image
from pybridge.core.record import record_sha256
from pybridge.core.store import ImageForm
from pybridge.files.ome_zarr import OmeZarrWriter
from pybridge.files.read import read_image
from pybridge.files.write import write_imagej_tiff
from tests.builders.folders import channel, tied_axes, write_model
from tests.builders.networks import copy, two_outputs, unet
from tests.builders.processes import interrupt, running_pybridge

SIZE = Calibration(x=0.5, y=0.25, unit="µm")
PIXELS = np.random.default_rng(0).integers(0, 4000, (75, 111)).astype(np.float32)


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """A U-Net with three output channels; its output is called as the builder calls it."""
    folder = tmp_path_factory.mktemp("models") / "m"
    return str(write_model(folder, unet(channels_out=3), size={"min": 4, "step": 4}, channels_out=3))


@pytest.fixture(scope="module")
def tensor(model):
    from pybridge import zoo

    return zoo.find(model).outputs[0].id


@pytest.fixture
def folder(tmp_path):
    """Two images, in a folder with a space and an accent in its name."""
    images = tmp_path / "mes données"
    images.mkdir()
    for name in ("a 1.tif", "é.tif"):
        write_imagej_tiff(images / name, Image(PIXELS, "YX", calibration=SIZE))
    return images


def write_zarr(path, pixels=PIXELS):
    writer = OmeZarrWriter(path, ImageForm("raw", path.name, "YX", pixels.shape, SIZE))
    writer[:, :] = pixels
    writer.finish("{}")
    return path


def test_a_folder_gives_tensors_and_records(folder, tmp_path, model, tensor, capsys):
    out = tmp_path / "out"
    assert main(["predict", str(folder), "--model", model, "-o", str(out)]) == 0
    names = [f"a 1-{tensor}.tif", "a 1-record.json", "run-record.json", f"é-{tensor}.tif", "é-record.json"]
    assert sorted(file.name for file in out.iterdir()) == sorted(names)
    image = read_image(out / f"é-{tensor}.tif")
    assert (image.axes, image.array.shape, image.array.dtype) == ("CYX", (3, 75, 111), np.float32)
    assert image.calibration == SIZE
    record = json.loads((out / "é-record.json").read_text())
    assert record["record_sha256"] == record_sha256(record)
    assert record["command"] == "PyBridge Predict"
    assert [(made["role"], made["name"]) for made in record["outputs"]] == [(tensor, f"é-{tensor}.tif")]
    assert record["outputs"][0]["sha256_pixels"] == image.sha256_pixels()
    assert json.loads(image.info)["id"] == record["id"]
    assert "2 of 2 image(s) done" in capsys.readouterr().out


def test_an_ome_zarr_gives_an_ome_zarr_with_the_same_numbers(folder, tmp_path, model, tensor):
    write_zarr(tmp_path / "big é.ome.zarr")
    out = tmp_path / "out"
    assert main(["predict", str(tmp_path / "big é.ome.zarr"), "--model", model, "-o", str(out), "--tile", "48"]) == 0
    assert main(["predict", str(folder / "é.tif"), "--model", model, "-o", str(out), "--tile", "48"]) == 0
    stored = read_image(out / f"big é-{tensor}.ome.zarr")
    np.testing.assert_array_equal(stored.array, read_image(out / f"é-{tensor}.tif").array)
    assert (stored.axes, stored.calibration) == ("CYX", SIZE)
    one, other = (json.loads((out / f"{stem}-record.json").read_text()) for stem in ("big é", "é"))
    assert one["inputs"][0]["sha256_pixels"] == other["inputs"][0]["sha256_pixels"]
    assert one["outputs"][0]["sha256_pixels"] == other["outputs"][0]["sha256_pixels"]
    assert one["inputs"][0]["sha256_file"] is None


@pytest.mark.parametrize("name", ["mine.ome.zarr", "mine.zarr", "mine.tif"])
def test_the_user_may_name_the_file(folder, tmp_path, model, name):
    out = tmp_path / "out" / name
    source = str(folder / "é.tif")
    assert main(["predict", source, "--model", model, "-o", str(out)]) == 0
    assert read_image(out).array.shape == (3, 75, 111)
    assert (tmp_path / "out" / "mine-record.json").is_file()
    assert main(["predict", source, "--model", model, "-o", str(out)]) == 1
    assert main(["predict", source, "--model", model, "-o", str(out), "--overwrite"]) == 0
    assert not [file for file in (tmp_path / "out").iterdir() if file.name.startswith(".")]


def test_one_file_for_several_results_is_refused(folder, tmp_path, model, capsys):
    assert main(["predict", str(folder), "--model", model, "-o", str(tmp_path / "x.ome.zarr")]) == 2
    assert "one file for several results" in capsys.readouterr().err
    full = [{"type": "batch"}, channel("a"), *tied_axes("yx")]
    half = [{"type": "batch"}, channel("a", "b"), *tied_axes("yx", scale=0.5)]
    outputs = [{"id": f"o{n}", "axes": axes, "test_tensor": {"source": "t.npy"}} for n, axes in enumerate((full, half))]
    for each in outputs:
        each["test_tensor"] = {"source": "test_output.npy"}
    two = str(write_model(tmp_path / "two", two_outputs(), size={"min": 2, "step": 2}, outputs=outputs))
    source = str(folder / "é.tif")
    assert main(["predict", source, "--model", two, "-o", str(tmp_path / "x.tif")]) == 2
    assert main(["predict", source, "--model", two, "-o", str(tmp_path / "out")]) == 0
    assert read_image(tmp_path / "out" / "é-o0.tif").array.shape == (75, 111)
    assert read_image(tmp_path / "out" / "é-o1.tif").array.shape == (2, 38, 56)


def test_bad_files_are_named_and_the_others_are_done(folder, tmp_path, model, tensor, capsys):
    (folder / "b cut.tif").write_bytes((folder / "é.tif").read_bytes()[:3000])
    (folder / "c empty.zarr").mkdir()
    out = tmp_path / "out"
    assert main(["predict", str(folder), str(folder / "gone.tif"), "--model", model, "-o", str(out)]) == 1
    said = capsys.readouterr().err
    for name in ("b cut.tif", "c empty.zarr", "gone.tif"):
        assert f"{name}'" in said
    assert {f"a 1-{tensor}.tif", f"é-{tensor}.tif"} < {file.name for file in out.iterdir()}
    assert not list(out.glob("b*")) + list(out.glob("c*")) + list(out.glob("gone*"))


def test_outputs_beside_the_inputs_are_not_taken_for_inputs(folder, model, tensor):
    write_zarr(folder / "z.zarr")
    for _ in range(2):
        assert main(["predict", str(folder), "--model", model, "--overwrite"]) == 0
    assert (folder / f"z-{tensor}.ome.zarr").is_dir()
    assert not list(folder.glob(f"*-{tensor}-{tensor}*"))
    assert main(["predict", str(folder), "--model", model]) == 1


@pytest.mark.parametrize(
    ("options", "code", "message"),
    [
        (["--model", "nuclei-flou"], 2, "did you mean 'nuclei-fluo'"),
        (["--tile", "huge"], 2, "tile='huge'"),
        (["--device", "gpu"], 2, "device"),
        ([], 2, "model"),
    ],
)
def test_wrong_options_are_refused_with_the_right_exit_code(folder, tmp_path, model, capsys, options, code, message):
    words = ["predict", str(folder), "-o", str(tmp_path / "out"), *options]
    words += ["--model", model] if "--model" not in options and options else []
    try:
        found = main(words)
    except SystemExit as ended:
        found = ended.code
    assert found == code
    assert message in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_stored_pixels_that_are_no_numbers_are_an_error_that_counts_them(tmp_path, model, capsys, value):
    pixels = PIXELS.copy()
    pixels[60, 80] = value
    write_zarr(tmp_path / "x.zarr", pixels)
    assert main(["predict", str(tmp_path / "x.zarr"), "--model", model]) == 1
    assert "1 of 8325 pixels are NaN or infinite" in capsys.readouterr().err
    assert sorted(file.name for file in tmp_path.iterdir()) == ["run-record.json", "x.zarr"]


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
def test_an_interrupted_run_leaves_nothing_half_written(tmp_path):
    model = str(write_model(tmp_path / "m", copy()))
    write_zarr(tmp_path / "in.ome.zarr", np.ones((1500, 1500), np.float32))
    out = tmp_path / "out"
    words = ["predict", str(tmp_path / "in.ome.zarr"), "--model", model, "-o", str(out), "--tile", "8"]
    with running_pybridge(*words) as process:
        said = interrupt(process, once=lambda: list(out.glob(".pybridge-*")))
    assert process.returncode == 130
    assert "interrupted" in said
    assert "Traceback" not in said
    assert not list(out.iterdir())


def test_a_tiff_of_several_planes_keeps_them(tmp_path, model, tensor):
    write_imagej_tiff(tmp_path / "s.tif", Image(np.stack([PIXELS, PIXELS * 2]), "TYX", calibration=SIZE))
    assert main(["predict", str(tmp_path / "s.tif"), "--model", model]) == 0
    with tifffile.TiffFile(tmp_path / f"s-{tensor}.tif") as tiff:
        assert (tiff.series[0].axes, tiff.series[0].shape) == ("TCYX", (2, 3, 75, 111))
