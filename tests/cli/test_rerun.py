"""`pybridge rerun`: the same again, and if it is not the same, why."""

import shutil

import numpy as np
import pytest
import tifffile

from pybridge.cli import main
from pybridge.core.image import Image
from pybridge.files.read import read_image
from pybridge.files.write import write_imagej_tiff, write_labels
from tests.builders.rerun_records import edit, relocate, rerun, write_pairs

MODEL = "nuclei-fluo"


@pytest.fixture(scope="module")
def made(tmp_path_factory, nuclei_model):
    """Two images with truths, segmented into ``out``; nothing changes it."""
    folder = tmp_path_factory.mktemp("a run")
    write_pairs(folder)
    options = ["--model", nuclei_model, "-o", str(folder / "out"), "--truth", str(folder / "truth")]
    assert main(["segment", str(folder), *options, "--show-probability"]) == 0
    return folder


@pytest.fixture
def run(made, tmp_path):
    """A copy of that run, whose records name the files of the copy."""
    folder = tmp_path / "run"
    shutil.copytree(made, folder)
    for file in (folder / "out").glob("*record.json"):
        edit(file, lambda content: relocate(content, made, folder))
    return folder


def test_a_run_on_the_same_machine_is_identical(made, capsys):
    assert rerun(made / "out") == 0
    # Two label images, two probability images, two sets of scores.
    assert "agrees: 6 of 6 output(s) identical" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["a-labels.tif", "a-probability.tif", "é b-record.json"])
def test_one_image_is_done_again_from_its_result_alone(made, capsys, name):
    before = sorted(made.rglob("*"))
    assert rerun(made / "out" / name) == 0
    assert "agrees: 3 of 3" in capsys.readouterr().out
    assert sorted(made.rglob("*")) == before


def test_new_results_are_kept_when_a_folder_is_named(run, capsys):
    assert rerun(run / "out", "-o", str(run / "again")) == 0
    assert "agrees: 6 of 6" in capsys.readouterr().out
    for name in ("a-labels.tif", "é b-probability.tif", "run-record.json", "scores.json"):
        assert (run / "again" / name).is_file()
    same = read_image(run / "again" / "a-labels.tif").sha256_pixels()
    assert same == read_image(run / "out" / "a-labels.tif").sha256_pixels()
    assert main(["rerun", str(run / "out"), "-o", str(run / "again")]) == 1
    assert "the file exists" in capsys.readouterr().err


def test_a_changed_input_is_named(run, capsys):
    image = read_image(run / "a.tif")
    pixels = image.array.copy()
    pixels[40, 40] += 1
    write_imagej_tiff(run / "a.tif", Image(pixels, "YX", name="a.tif"), overwrite=True)
    assert rerun(run / "out") == 1
    said = capsys.readouterr().out
    assert "'a.tif' changed: " in said
    assert "its pixels are not those of the record" in said
    assert "DIFFERS: " in said
    assert "1 input(s) changed" in said


def test_a_file_whose_pixels_are_the_same_is_no_change(run, capsys):
    pixels = read_image(run / "a.tif").array
    tifffile.imwrite(run / "a.tif", pixels, compression="zlib")
    assert rerun(run / "out" / "a-labels.tif") == 0
    assert "agrees" in capsys.readouterr().out


def test_moved_and_renamed_images_are_found_by_their_hashes(run, capsys):
    (run / "elsewhere" / "deep").mkdir(parents=True)
    shutil.move(run / "a.tif", run / "elsewhere" / "deep" / "renamed.tif")
    shutil.move(run / "truth", run / "elsewhere" / "masks")
    assert rerun(run / "out") == 1
    said = capsys.readouterr()
    assert "input 'a.tif' is missing: it is not at" in said.err
    assert "give the folder where it is now with --images" in said.err
    assert rerun(run / "out", "--images", str(run / "elsewhere")) == 0
    assert "agrees: 6 of 6" in capsys.readouterr().out
    assert rerun(run / "out", "--images", str(run / "nowhere")) == 2


def test_a_folder_that_moved_as_a_whole_is_found(run, tmp_path, capsys):
    shutil.move(run, tmp_path / "moved")
    assert rerun(tmp_path / "moved" / "out" / "a-record.json") == 0


def test_an_edited_threshold_is_named_with_what_it_was(run, capsys):
    edit(run / "out" / "a-record.json", lambda content: content["parameters"].update(probability=0.9), honest=False)
    assert rerun(run / "out" / "a-record.json") == 1
    said = capsys.readouterr()
    assert "the hash of the record does not fit its content" in said.err
    assert "cause (parameter): probability is 0.9 in this record, but 0." in said.out
    assert "in 'a-labels.tif'" in said.out
    assert "probability explains it: it is 0.9 in this record, and with 0." in said.out
    assert "the record itself was edited" in said.out


def test_a_threshold_that_was_edited_without_a_trace_is_found_by_trying_the_models_own(run, capsys):
    record = run / "alone" / "a-record.json"
    record.parent.mkdir()
    shutil.copy(run / "out" / "a-record.json", record)
    edit(record, lambda content: content["parameters"].update(probability=0.9))
    assert rerun(record) == 1
    said = capsys.readouterr()
    assert "warning" not in said.err
    assert "the earlier output is not there" in said.out
    assert "probability explains it: it is 0.9 in this record" in said.out


def test_another_version_and_device_without_effect_are_named(run, capsys):
    def change(content):
        content["versions"]["numpy"] = "1.0"
        content["versions"]["imagej"] = "1.54p"
        content["device"]["name"] = "an older CPU"
        content["model"]["version"] = "0.0.1"

    edit(run / "out" / "a-record.json", change)
    assert rerun(run / "out" / "a-record.json") == 0
    said = capsys.readouterr().out
    assert "changed, without effect: the version of numpy was '1.0' and is " in said
    assert "changed, without effect: the processor was 'an older CPU' and is " in said
    assert "changed, without effect: the version of the model 'nuclei-fluo' was '0.0.1' and is " in said
    assert "imagej" not in said


def test_a_small_difference_with_another_version_is_within_the_tolerance(run, capsys):
    # As if another version had given one object a pixel more.
    labels = read_image(run / "out" / "a-labels.tif")
    pixels = labels.array.copy()
    row, column = np.argwhere((pixels == 0) & (np.roll(pixels, 1, axis=1) == 1))[0]
    pixels[row, column] = 1
    older = Image(pixels, "YX", name="a-labels")
    write_labels(run / "out" / "a-labels.tif", older, overwrite=True)

    def change(content):
        content["scores"] = None
        content["outputs"] = [made for made in content["outputs"] if made["role"] == "labels"]
        content["outputs"][0]["sha256_pixels"] = older.sha256_pixels()

    edit(run / "out" / "a-record.json", change)
    assert rerun(run / "out" / "a-record.json") == 1
    said = capsys.readouterr().out
    assert "6 of 6 objects have a partner of IoU ≥ 0.9, 0 are new; 0.01" in said
    assert "cause: none found: inputs, model, versions and device are those of the record" in said
    edit(run / "out" / "a-record.json", lambda content: content["versions"].update(numpy="1.0"))
    assert rerun(run / "out" / "a-record.json") == 0
    assert "1 within the tolerance of another device or version" in capsys.readouterr().out


def test_a_changed_model_is_named_and_one_that_moved_is_found(run, capsys):
    edit(run / "out" / "a-record.json", lambda content: content["parameters"].update(model="/gone/model"))
    assert rerun(run / "out" / "a-record.json") == 0
    edit(run / "out" / "a-record.json", lambda content: content["model"].update(sha256="0" * 64))
    assert rerun(run / "out" / "a-record.json") == 0
    assert "the model changed: 'nuclei-fluo'" in capsys.readouterr().out
    edit(run / "out" / "a-record.json", lambda content: content["model"].update(id="nowhere"))
    assert rerun(run / "out" / "a-record.json") == 2
    assert "none whose weights have SHA-256 0000" in capsys.readouterr().err


def test_a_result_that_was_painted_over_is_told_from_a_run_that_differs(run, capsys):
    labels = read_image(run / "out" / "a-labels.tif")
    write_labels(run / "out" / "a-labels.tif", Image(np.fliplr(labels.array), "YX", name="a"), overwrite=True)
    edit(run / "out" / "a-record.json", lambda content: content["outputs"][0].update(sha256_pixels="0" * 64))
    assert rerun(run / "out" / "a-record.json") == 1
    assert "the file 'a-labels.tif' was changed after the run" in capsys.readouterr().out


def test_a_prediction_of_a_stack_in_a_zarr_folder_is_done_again(made, tmp_path, capsys):
    plane = read_image(made / "a.tif").array
    stack = Image(np.stack([plane, plane[::-1], plane[:, ::-1]]), "ZYX", name="stack.tif")
    write_imagej_tiff(tmp_path / "stack.tif", stack)
    for name in ("p.tif", "q.ome.tif", "r.ome.zarr"):
        path = tmp_path / name
        assert main(["predict", str(tmp_path / "stack.tif"), "--model", MODEL, "-o", str(path)]) == 0
        capsys.readouterr()
        assert rerun(path) == 0
        assert "agrees: 1 of 1 output(s) identical" in capsys.readouterr().out


def test_a_classical_method_is_done_again(made, tmp_path, capsys):
    options = ["--model", "baseline:otsu-watershed", "-o", str(tmp_path)]
    assert main(["segment", str(made / "a.tif"), str(made / "é b.tif"), *options]) == 0
    capsys.readouterr()
    assert rerun(tmp_path) == 0
    assert capsys.readouterr().out.count("\n") == 2


def test_an_evaluation_is_done_again(made, tmp_path, capsys):
    results, truth = made / "out" / "a-labels.tif", made / "truth" / "a.tif"
    assert main(["evaluate", str(results), str(truth), "-o", str(tmp_path), "--show-errors"]) == 0
    capsys.readouterr()
    assert rerun(tmp_path) == 0
    said = capsys.readouterr().out
    assert "PyBridge Evaluate, 1 result\n" in said
    assert "agrees: 2 of 2" in said
    edit(tmp_path / "run-record.json", lambda content: content["scores"]["pooled"]["0.50"].update(ap=0.5))
    assert rerun(tmp_path) == 1
    assert "scores differ, first" in capsys.readouterr().out


def test_a_comparison_is_done_again_as_a_whole(made, tmp_path, capsys):
    methods = ["--model", "baseline:otsu-watershed", "--model", "baseline:li-watershed"]
    truth = ["--truth", str(made / "truth")]
    assert main(["compare", str(made / "a.tif"), str(made / "é b.tif"), *methods, *truth, "-o", str(tmp_path)]) == 0
    capsys.readouterr()
    assert rerun(tmp_path / "run-record.json") == 0
    assert "agrees: 1 of 1 output(s) identical" in capsys.readouterr().out
    edit(tmp_path / "run-record.json", lambda content: content["scores"]["methods"][0].update(objects=99))
    assert rerun(tmp_path / "run-record.json") == 1
    assert "1 scores differ, first methods.0.objects: was 99" in capsys.readouterr().out


def test_what_cannot_be_done_again_is_refused_with_a_reason(run, capsys):
    record = run / "out" / "a-record.json"
    edit(record, lambda content: content.update(command="PyBridge <script>"))
    assert rerun(record) == 2
    assert (
        "it is of the command 'PyBridge <script>'. To do: give a record of PyBridge Segment" in capsys.readouterr().err
    )
    edit(record, lambda content: content.update(command="PyBridge Segment") or content["parameters"].update(overlap=7))
    assert rerun(record) == 2
    assert "overlap=7.0: it must be at least 0 and at most 1" in capsys.readouterr().err
    assert main(["rerun", str(run / "gone.json")]) == 2


def test_hostile_text_does_not_steer_the_terminal_or_lead_out_of_the_folder(run, capsys):
    def change(content):
        content["inputs"][0]["name"] = "\x1b[2J<script>"
        content["inputs"][0]["path"] = "/gone\x00/../../x"
        for made in content["outputs"]:
            made["name"] = "../../etc/passwd"

    edit(run / "out" / "a-record.json", change)
    shutil.rmtree(run / "truth")
    shutil.move(run / "a.tif", run / "c.tif")
    assert rerun(run / "out" / "a-record.json") == 1
    said = capsys.readouterr()
    assert "\x1b" not in said.out + said.err
    assert r"\x1b[2J<script>" in said.err
