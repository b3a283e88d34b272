"""`pybridge evaluate`: files, folders and globs in; scores, tables, pictures and the record out."""

import csv
import json
import subprocess
import sys

import numpy as np
import pytest
import roifile
import tifffile

import pybridge
from pybridge.cli import main
from pybridge.core.image import Calibration, Image
from pybridge.core.record import record_sha256
from pybridge.files.read import read_image
from pybridge.files.write import write_imagej_tiff, write_labels
from tests.builders.tracks import two_cells

SIZE = Calibration(x=0.5, y=0.5, unit="µm")


@pytest.fixture
def folders(tmp_path):
    """Results with one object less, and truths; names with a space and an accent."""
    results, truths = tmp_path / "mes résultats", tmp_path / "truth"
    for number, stem in enumerate(("a 1", "é")):
        _, truth = pybridge.samples.simulate_nuclei(shape=(90, 131), count=8, seed=number)
        array = np.asarray(truth.array).astype(np.uint16)
        write_labels(truths / f"{stem}_mask.tif", Image(array, "YX", calibration=SIZE))
        write_labels(results / f"{stem}-labels.tif", Image(array * (array != 2), "YX", calibration=SIZE))
        write_imagej_tiff(results / f"{stem}-probability.tif", Image(np.zeros((90, 131), np.float32), "YX"))
    return results, truths


def rows_of(path):
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_folders_give_scores_tables_and_a_record(folders, tmp_path, capsys):
    results, truths = folders
    out = tmp_path / "out"
    assert main(["evaluate", str(results), str(truths), "-o", str(out), "--show-errors"]) == 0
    names = [f"{stem}-{role}" for stem in ("a 1", "é") for role in ("details.csv", "errors.png", "errors.tif")]
    assert sorted(file.name for file in out.iterdir()) == sorted(
        [*names, "run-record.json", "scores.csv", "scores.json"]
    )
    scores = json.loads((out / "scores.json").read_text())
    assert scores["images"] == 2
    assert scores["pooled"]["0.50"]["fn"] == 2
    assert scores["objects"]["missed"] == 2
    assert set(scores) >= {"pooled", "mean_ap", "per_image", "ci95", "seg", "boundary", "pixels"}
    assert [each["name"] for each in scores["per_image"]] == ["a 1-labels.tif", "é-labels.tif"]
    low, high = scores["ci95"]["0.50"]["f1"]
    assert low <= scores["pooled"]["0.50"]["f1"] <= high
    rows = rows_of(out / "scores.csv")
    assert [(row["Image"], row["Missed"], row["Unit"]) for row in rows] == [
        ("a 1-labels.tif", "1", "µm"),
        ("é-labels.tif", "1", "µm"),
    ]
    assert [row["Kind"] for row in rows_of(out / "é-details.csv")].count("missed") == 1
    errors = read_image(out / "é-errors.tif")
    assert (errors.axes, errors.array.shape, errors.calibration.x) == ("YXS", (90, 131, 3), 0.5)
    record = json.loads((out / "run-record.json").read_text())
    assert record["record_sha256"] == record_sha256(record)
    assert [each["role"] for each in record["inputs"]] == ["result", "truth"] * 2
    assert {made["name"] for made in record["outputs"]} >= {"é-errors.tif", "é-details.csv", "scores.csv"}
    assert record["scores"] == scores
    said = capsys.readouterr().out
    assert "objects: 14 found of 16 (-2): 2 missed, 0 spurious, 0 split, 0 merged" in said
    assert "2 of 2 pair(s) scored" in said


def test_a_folder_of_our_own_outputs_is_read_by_its_labels_and_nothing_is_overwritten(folders):
    results, truths = folders
    assert main(["evaluate", str(results), str(truths)]) == 0
    assert (results / "a 1-details.csv").is_file()
    assert main(["evaluate", str(results), str(truths)]) == 1
    assert main(["evaluate", str(results), str(truths), "--overwrite"]) == 0
    assert main(["evaluate", str(results), str(truths), "--no-table"]) == 0
    assert (results / "scores-2.json").is_file()


def test_one_result_and_one_truth_belong_together_whatever_their_names(folders, tmp_path):
    results, truths = folders
    words = ["evaluate", str(results / "é-labels.tif"), str(truths / "é_mask.tif"), "-o", str(tmp_path / "o")]
    assert main(words) == 0
    (truths / "other.tif").write_bytes((truths / "é_mask.tif").read_bytes())
    words = ["evaluate", str(results / "é-labels.tif"), str(truths / "other.tif"), "-o", str(tmp_path / "p")]
    assert main(words) == 0


def test_names_without_a_partner_are_refused_before_any_work(folders, tmp_path, capsys):
    results, truths = folders
    (truths / "é_mask.tif").rename(truths / "e_mask.tif")
    assert main(["evaluate", str(results), str(truths), "-o", str(tmp_path / "out")]) == 2
    assert "not exactly one file of the same stem for é-labels.tif (none)" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_truths_without_a_result_are_named(folders, tmp_path, capsys):
    results, truths = folders
    (results / "é-labels.tif").unlink()
    assert main(["evaluate", str(results), str(truths), "-o", str(tmp_path / "out")]) == 0
    assert "no result for 1 truth file(s), which were not scored: é_mask.tif" in capsys.readouterr().err


def test_a_glob_that_the_shell_spelled_out_is_explained(folders, tmp_path, capsys):
    results, truths = folders
    named = [str(file) for file in sorted(results.glob("*-labels.tif"))]
    assert main(["evaluate", *named, str(truths / "é_mask.tif"), "-o", str(tmp_path / "out")]) == 2
    assert "put a glob in quotes" in capsys.readouterr().err
    quoted = ["evaluate", str(results / "*-labels.tif"), str(truths / "*.tif"), "-o", str(tmp_path / "out")]
    assert main(quoted) == 0


def test_a_pair_that_does_not_fit_is_named_and_the_others_are_scored(folders, tmp_path, capsys):
    results, truths = folders
    write_labels(truths / "é_mask.tif", Image(np.ones((91, 131), np.uint16), "YX", calibration=SIZE), overwrite=True)
    out = tmp_path / "out"
    assert main(["evaluate", str(results), str(truths), "-o", str(out)]) == 1
    assert "é-labels.tif' against 'é_mask.tif': the result is YX 90×131, the truth YX 91×131" in capsys.readouterr().err
    assert json.loads((out / "scores.json").read_text())["images"] == 1
    assert not (out / "é-details.csv").exists()


def test_roi_archives_are_truths_of_a_folder(folders, tmp_path):
    results, _ = folders
    rois = tmp_path / "rois"
    rois.mkdir()
    for stem in ("a 1", "é"):
        roifile.roiwrite(
            rois / f"{stem}-rois.zip", [roifile.ImagejRoi.frompoints([[5, 5], [25, 5], [25, 25], [5, 25]])]
        )
    assert main(["evaluate", str(results), str(rois), "-o", str(tmp_path / "out")]) == 0
    assert json.loads((tmp_path / "out" / "scores.json").read_text())["objects"]["truth"] == 2


def test_a_stack_gets_a_stack_of_errors_and_no_picture(tmp_path):
    volume = np.zeros((5, 40, 60), np.uint16)
    volume[1:4, 5:20, 6:30] = 1
    for name in ("v-labels.tif", "v_gt.tif"):
        write_labels(tmp_path / name, Image(volume, "ZYX", calibration=Calibration(x=0.5, y=0.5, z=2, unit="µm")))
    words = ["evaluate", str(tmp_path / "v-labels.tif"), str(tmp_path / "v_gt.tif"), "--show-errors"]
    assert main(words) == 0
    errors = read_image(tmp_path / "v-errors.tif")
    assert (errors.axes, errors.array.shape, errors.calibration.z) == ("ZYXS", (5, 40, 60, 3), 2.0)
    assert not (tmp_path / "v-errors.png").exists()


def test_restored_images_get_maps_and_the_raw_ones_scores(tmp_path, capsys):
    rng = np.random.default_rng(0)
    smooth = np.add.outer(np.arange(50), np.arange(70)).astype(np.float32)
    for number in range(2):
        for folder, spread in (("raw", 20), ("clean", 0), ("out", 2)):
            name = f"{number}-restored.tif" if folder == "out" else f"{number}.tif"
            pixels = (smooth + rng.normal(0, spread, smooth.shape)).astype(np.float32)
            write_imagej_tiff(tmp_path / folder / name, Image(pixels, "YX"))
    words = ["evaluate", str(tmp_path / "out"), str(tmp_path / "clean"), "--raw", str(tmp_path / "raw")]
    assert main([*words, "--task", "restore", "--show-errors"]) == 0
    assert {"0-rse.tif", "0-ssim.tif", "1-rse.tif", "1-ssim.tif"} < {file.name for file in (tmp_path / "out").iterdir()}
    assert read_image(tmp_path / "out" / "0-ssim.tif").array.max() <= 1
    scores = json.loads((tmp_path / "out" / "scores.json").read_text())
    assert scores["pooled"]["rmse"] < scores["pooled"]["raw"]["rmse"]
    assert scores["nearer_to_truth_than_raw"]["ssim"] == 2
    assert "nearer to the truth than the raw image, by SSIM: 2 of 2" in capsys.readouterr().out


def test_tables_of_classes_and_folders_of_tracks(tmp_path, capsys):
    (tmp_path / "found.csv").write_text("file,class\n1.png,a\n2.png,b\n")
    (tmp_path / "truth.csv").write_text("file,class\n1.png,a\n2.png,a\n")
    assert main(["evaluate", str(tmp_path / "found.csv"), str(tmp_path / "truth.csv"), "-o", str(tmp_path / "o")]) == 0
    assert "accuracy: 0.500" in capsys.readouterr().out
    assert rows_of(tmp_path / "o" / "found-details.csv")[0]["as b"] == "1"
    two_cells().write(tmp_path / "01_GT" / "TRA", table="man_track.txt", prefix="man_track")
    two_cells().write(tmp_path / "01_RES")
    assert main(["evaluate", str(tmp_path / "01_RES"), str(tmp_path / "01_GT"), "-o", str(tmp_path / "t")]) == 0
    assert "TRA: 1.000" in capsys.readouterr().out
    assert json.loads((tmp_path / "t" / "scores.json").read_text())["per_image"][0]["tracks"] == {
        "truth": 4,
        "result": 4,
    }


def test_undefined_scores_are_called_so(tmp_path, capsys):
    for name in ("e-labels.tif", "e_gt.tif"):
        tifffile.imwrite(tmp_path / name, np.zeros((20, 30), np.uint16), imagej=True)
    assert main(["evaluate", str(tmp_path / "e-labels.tif"), str(tmp_path / "e_gt.tif")]) == 0
    said = capsys.readouterr().out
    assert "AP at IoU 0.50: undefined" in said
    assert "HD95 of matched objects (pixel): undefined" in said
    assert rows_of(tmp_path / "scores.csv")[0]["F1"] == "NaN"
    assert json.loads((tmp_path / "scores.json").read_text())["mean_ap"] is None


def test_a_damaged_file_is_one_line(folders, tmp_path):
    truth = folders[1] / "é_mask.tif"
    truth.write_bytes(truth.read_bytes()[:300])
    # A process of its own: pytest would catch what libraries log.
    words = [sys.executable, "-m", "pybridge", "evaluate", *map(str, folders), "-o", str(tmp_path / "out")]
    done = subprocess.run(words, capture_output=True, text=True, encoding="utf-8", check=False)
    assert done.returncode == 1
    (told,) = done.stderr.splitlines()
    assert "é_mask.tif': the file is truncated" in told
    assert rows_of(tmp_path / "out" / "scores.csv")[0]["Image"] == "a 1-labels.tif"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["nowhere", "truth"], "nowhere"),
        (["truth", "nowhere"], "nowhere"),
        (["truth", "truth", "--task", "guess"], "invalid choice"),
        (["truth"], "TRUTH"),
    ],
)
def test_wrong_words_are_refused(tmp_path, capsys, words, message):
    (tmp_path / "truth").mkdir()
    write_labels(tmp_path / "truth" / "a.tif", Image(np.ones((5, 7), np.uint16), "YX"))
    named = [str(tmp_path / word) if word in ("nowhere", "truth") else word for word in words]
    try:
        code = main(["evaluate", *named])
    except SystemExit as ended:
        code = ended.code
    assert code in (1, 2)
    assert message in capsys.readouterr().err


def test_of_few_images_it_is_said_that_the_intervals_are_too_narrow(folders, tmp_path, capsys):
    results, truths = folders
    assert main(["evaluate", str(results), str(truths), "-o", str(tmp_path / "two")]) == 0
    assert "95 % intervals from 2 images are too narrow: about 45 % of them" in capsys.readouterr().out
    assert main(["evaluate", str(results / "é-labels.tif"), str(truths / "é_mask.tif"), "-o", str(tmp_path / "1")]) == 0
    assert "From 1 image there is no interval" in capsys.readouterr().out


def test_the_record_never_takes_the_name_of_an_output_or_truth(folders, tmp_path, capsys):
    results, truths = folders
    out, truth = tmp_path / "out", truths / "é_mask.tif"
    before = truth.read_bytes()
    for record in (out / "scores.json", out / "scores.csv", out / "é-details.csv", truth):
        given = ["evaluate", str(results), str(truths), "-o", str(out), "--record", str(record), "--overwrite"]
        assert main(given) == 2
        assert "an input or another output of this run has that name" in capsys.readouterr().err
    assert truth.read_bytes() == before
    assert not out.exists()


def test_scores_are_printed_and_recorded_when_their_file_cannot_be_written(folders, tmp_path, capsys, monkeypatch):
    from pybridge.cli import run_outputs
    from pybridge.files.write import unwritable_output

    def full(path, text, **given):
        if path.name == "scores.json":
            raise unwritable_output(path, OSError(28, "No space left on device"))
        write_text(path, text, **given)

    write_text = run_outputs.write_text
    monkeypatch.setattr(run_outputs, "write_text", full)
    results, truths = folders
    assert main(["evaluate", str(results), str(truths), "-o", str(tmp_path / "out")]) == 1
    said = capsys.readouterr()
    assert "F1 at IoU 0.50" in said.out
    assert "scores.json': No space left on device" in said.err
    assert "scores: " not in said.out
    record = json.loads((tmp_path / "out" / "run-record.json").read_text())
    assert record["scores"]["images"] == 2
    assert "scores.json" in " ".join(record["warnings"])
    assert (tmp_path / "out" / "scores.csv").is_file()
