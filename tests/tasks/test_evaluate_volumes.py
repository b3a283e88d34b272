"""Scoring volumes: restored stacks, and tracked volumes whose truth of whole objects is single slices."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from skimage.metrics import structural_similarity

import pybridge
from pybridge.cli.evaluate import summary_lines
from pybridge.core.errors import ImageError, UsageError
from pybridge.core.image import Calibration, Image
from pybridge.files.write import write_labels
from pybridge.reporting.score_summary import score_rows
from pybridge.tasks.evaluate_pool import scores_to_json
from tests.builders.tracks import two_cells

SIZE = Calibration(x=0.2, y=0.2, z=1.0, unit="µm")


def grey(shape: tuple[int, ...], axes: str, *, noise: float, seed: int = 0, name: str = "grey") -> Image:
    """A smooth image with noise on it."""
    smooth = sum(np.sin(axis / 5) for axis in np.indices(shape)) * 40 + 100
    return Image(smooth + np.random.default_rng(seed).normal(0, noise, shape), axes, name, SIZE)


def cell(result: Any, name: str) -> Any:
    return result.table[name].tolist()[0]


def similarity(result: Image, truth: Image, place: tuple[Any, ...]) -> float:
    expected = np.asarray(truth.array)
    mean: float = structural_similarity(  # type: ignore[no-untyped-call]
        expected[place],
        np.asarray(result.array)[place],
        data_range=float(np.ptp(expected)),
        gaussian_weights=True,
        use_sample_covariance=False,
    )
    return mean


def test_a_stack_is_scored_as_a_volume_in_each_frame() -> None:
    shape, axes = (2, 12, 23, 31), "TZYX"
    truth, result = grey(shape, axes, noise=0), grey(shape, axes, noise=30, seed=1)
    scored = pybridge.evaluate(result, truth, task="restore", show_errors=True)
    assert cell(scored, "SSIM") == pytest.approx(np.mean([similarity(result, truth, (t,)) for t in (0, 1)]), abs=1e-9)
    slices = [similarity(result, truth, place) for place in np.ndindex(2, 12)]
    assert cell(scored, "SSIM of slices") == pytest.approx(np.mean(slices), abs=1e-9)
    assert abs(cell(scored, "SSIM") - cell(scored, "SSIM of slices")) > 1e-3
    assert (scored.maps[1].axes, scored.maps[1].array.shape) == (axes, shape)
    assert scored.record.warnings == ()


def test_frames_are_no_volume() -> None:
    truth, result = grey((12, 23, 31), "TYX", noise=0), grey((12, 23, 31), "TYX", noise=30, seed=1)
    scored = pybridge.evaluate(result, truth, task="restore")
    assert cell(scored, "SSIM") == pytest.approx(
        np.mean([similarity(result, truth, (t,)) for t in range(12)]), abs=1e-9
    )
    assert "SSIM of slices" not in scored.table.names


def test_of_few_slices_the_volume_has_no_ssim_and_that_is_said() -> None:
    shape = (7, 23, 31)
    truth, result = grey(shape, "ZYX", noise=0, name="truth"), grey(shape, "ZYX", noise=9, seed=1, name="a.tif")
    raw = grey(shape, "ZYX", noise=30, seed=2, name="raw")
    scored = pybridge.evaluate(result, truth, raw=raw, task="restore")
    assert math.isnan(cell(scored, "SSIM"))
    assert cell(scored, "SSIM of slices") > cell(scored, "Raw SSIM of slices")
    assert any("truth has 7 slices, and its window is 11 deep" in each for each in scored.record.warnings)
    scores = scored.record.scores
    assert scores is not None
    assert scores["pooled"]["ssim"] is None
    assert (scores["nearer_to_truth_than_raw"]["ssim"], scores["nearer_to_truth_than_raw"]["ssim_planes"]) == (None, 1)
    worse = pybridge.evaluate(raw, truth, raw=result, task="restore")
    assert any("its SSIM of slices is not above that of the raw image" in each for each in worse.record.warnings)


def test_the_ssim_of_planes_and_of_volumes_are_no_common_mean() -> None:
    shapes = (((23, 31), "YX"), ((12, 23, 31), "ZYX"), ((23, 31), "YX"))
    each = [
        pybridge.evaluate(
            grey(shape, axes, noise=3, seed=1),
            grey(shape, axes, noise=0),
            raw=grey(shape, axes, noise=30, seed=2),
            task="restore",
        )
        for shape, axes in shapes
    ]
    whole = scores_to_json("restore", [one.scores for one in each])
    slices = [cell(each[0], "SSIM"), cell(each[1], "SSIM of slices"), cell(each[2], "SSIM")]
    assert whole["pooled"]["ssim"] == pytest.approx(cell(each[1], "SSIM"))
    assert whole["pooled"]["ssim_planes"] == pytest.approx(np.mean(slices))
    assert (whole["images_pooled"]["ssim"], whole["images_pooled"]["ssim_planes"]) == (1, 3)
    assert (whole["images_compared_with_raw"]["ssim"], whole["images_compared_with_raw"]["ssim_planes"]) == (1, 3)
    lines = summary_lines(whole)
    assert any(line.startswith("SSIM: ") and line.endswith(", on 1 of 3 images") for line in lines)
    assert lines[-1] == "images nearer to the truth than the raw image, by SSIM of slices: 3 of 3"


def test_a_result_and_the_raw_images_are_pooled_over_the_same_images() -> None:
    truths = [grey((23, 31), "YX", noise=0, name=f"{number}") for number in range(4)]
    raws = [grey((23, 31), "YX", noise=3 + 9 * number, seed=number) for number in range(4)]
    results = [truths[0], truths[1], *(grey((23, 31), "YX", noise=20, seed=number) for number in (8, 9))]
    each = [
        pybridge.evaluate(result, truth, raw=raw, task="restore")
        for result, truth, raw in zip(results, truths, raws, strict=True)
    ]
    whole = scores_to_json("restore", [one.scores for one in each])
    pooled = whole["pooled"]
    assert pooled["psnr"] == pytest.approx(np.mean([cell(one, "PSNR") for one in each[2:]]))
    assert pooled["raw"]["psnr"] == pytest.approx(np.mean([cell(one, "Raw PSNR") for one in each[2:]]))
    assert pooled["raw"]["rmse"] == pytest.approx(np.mean([cell(one, "Raw RMSE") for one in each]))
    assert (whole["images_pooled"]["psnr"], whole["images_pooled"]["rmse"]) == (2, 4)
    assert [row.name for row in score_rows(whole) if "PSNR" in row.name and "truth" not in row.name] == [
        "PSNR (dB) (on 2 of 4 images)",
        "PSNR (dB) of the raw image (on 2 of 4 images)",
    ]
    told = [line for line in summary_lines(whole) if line.startswith("PSNR")]
    assert len(told) == 2
    assert all(line.endswith(", on 2 of 4 images") for line in told)


def test_nearer_to_the_truth_counts_the_images_where_that_is_known() -> None:
    flat = Image(np.full((23, 31), 7.0), "YX", "flat", SIZE)
    truths = [grey((23, 31), "YX", noise=0), flat]
    results = [grey((23, 31), "YX", noise=3), flat]
    raws = [grey((23, 31), "YX", noise=30), flat]
    each = [
        pybridge.evaluate(result, truth, raw=raw, task="restore")
        for result, truth, raw in zip(results, truths, raws, strict=True)
    ]
    lines = summary_lines(scores_to_json("restore", [one.scores for one in each]))
    assert lines[-1] == "images nearer to the truth than the raw image, by SSIM: 1 of 1"


def test_a_result_as_good_as_a_perfect_raw_image_is_not_nearer() -> None:
    same = grey((23, 31), "YX", noise=3)
    scored = pybridge.evaluate(same, same, raw=same, task="restore")
    nearer = scores_to_json("restore", [scored.scores])["nearer_to_truth_than_raw"]
    assert (nearer["psnr"], nearer["ssim"], nearer["rmse"]) == (0, 0, 0)


@pytest.mark.parametrize(
    ("truth", "result", "message", "undefined"),
    [
        (np.full((23, 31), 5.0), None, "grey has a single value", ("NRMSE", "PSNR", "SSIM", "Pearson")),
        (None, np.full((23, 31), 5.0), "Pearson is undefined: every channel of res has a single value", ("Pearson",)),
        (np.eye(10, 31), np.eye(10, 31) + 1, "grey is smaller than its window of 11 × 11 pixels", ("SSIM",)),
    ],
)
def test_what_is_undefined_is_said_and_is_no_number(
    truth: NDArray[Any] | None, result: NDArray[Any] | None, message: str, undefined: tuple[str, ...]
) -> None:
    drawn = grey((23, 31), "YX", noise=3).array
    images = (
        Image(drawn if result is None else result, "YX", "res"),
        Image(drawn if truth is None else truth, "YX", "grey"),
    )
    scored = pybridge.evaluate(*images, task="restore")
    assert any(message in each for each in scored.record.warnings)
    assert tuple(name for name in scored.table.names[1:] if math.isnan(cell(scored, name))) == undefined


def volumes(tmp_path: Path) -> tuple[Path, Path]:
    """Write a tracked sequence of volumes as its own result."""
    found = two_cells()
    folders = []
    for folder, table, prefix in (("01_GT/TRA", "man_track.txt", "man_track"), ("01_RES", "res_track.txt", "mask")):
        where = tmp_path / folder
        where.mkdir(parents=True)
        for t, frame in enumerate(found.frames):
            write_labels(where / f"{prefix}{t:03d}.tif", Image(np.stack([frame, frame, frame * 0]), "ZYX"))
        (where / table).write_text("".join(" ".join(map(str, row)) + "\n" for row in found.table))
        folders.append(where)
    return folders[0].parent, folders[1]


def test_single_slices_of_whole_objects_give_the_seg_of_volumes(tmp_path: Path) -> None:
    truth, result = volumes(tmp_path)
    seen = np.where(two_cells().frames[2] == 1, 9, 0).astype(np.uint16)
    write_labels(truth / "SEG" / "man_seg_002_001.tif", Image(seen, "YX"))
    assert cell(pybridge.evaluate(result, truth), "SEG") == 1.0
    write_labels(truth / "SEG" / "man_seg_003_002.tif", Image(seen, "YX"))  # where the result has nothing
    scored = pybridge.evaluate(result, truth)
    assert (cell(scored, "SEG"), cell(scored, "TRA")) == (0.5, 1.0)


def test_slices_that_do_not_fit_are_named(tmp_path: Path) -> None:
    truth, result = volumes(tmp_path)
    seen = np.ones((40, 60), np.uint16)
    write_labels(truth / "SEG" / "man_seg_002_001.tif", Image(seen[1:], "YX"))
    with pytest.raises(ImageError, match=r"man_seg_002_001.tif'.* shape \(39, 60\), a slice \(40, 60\)"):
        pybridge.evaluate(result, truth)
    write_labels(truth / "SEG" / "man_seg_002_001.tif", Image(seen, "YX"), overwrite=True)
    write_labels(truth / "SEG" / "man_seg_2_1.tif", Image(seen, "YX"))
    with pytest.raises(ImageError, match="a second one of it"):
        pybridge.evaluate(result, truth)
    (truth / "SEG" / "man_seg_2_1.tif").rename(truth / "SEG" / "man_seg_002_003.tif")
    with pytest.raises(UsageError, match="slice 3 of frame 2: there are the slices 0 to 2"):
        pybridge.evaluate(result, truth)


@pytest.mark.parametrize(("slices", "column"), [(5, "SSIM of slices"), (12, "SSIM")])
def test_compared_stacks_are_ranked_by_the_ssim_they_have(slices: int, column: str) -> None:
    shape, model = (slices, 23, 31), "baseline:gaussian:sigma=1"
    truths = [grey(shape, "ZYX", noise=0, name=f"t{seed}") for seed in (0, 1)]
    images = [grey(shape, "ZYX", noise=30, seed=seed, name=f"i{seed}") for seed in (0, 1)]
    comparison = pybridge.compare(images, model=model, truth=truths).comparison
    raw = next(method for method in comparison.methods if method.model == "baseline:none")
    scored = [pybridge.evaluate(image, truth, task="restore") for image, truth in zip(images, truths, strict=True)]
    assert raw.score("ssim").value == pytest.approx(np.mean([cell(one, column) for one in scored]), abs=1e-6)


def test_an_infinite_psnr_is_said() -> None:
    one, other = (grey((23, 31), "YX", noise=3, name=name) for name in ("a", "b"))
    scored = pybridge.evaluate(one, other, task="restore")
    assert cell(scored, "PSNR") == math.inf
    assert any("PSNR is infinite: a equals its truth" in each for each in scored.record.warnings)
