"""Compare at restoring images: scores of evaluate, the raw image beside them, and what is refused."""

from __future__ import annotations

import json

import numpy as np
import pytest

import pybridge
from pybridge.cli import main
from pybridge.cli.compare_files import FILES
from pybridge.core.baseline_names import RAW
from pybridge.core.errors import UsageError
from pybridge.core.image import Image
from pybridge.files.write import write_imagej_tiff
from pybridge.reporting.comparison_sheet import draw_sheet
from pybridge.reporting.comparison_stack import overlay_stack
from pybridge.samples import simulate_nuclei
from tests.builders.folders import channel, tied_axes, write_model
from tests.builders.networks import copy, half_resolution

HALF = {
    "id": "half",
    "axes": [{"type": "batch"}, channel("out0", "out1"), *tied_axes("yx", scale=0.5)],
    "test_tensor": {"source": "test_output.npy"},
}
WEAK, STRONG = "baseline:gaussian:sigma=0.5", "baseline:gaussian:sigma=1.5"


def noisy(truth: Image, *, seed: int, deviation: float = 150) -> Image:
    """Add noise, as a short exposure does."""
    pixels = np.asarray(truth.array, np.float32)
    noise = np.random.default_rng(seed).normal(0, deviation, pixels.shape)
    return truth.replace(array=(pixels + noise).astype(np.float32), axes=truth.axes, name=f"noisy-{seed}.tif")


@pytest.fixture(scope="module")
def pairs():
    """Eight noisy images with what they should look like."""
    truths = [simulate_nuclei(shape=(70, 110), count=6, seed=seed)[0] for seed in range(8)]
    return [(noisy(truth, seed=seed), truth) for seed, truth in enumerate(truths)]


@pytest.fixture(scope="module")
def compared(pairs):
    images, truths = zip(*pairs, strict=True)
    return pybridge.compare(list(images), model=[WEAK, STRONG], truth=list(truths))


def test_the_raw_image_is_compared_with_unasked_and_is_last(compared):
    comparison = compared.comparison
    assert comparison.task == "restore"
    assert comparison.ranked_by == "ssim"
    assert [method.model for method in comparison.methods] == [STRONG, WEAK, RAW]
    pair = comparison.between(STRONG, RAW)
    assert pair.is_shown
    assert pair.interval[0] > 0


def test_scores_are_those_of_evaluate(compared, pairs):
    for method in compared.comparison.methods:
        for number, (image, truth) in enumerate(pairs):
            restored = pybridge.predict(image, model=method.model).outputs[0]
            expected = pybridge.evaluate(restored, truth, task="restore").table
            for name, column in (("ssim", "SSIM"), ("psnr", "PSNR"), ("pearson", "Pearson")):
                assert method.score(name).per_image[number] == pytest.approx(float(expected[column][0]), abs=1e-12)
        mean = np.mean(method.score("psnr").per_image)
        assert method.score("psnr").value == pytest.approx(mean, abs=1e-12)


def test_the_sign_of_a_test_is_that_of_the_better_method(compared):
    for metric in ("ssim", "psnr", "pearson"):
        pair = compared.comparison.between(STRONG, RAW, metric=metric)
        assert pair.favours_first
        assert not pair.is_contradictory


def test_words_name_the_raw_image_and_the_caveats_of_restoring(compared):
    from pybridge.reporting.comparison_text import comparison_lines

    lines = comparison_lines(compared.comparison)
    assert lines[0] == "3 methods on 8 images, against ground truth (baseline:none is the raw image), by ssim:"
    assert not any("objects" in line for line in lines[:4])
    assert any("invent" in line for line in lines)
    assert lines[5].startswith(f"{STRONG} is better than {WEAK}: structural similarity (SSIM)")


def test_the_table_has_no_objects(compared):
    names = compared.table.names
    assert "Objects" not in names
    assert compared.table["Images"].tolist() == [8, 8, 8]
    assert compared.table["psnr"].tolist() == sorted(compared.table["psnr"].tolist(), reverse=True)


def test_another_score_can_rank_and_one_of_objects_cannot(pairs):
    image, truth = pairs[0]
    found = pybridge.compare(image, model=[WEAK], truth=truth, rank_by="pearson")
    assert found.comparison.ranked_by == "pearson"
    with pytest.raises(UsageError, match=r"rank_by='mean_ap'.*restore.*ssim, psnr, pearson"):
        pybridge.compare(image, model=[WEAK], truth=truth, rank_by="mean_ap")


def test_without_truth_nothing_is_ranked(pairs):
    with pytest.raises(UsageError, match="no truth"):
        pybridge.compare(pairs[0][0], model=[WEAK, STRONG])


def test_methods_of_two_tasks_are_not_compared(pairs):
    image, truth = pairs[0]
    with pytest.raises(UsageError, match="'baseline:otsu-watershed' finds objects"):
        pybridge.compare(image, model=[WEAK, "baseline:otsu-watershed"], truth=truth)
    with pytest.raises(UsageError, match="'baseline:gaussian:sigma=0.5' restores images"):
        pybridge.compare(image, model=["nuclei-fluo", WEAK], truth=truth, task="segment")


def test_a_model_that_restores_is_compared_with_filters(pairs, tmp_path):
    # It gives back what it is given: exactly as good as the raw image.
    folder = str(write_model(tmp_path / "same", copy()))
    images, truths = zip(*pairs, strict=True)
    found = pybridge.compare(list(images), model=[folder, STRONG], truth=list(truths)).comparison
    assert [method.model for method in found.methods] == [STRONG, folder, RAW]
    assert [method.place for method in found.methods] == [1, 2, 2]
    assert found.verdicts[-1].startswith(f"Start simple: {STRONG} is better than {folder} here")
    assert found.failures == ()


def test_a_model_says_its_task_or_is_told_it(pairs, tmp_path):
    silent = str(write_model(tmp_path / "silent", copy()))
    telling = str(write_model(tmp_path / "telling", copy(), config={"task": "restore"}))
    image, truth = pairs[0]
    assert pybridge.compare(image, model=[telling], truth=truth).comparison.task == "restore"
    assert pybridge.compare(image, model=[silent], truth=truth, task="restore").comparison.task == "restore"


def test_a_model_that_changes_the_size_is_named(pairs, tmp_path):
    half = str(write_model(tmp_path / "half", half_resolution(), outputs=[HALF]))
    image, truth = pairs[0]
    found = pybridge.compare(image, model=[half, WEAK], truth=truth).comparison
    assert found.failures[0].model == half
    assert "compare models that give one image of the same size and channels" in found.failures[0].error
    assert [method.place for method in found.methods] == [1, 2, None]


def test_a_truth_of_another_size_is_named_and_the_others_are_done(pairs):
    truths = [truth for _, truth in pairs[:3]]
    truths[1] = truths[1].replace(array=np.asarray(truths[1].array)[:-1], axes="YX", name="short.tif")
    found = pybridge.compare([image for image, _ in pairs[:3]], model=[WEAK], truth=truths).comparison
    assert len(found.images) == 2
    assert found.failures[0].image == "noisy-1.tif"
    assert "short.tif" in found.failures[0].error


def test_a_method_that_equals_the_truth_has_no_psnr_and_the_highest_ssim(pairs):
    truths = [truth for _, truth in pairs[:3]]
    found = pybridge.compare(truths, model=[STRONG], truth=truths).comparison
    raw = found.methods[0]
    assert raw.model == RAW
    assert raw.score("ssim").value == pytest.approx(1)
    assert np.isnan(raw.score("psnr").value)


def test_channels_slices_and_frames_are_kept(pairs):
    rng = np.random.default_rng(3)
    truth = Image(rng.normal(900, 90, (2, 3, 2, 20, 31)).astype(np.float32), "TZCYX", "movie.tif")
    found = pybridge.compare(noisy(truth, seed=1), model=[WEAK], truth=truth)
    assert found.results[0][0].unpack().shape == (2, 3, 2, 20, 31)
    made = overlay_stack(found)
    assert made.image.axes == "ZYX"
    assert made.image.array.shape == (3, 20, 31)


def test_the_stack_ends_with_the_truth_and_one_grey_range_serves_all(compared, pairs):
    made = overlay_stack(compared)
    assert [label.partition(": ssim")[0] for label in made.labels] == [STRONG, WEAK, RAW, "truth"]
    picked = compared.images.index(next(image for image in compared.images if made.image.name.startswith(image.stem)))
    np.testing.assert_array_equal(made.image.array[2], pairs[picked][0].array)
    np.testing.assert_array_equal(made.image.array[3], np.asarray(pairs[picked][1].array, np.float32))
    low, high = made.display
    assert np.asarray(pairs[picked][1].array).min() <= low < high <= np.asarray(pairs[picked][1].array).max()


def test_the_sheet_has_a_row_for_each_method_and_one_for_the_truth(compared):
    import io

    from PIL import Image as Pillow

    with Pillow.open(io.BytesIO(draw_sheet(compared, metric_label="SSIM"))) as picture:
        cell = round(480 * 70 / 110)
        assert picture.size[1] == pytest.approx(4 * (cell + 34 + 24 + 10) + 36, abs=4)


def test_the_shell_writes_all_files_and_the_record_can_be_run_again(pairs, tmp_path, capsys):
    for image, truth in pairs[:2]:
        write_imagej_tiff(tmp_path / "raw" / image.name, image)
        write_imagej_tiff(tmp_path / "long" / image.name, truth)
    out = tmp_path / "out"
    asked = ["compare", str(tmp_path / "raw"), "--truth", str(tmp_path / "long"), "--model", WEAK, "-o", str(out)]
    assert main(asked) == 0
    assert {file.name for file in out.iterdir()} == {*FILES, "run-record.json"}
    content = json.loads((out / "comparison.json").read_text(encoding="utf-8"))
    assert content["task"] == "restore"
    assert [method["method"] for method in content["methods"]] == [WEAK, RAW]
    assert "by ssim" in capsys.readouterr().out
    assert main(["rerun", str(out / "run-record.json"), "--check"]) == 0


def test_a_raw_image_that_is_its_own_truth_is_told(pairs):
    (noise, clean), (_, other) = pairs[:2]
    told = "is its own truth, with the same pixels: the raw image comes first by itself"
    slip = pybridge.compare([noise, other], model=[WEAK, STRONG], truth=[clean, other]).record.warnings
    assert [each for each in slip if told in each and each.startswith(other.name)]
    right = pybridge.compare([noise], model=[WEAK], truth=[clean]).record.warnings
    assert not any(told in each for each in right)
