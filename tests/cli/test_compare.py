"""`pybridge compare`: files in; tables, plots, sheet and record out, nothing overwritten, nothing stopped by one."""

import csv
import json

import pytest
from PIL import Image as Pillow

from pybridge.cli import main
from pybridge.cli.compare_files import FILES
from pybridge.core.record import record_sha256
from pybridge.files.write import write_imagej_tiff, write_labels
from pybridge.samples import simulate_nuclei

MODELS = ["--model", "baseline:otsu-watershed", "--model", "baseline:otsu-watershed:max_size=150"]


@pytest.fixture
def folder(tmp_path):
    """Two simulated images in a folder with a space and an accent in its name, and their truths beside it."""
    images = tmp_path / "mes données"
    for seed, name in ((1, "a $1$.tif"), (2, "é.tif")):
        image, truth = simulate_nuclei(shape=(96, 128), count=8, seed=seed)
        write_imagej_tiff(images / name, image)
        write_labels(tmp_path / "truth" / name.replace(".tif", "_mask.tif"), truth)
    return images


def test_a_folder_with_truth_gives_all_outputs(folder, tmp_path, capsys):
    out = tmp_path / "out"
    assert main(["compare", str(folder), "--truth", str(tmp_path / "truth"), *MODELS, "-o", str(out)]) == 0
    assert {file.name for file in out.iterdir()} == {*FILES, "run-record.json"}
    rows = list(csv.DictReader((out / "comparison.csv").read_text(encoding="utf-8").splitlines()))
    assert [row["Method"] for row in rows] == [MODELS[1], MODELS[3]]
    assert [float(row["Place"]) for row in rows] == [1, 2]
    assert 0 < float(rows[0]["mean_ap_low"]) <= float(rows[0]["mean_ap"]) <= float(rows[0]["mean_ap_high"]) <= 1
    images = list(csv.DictReader((out / "comparison-images.csv").read_text(encoding="utf-8").splitlines()))
    assert [row["Image"] for row in images] == ["a $1$.tif", "é.tif"] * 2
    content = json.loads((out / "comparison.json").read_text(encoding="utf-8"))
    assert content["schema"] == "pybridge-comparison/1"
    per_image = content["methods"][0]["per_image"]["mean_ap"]
    assert per_image == pytest.approx([float(row["mean_ap"]) for row in images[:2]], abs=1e-4)
    assert len(content["differences"]) == 8
    for name in FILES:
        if name.endswith(".png"):
            with Pillow.open(out / name) as picture:
                assert min(picture.size) > 200
        elif name.endswith(".svg"):
            assert "baseline:otsu-watershed" in (out / name).read_text(encoding="utf-8")
    said = capsys.readouterr().out
    assert "2 methods on 2 images, against ground truth, by mean_ap" in said
    assert "no difference could be shown" in said
    assert "Mind: " in said


def test_the_record_is_whole_and_names_the_outputs(folder, tmp_path):
    out = tmp_path / "out"
    assert main(["compare", str(folder), *MODELS, "-o", str(out), "--truth", str(tmp_path / "truth")]) == 0
    record = json.loads((out / "run-record.json").read_text(encoding="utf-8"))
    assert record["record_sha256"] == record_sha256(record)
    assert record["command"] == "PyBridge Compare"
    assert record["parameters"]["model"] == MODELS[1::2]
    assert [made["name"] for made in record["outputs"]] == list(FILES)
    assert record["scores"]["has_truth"] is True
    assert record["timing_s"]["write"] > 0


def test_without_truth_the_caveats_are_printed(folder, tmp_path, capsys):
    out = tmp_path / "out"
    assert main(["compare", str(folder / "é.tif"), *MODELS, "-o", str(out)]) == 0
    said = capsys.readouterr().out
    assert "without ground truth, by consistency" in said
    assert "2503.00450" in said
    assert said.count("Mind: ") == 5
    assert "Mind: From 1 image there is no interval" in said
    content = json.loads((out / "comparison.json").read_text(encoding="utf-8"))
    assert content["agreement"][0][0] is None
    assert content["agreement"][0][1] == content["agreement"][1][0]


def test_without_an_output_folder_a_new_one_is_made_each_time(folder):
    for _ in range(2):
        assert main(["compare", str(folder), MODELS[0], MODELS[1]]) == 0
    assert {path.name for path in folder.iterdir() if path.is_dir()} == {"comparison", "comparison-2"}
    assert {path.name for path in folder.iterdir() if path.is_file()} == {"a $1$.tif", "é.tif"}


def test_existing_outputs_stop_the_run_before_any_work(folder, tmp_path, capsys):
    out = tmp_path / "out"
    out.mkdir()
    (out / "comparison-sheet.png").write_text("mine")
    words = ["compare", str(folder), MODELS[0], MODELS[1], "-o", str(out)]
    assert main(words) == 1
    assert "comparison-sheet.png': the file exists" in capsys.readouterr().err
    assert [file.name for file in out.iterdir()] == ["comparison-sheet.png"]
    assert main([*words, "--overwrite"]) == 0
    assert (out / "comparison-sheet.png").read_bytes()[:4] == b"\x89PNG"


def test_bad_files_and_methods_are_named_and_the_rest_is_done(folder, tmp_path, capsys):
    (folder / "b cut.tif").write_bytes((folder / "é.tif").read_bytes()[:3000])
    (tmp_path / "bioimageio.yaml").write_text("name: [")
    out = tmp_path / "out"
    assert main(["compare", str(folder), *MODELS, "--model", str(tmp_path), "-o", str(out)]) == 1
    said = capsys.readouterr()
    assert "b cut.tif" in said.err
    assert f"not done: {tmp_path} on é.tif" in said.err
    assert f" -  {tmp_path}" in said.out
    rows = list(csv.DictReader((out / "comparison.csv").read_text(encoding="utf-8").splitlines()))
    assert [row["Place"] for row in rows][-1] == "NaN"
    warnings = json.loads((out / "run-record.json").read_text(encoding="utf-8"))["warnings"]
    assert sum(warning.startswith("not done: ") for warning in warnings) == 3


@pytest.mark.parametrize(
    ("options", "code", "message"),
    [
        ([], 2, "--model"),
        (["--model", "nuclei-flou"], 2, "did you mean 'nuclei-fluo'"),
        (["--model", "nuclei-fluo", "--rank-by", "beauty"], 2, "--rank-by"),
        (["--model", "nuclei-fluo", "--truth", "gone"], 1, "gone"),
    ],
)
def test_wrong_usage_is_told(folder, options, code, message, capsys):
    try:
        found = main(["compare", str(folder), *options])
    except SystemExit as stopped:
        found = stopped.code
    assert found == code
    assert message in capsys.readouterr().err
    assert not (folder / "comparison").exists()


@pytest.mark.parametrize("name", ["comparison.json", "comparison-sheet.png"])
def test_the_record_never_takes_the_name_of_an_output_or_input(folder, tmp_path, capsys, name):
    out, truth = tmp_path / "out", tmp_path / "truth" / "é_mask.tif"
    before = truth.read_bytes()
    words = ["compare", str(folder), *MODELS, "--truth", str(tmp_path / "truth"), "-o", str(out)]
    for record in (out / name, folder / ".." / "out" / name, truth, folder / "é.tif"):
        assert main([*words, "--record", str(record), "--overwrite"]) == 2
        assert "an input or another output of this run has that name" in capsys.readouterr().err
    assert truth.read_bytes() == before
    assert not out.exists()


def test_a_comparison_that_is_refused_or_stopped_leaves_no_folder(folder, tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    words = ["compare", str(folder), *MODELS, "-o", str(tmp_path / "out")]
    assert main([*words, "--record", str(tmp_path / "file" / "record.json")]) == 1
    assert not (tmp_path / "out").exists()

    def stop(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("pybridge.tasks.compare.compare_images", stop)
    assert main(words) == 130
    assert not (tmp_path / "out").exists()


@pytest.fixture
def no_large_files():
    """Let no file grow beyond what a table needs, as on a disk that is nearly full."""
    resource = pytest.importorskip("resource", reason="needs limits of file sizes")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 16, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_disk_takes_neither_the_ranking_nor_what_is_written(folder, tmp_path, capsys, no_large_files):
    out = tmp_path / "out"
    words = ["compare", str(folder), *MODELS, "--truth", str(tmp_path / "truth"), "-o", str(out)]
    assert main(words) == 1
    said = capsys.readouterr()
    assert "2 methods on 2 images, against ground truth, by mean_ap" in said.out
    assert f"record: {out / 'run-record.json'}" in said.out
    assert "not written: write" in said.err
    assert "comparison-sheet.png': File too large" in said.err
    assert "compare again with --overwrite or another -o" in said.err
    record = json.loads((out / "run-record.json").read_text(encoding="utf-8"))
    names = {made["name"] for made in record["outputs"]}
    assert "comparison.json" in names
    assert names == {file.name for file in out.iterdir()} - {"run-record.json"}
    assert any(warning.startswith("not written: ") for warning in record["warnings"])
    assert main(words) == 1
    assert "the file exists. To do: choose another output folder with -o, or allow it with --overwrite" in (
        capsys.readouterr().err
    )
