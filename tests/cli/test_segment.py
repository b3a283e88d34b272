"""`pybridge segment`: files in, files out, nothing lost, nothing overwritten."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
import tifffile

from pybridge.cli import main
from pybridge.core.errors import UsageError
from pybridge.core.image import Image
from pybridge.core.record import record_sha256
from pybridge.files.inputs import find_images
from pybridge.files.read import read_image
from pybridge.files.write import write_imagej_tiff, write_labels
from pybridge.reporting.stored_record import read_record
from pybridge.samples import simulate_nuclei

MODEL = "nuclei-fluo"


@pytest.fixture
def folder(tmp_path):
    """Two simulated images, in a folder with a space and an accent in its name, and their truths beside it."""
    images = tmp_path / "mes données"
    images.mkdir()
    (tmp_path / "truth").mkdir()
    for seed, name in ((1, "a 1.tif"), (2, "é.tif")):
        image, truth = simulate_nuclei(shape=(96, 128), count=8, seed=seed)
        write_imagej_tiff(images / name, image)
        write_labels(tmp_path / "truth" / name.replace(".tif", "_mask.tif"), truth)
    return images


def test_a_folder_gives_labels_tables_records_and_scores(folder, tmp_path, capsys):
    out = tmp_path / "out"
    code = main(["segment", str(folder), "--model", MODEL, "-o", str(out), "--truth", str(tmp_path / "truth")])
    assert code == 0
    assert sorted(file.name for file in out.iterdir()) == [
        "a 1-labels.tif",
        "a 1-objects.csv",
        "a 1-record.json",
        "run-record.json",
        "scores.json",
        "é-labels.tif",
        "é-objects.csv",
        "é-record.json",
    ]
    labels = read_image(out / "é-labels.tif")
    assert labels.array.dtype == np.uint16
    assert labels.calibration == read_image(folder / "é.tif").calibration
    rows = list(csv.DictReader((out / "é-objects.csv").read_text().splitlines()))
    assert [int(row["Label"]) for row in rows] == list(range(1, labels.array.max() + 1))
    scores = json.loads((out / "scores.json").read_text())
    assert scores["images"] == 2
    assert scores["pooled"]["0.50"]["ap"] > 0.6
    said = capsys.readouterr().out
    assert "device: cpu (CPUExecutionProvider" in said
    assert "2 of 2 image(s) done" in said
    assert "95 % intervals from 2 images are too narrow" in said


def test_the_records_hash_what_was_read_and_written(folder, tmp_path):
    out = tmp_path / "out"
    assert main(["segment", str(folder / "é.tif"), "--model", MODEL, "-o", str(out), "--show-probability"]) == 0
    record = json.loads((out / "é-record.json").read_text())
    assert record["record_sha256"] == record_sha256(record)
    assert record["inputs"][0]["sha256_pixels"] == read_image(folder / "é.tif").sha256_pixels()
    assert [made["name"] for made in record["outputs"]] == ["é-labels.tif", "é-objects.csv", "é-probability.tif"]
    for made in record["outputs"]:
        if made["name"].endswith(".tif"):
            assert made["sha256_pixels"] == read_image(out / made["name"]).sha256_pixels()
    assert record["parameters"]["probability"] is not None
    assert record["parameters"]["show_probability"] is True
    assert record["timing_s"]["network"] > 0
    assert json.loads((out / "run-record.json").read_text())["inputs"] == record["inputs"]
    assert record["inputs"][0]["sha256_file"] is not None
    probability = tifffile.imread(out / "é-probability.tif")
    labels = tifffile.imread(out / "é-labels.tif")
    assert probability[labels > 0].mean() > 0.5 > probability[labels == 0].mean()


def test_what_is_measured_besides_stands_in_the_table(folder, tmp_path):
    out = tmp_path / "out"
    given = ["segment", str(folder / "é.tif"), "--model", MODEL, "--measure", "shape,neighbours", "-o", str(out)]
    assert main(given) == 0
    rows = list(csv.DictReader((out / "é-objects.csv").read_text().splitlines()))
    assert list(rows[0])[:8] == ["Label", "Area", "Mean", "X", "Y", "Circ.", "Confidence", "Perim."]
    assert all(float(row["Feret"]) > float(row["MinFeret"]) > 0 for row in rows)
    assert {row["Nearest"] for row in rows} <= {row["Label"] for row in rows}
    assert main([*given[:5], "shapes", *given[6:], "--overwrite"]) == 2


def test_bad_files_are_named_and_the_others_are_done(folder, tmp_path, capsys):
    (folder / "b cut.tif").write_bytes((folder / "é.tif").read_bytes()[:3000])
    (folder / "c text.tif").write_text("no image")
    out = tmp_path / "out"
    code = main(["segment", str(folder), str(folder / "gone.tif"), "--model", MODEL, "-o", str(out)])
    assert code == 1
    assert (out / "a 1-labels.tif").exists()
    assert (out / "é-labels.tif").exists()
    assert not list(out.glob("b*")) + list(out.glob("c*")) + list(out.glob("gone*"))
    said = capsys.readouterr().err
    for name in ("b cut.tif", "c text.tif", "gone.tif"):
        assert f"{name}'" in said
    warnings = json.loads((out / "run-record.json").read_text())["warnings"]
    assert sum(warning.startswith("not done: ") for warning in warnings) == 3


def test_existing_outputs_stop_the_run_before_any_work(folder, tmp_path, capsys):
    out = tmp_path / "out"
    out.mkdir()
    (out / "é-objects.csv").write_text("mine")
    assert main(["segment", str(folder), "--model", MODEL, "-o", str(out)]) == 1
    assert "é-objects.csv': the file exists" in capsys.readouterr().err
    assert [file.name for file in out.iterdir()] == ["é-objects.csv"]
    assert main(["segment", str(folder), "--model", MODEL, "-o", str(out), "--overwrite"]) == 0
    assert (out / "é-objects.csv").read_text() != "mine"


def test_without_an_output_folder_results_lie_beside_the_input_and_are_not_taken_for_inputs(folder):
    assert main(["segment", str(folder / "é.tif"), "--model", MODEL]) == 0
    assert main(["segment", str(folder / "a 1.tif"), "--model", MODEL]) == 0
    assert {"é-labels.tif", "a 1-labels.tif", "run-record.json", "run-record-2.json"} <= {
        f.name for f in folder.iterdir()
    }
    assert main(["segment", str(folder), "--model", MODEL, "--overwrite"]) == 0
    assert not list(folder.glob("*-labels-labels.tif"))


@pytest.mark.parametrize(
    ("options", "code", "message"),
    [
        (["--model", "nuclei-flou"], 2, "did you mean 'nuclei-fluo'"),
        (["--model", MODEL, "--min-size", "many"], 2, "not a whole number"),
        (["--model", MODEL, "--tile", "huge"], 2, "tile='huge'"),
        (["--model", MODEL, "--device", "gpu"], 2, "device"),
        (["--model", MODEL, "--rois", "manager"], 2, "it needs an ImageJ window"),
        (["--model", MODEL, "--truth", "nowhere"], 1, "no such file or folder"),
    ],
)
def test_wrong_options_are_refused_with_the_right_exit_code(folder, tmp_path, capsys, options, code, message):
    assert main(["segment", str(folder), "-o", str(tmp_path / "out"), *options]) == code
    assert message in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_stacks_keep_their_axes_and_the_table_says_where_each_object_is(tmp_path):
    image, _ = simulate_nuclei(shape=(96, 128), count=8)
    frames = np.stack([image.array, np.zeros_like(image.array), image.array])
    stack = Image(np.stack([frames, frames], axis=1), "TCYX", calibration=image.calibration)
    write_imagej_tiff(tmp_path / "s.tif", stack)
    assert main(["segment", str(tmp_path / "s.tif"), "--model", MODEL]) == 1  # two channels, none chosen
    assert main(["segment", str(tmp_path / "s.tif"), "--model", MODEL, "--channel", "2"]) == 0
    labels = read_image(tmp_path / "s-labels.tif")
    assert labels.axes == "TYX"
    first, blank, last = labels.array
    assert blank.max() == 0
    np.testing.assert_array_equal(last > 0, first > 0)
    assert set(np.unique(first)) & set(np.unique(last)) == {0}
    rows = list(csv.DictReader((tmp_path / "s-objects.csv").read_text().splitlines()))
    assert {(row["Channel"], row["Slice"], row["Frame"]) for row in rows} == {("2", "1", "1"), ("2", "1", "3")}
    warnings = json.loads((tmp_path / "s-record.json").read_text())["warnings"]
    assert any("frame 2, slice 1 has the same value" in warning for warning in warnings)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_pixels_that_are_no_numbers_are_an_error_that_counts_them(tmp_path, capsys, value):
    pixels = np.random.default_rng(0).normal(size=(70, 90)).astype(np.float32)
    pixels[3, 4] = value
    tifffile.imwrite(tmp_path / "x.tif", pixels)
    assert main(["segment", str(tmp_path / "x.tif"), "--model", MODEL]) == 1
    assert "x.tif" in capsys.readouterr().err
    assert not (tmp_path / "x-labels.tif").exists()


def test_a_constant_image_gives_an_empty_label_image_and_a_warning(tmp_path):
    tifffile.imwrite(tmp_path / "z.tif", np.zeros((70, 90), np.uint8))
    assert main(["segment", str(tmp_path / "z.tif"), "--model", MODEL]) == 0
    assert tifffile.imread(tmp_path / "z-labels.tif").max() == 0
    assert (tmp_path / "z-objects.csv").read_text().startswith("Label,Area")
    warnings = json.loads((tmp_path / "z-record.json").read_text())["warnings"]
    assert any("no object was found" in warning for warning in warnings)


def test_truth_of_another_size_fails_that_image_only(folder, tmp_path, capsys):
    write_labels(tmp_path / "truth" / "é_mask.tif", Image(np.zeros((9, 9), np.int32), "YX"), overwrite=True)
    out = tmp_path / "out"
    code = main(["segment", str(folder), "--model", MODEL, "-o", str(out), "--truth", str(tmp_path / "truth")])
    assert code == 1
    assert "the truth YX 9×9" in capsys.readouterr().err
    assert (out / "a 1-labels.tif").exists()
    assert json.loads((out / "scores.json").read_text())["images"] == 1


def test_a_record_never_takes_the_name_of_an_input_or_output(folder, tmp_path, capsys):
    image, out = folder / "é.tif", tmp_path / "out"
    before = image.read_bytes()
    for record in (image, out / "é-labels.tif", out / "é-record.json"):
        options = ["segment", str(image), "--model", MODEL, "-o", str(out), "--record", str(record), "--overwrite"]
        assert main(options) == 2
        assert "has that name" in capsys.readouterr().err
    assert image.read_bytes() == before


def test_an_output_folder_that_cannot_be_written_is_said_before_any_work(folder, capsys):
    for where in (["-o", "/proc/none"], ["--record", "/proc/none/r.json"]):
        if not Path("/proc").is_dir():
            pytest.skip("needs a folder that nobody can write")
        assert main(["segment", str(folder / "é.tif"), "--model", MODEL, *where]) == 1
        said = capsys.readouterr().err
        assert "/proc/none" in said
        assert "To do: " in said
        assert "Traceback" not in said
    assert not list(folder.glob("*-labels.tif"))


def test_outlines_go_into_a_zip_for_the_roi_manager(folder, tmp_path):
    import roifile

    out = tmp_path / "out"
    assert main(["segment", str(folder / "é.tif"), "--model", MODEL, "-o", str(out), "--rois", "zip"]) == 0
    labels = tifffile.imread(out / "é-labels.tif")
    rois = roifile.roiread(out / "é-rois.zip")
    assert [roi.name for roi in rois] == [str(number) for number in range(1, labels.max() + 1)]


def test_each_image_carries_the_record_of_its_own_input_and_the_run_lists_all(folder, tmp_path):
    out = tmp_path / "out"
    assert main(["segment", str(folder), "--model", MODEL, "-o", str(out), "--show-probability"]) == 0
    for name in ("a 1", "é"):
        own = read_record(out / f"{name}-record.json")
        for role in ("labels", "probability"):
            carried = read_record(out / f"{name}-{role}.tif")
            assert (carried.id, carried.problems) == (own.id, ())
            assert [used.name for used in carried.images] == [f"{name}.tif"]
            assert carried.outputs == own.outputs
    assert [used.name for used in read_record(out).images] == ["a 1.tif", "é.tif"]


def test_an_ome_tiff_keeps_sizes_and_pixels_and_carries_the_record(folder, tmp_path):
    path = tmp_path / "out" / "l-labels.ome.tif"
    assert main(["segment", str(folder / "é.tif"), "--model", MODEL, "-o", str(path)]) == 0
    assert sorted(file.name for file in path.parent.iterdir()) == [
        "l-labels.ome.tif",
        "l-objects.csv",
        "l-record.json",
        "run-record.json",
    ]
    with tifffile.TiffFile(path) as tiff:
        assert tiff.is_ome
    labels, record = read_image(path), read_record(path)
    assert labels.calibration == read_image(folder / "é.tif").calibration
    assert record.outputs[0].sha256_pixels == labels.sha256_pixels()
    with pytest.raises(UsageError, match="no image in it"):  # what PyBridge wrote there is not taken for an input
        find_images([str(path.parent)])


def test_an_image_called_run_has_its_own_record_beside_that_of_the_run(folder, tmp_path):
    (folder / "é.tif").rename(tmp_path / "run.tif")
    assert main(["segment", str(tmp_path / "run.tif"), "--model", MODEL]) == 0
    assert read_record(tmp_path / "run-record.json").outputs[-1].name == "run-objects.csv"
    assert (tmp_path / "run-record-2.json").is_file()


def test_neither_record_nor_output_takes_the_name_of_scores_or_truth(folder, tmp_path, capsys):
    out, truth = tmp_path / "out", tmp_path / "truth" / "é_mask.tif"
    before = truth.read_bytes()
    words = ["segment", str(folder / "é.tif"), "--model", MODEL, "--truth", str(truth), "--overwrite"]
    for where in (["-o", str(out), "--record", str(out / "scores.json")], ["-o", str(truth)]):
        assert main([*words, *where]) == 2
    said = capsys.readouterr().err
    assert "another output of this run has that name" in said
    assert "it is an input of this run" in said
    assert truth.read_bytes() == before
    assert not out.exists()
