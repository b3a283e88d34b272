"""Which result belongs to which truth."""

from __future__ import annotations

from pathlib import Path

import pytest

from pybridge.core.errors import ImageFileError, UsageError
from pybridge.files.result_pairs import find_pairs, stem_of_result


def touch(folder: Path, *names: str) -> Path:
    folder.mkdir(exist_ok=True)
    for name in names:
        (folder / name).touch()
    return folder


def names(results: str | Path, truth: str | Path, **options: str) -> list[tuple[str, str]]:
    pairs, _ = find_pairs([str(results)], str(truth), **options)  # type: ignore[arg-type]
    return [(pair.result.name, pair.truth.name) for pair in pairs]


def test_roles_of_many_tools_are_stripped(tmp_path: Path) -> None:
    results = touch(
        tmp_path / "r", "a-labels.tif", "b-labels.tif", "a-probability.tif", "a-objects.csv", "a-errors.tif"
    )
    truth = touch(tmp_path / "t", "a_cp_masks.png", "b-RoiSet.zip", "c_gt.tif")
    assert names(results, truth) == [("a-labels.tif", "a_cp_masks.png"), ("b-labels.tif", "b-RoiSet.zip")]
    assert [path.name for path in find_pairs([str(results)], str(truth))[1]] == ["c_gt.tif"]


def test_a_folder_of_other_programs_is_taken_whole(tmp_path: Path) -> None:
    results = touch(tmp_path / "r", "a_mask.png", "b.tif", "notes.txt", ".hidden.tif")
    truth = touch(tmp_path / "t", "a.tif", "b_label.tif")
    assert names(results, truth) == [("a_mask.png", "a.tif"), ("b.tif", "b_label.tif")]


def test_the_task_says_which_of_our_outputs_are_the_results(tmp_path: Path) -> None:
    results = touch(tmp_path / "r", "a-labels.tif", "a-restored.tif")
    truth = touch(tmp_path / "t", "a.tif")
    assert names(results, truth) == [("a-labels.tif", "a.tif")]
    assert names(results, truth, task="restore") == [("a-restored.tif", "a.tif")]


def test_results_and_truths_may_lie_in_one_folder(tmp_path: Path) -> None:
    both = touch(tmp_path / "both", "a-labels.tif", "a_gt.tif")
    assert names(both / "*-labels.tif", both) == [("a-labels.tif", "a_gt.tif")]


def test_two_truths_of_one_name_are_refused(tmp_path: Path) -> None:
    results = touch(tmp_path / "r", "a-labels.tif")
    truth = touch(tmp_path / "t", "a_gt.tif", "a_rois.zip")
    with pytest.raises(UsageError, match=r"a-labels\.tif \(a_gt\.tif, a_rois\.zip\).*with a glob, for example"):
        find_pairs([str(results)], str(truth))


def test_raw_images_are_paired_too_and_missing_ones_named_so(tmp_path: Path) -> None:
    results, truth = touch(tmp_path / "r", "a-restored.tif"), touch(tmp_path / "t", "a.tif")
    pairs, _ = find_pairs([str(results)], str(truth), raw=str(touch(tmp_path / "raw", "a.tif")))
    assert pairs[0].raw == tmp_path / "raw" / "a.tif"
    with pytest.raises(UsageError, match="the raw image of 1 image"):
        find_pairs([str(results)], str(truth), raw=str(touch(tmp_path / "other", "b.tif")))


def test_what_is_not_there_is_said(tmp_path: Path) -> None:
    results = touch(tmp_path / "r", "a-labels.tif")
    with pytest.raises(ImageFileError, match="the ground truth"):
        find_pairs([str(results)], str(tmp_path / "gone"))
    with pytest.raises(UsageError, match="no image and no table of classes is in this folder; folders inside"):
        find_pairs([str(touch(tmp_path / "empty"))], str(results))


def test_folders_inside_a_folder_are_not_searched_and_that_is_said(tmp_path: Path) -> None:
    results, truth = touch(tmp_path / "r", "a-labels.tif"), touch(tmp_path / "t")
    touch(truth / "inside", "a.tif")
    with pytest.raises(UsageError, match=r"ground truth of 1 image.*not searched.*a glob such as"):
        names(results, truth)
    assert names(results, truth / "*" / "*.tif") == [("a-labels.tif", "a.tif")]
    with pytest.raises(UsageError, match=r"the results '.*t': no image is in this folder; folders inside it are not"):
        names(truth, results, task="segment")


def test_a_folder_of_results_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ImageFileError, match=r"the results '.*gone': no such file or folder"):
        names(tmp_path / "gone", touch(tmp_path / "t", "a.tif"))


def test_what_systems_and_runs_leave_in_a_folder_is_no_truth(tmp_path: Path) -> None:
    results = touch(tmp_path / "r", "a-labels.tif", "a-record.json", "scores.json", "scores.csv", "run-record.json")
    truth = touch(tmp_path / "t", "a_mask.TIF", ".DS_Store", "._a_mask.tif", "Thumbs.db", "notes.csv", "scores.json")
    assert names(results, truth) == [("a-labels.tif", "a_mask.TIF")]
    assert find_pairs([str(results)], str(truth))[1] == ()


@pytest.mark.parametrize("task", ["auto", "classify"])
def test_folders_of_tables_of_classes_are_paired_by_stem(tmp_path: Path, task: str) -> None:
    results = touch(tmp_path / "r", "a.csv", "b.TSV", "a-details.csv", "scores.csv", "run-record.json", "a-objects.csv")
    truth = touch(tmp_path / "t", "a_gt.csv", "b.csv", "c.tsv", "b.tif", "scores.csv")
    paired = [("a.csv", "a_gt.csv"), ("b.TSV", "b.csv")]
    assert names(results, truth, task=task) == names(results / "[ab].*", truth, task=task) == paired
    assert names(results / "a.csv", truth) == paired[:1]
    assert [path.name for path in find_pairs([str(results)], str(truth), task=task)[1]] == ["c.tsv"]


def test_tables_beside_images_are_no_results(tmp_path: Path) -> None:
    results = touch(tmp_path / "r", "a-labels.tif", "b.csv")
    assert names(results, touch(tmp_path / "t", "a.tif", "b.csv")) == [("a-labels.tif", "a.tif")]
    with pytest.raises(UsageError, match="no image is in this folder"):
        names(touch(tmp_path / "only", "b.csv"), tmp_path / "t", task="restore")


def test_a_folder_without_the_tables_that_are_wanted_is_told_so(tmp_path: Path) -> None:
    results = touch(tmp_path / "r", "a.csv", "b.csv")
    with pytest.raises(UsageError, match=r"no file of a kind that we read .* a glob such as '.*csv'"):
        names(results, touch(tmp_path / "t", "a.tif"))


def test_a_folder_of_frames_keeps_its_name() -> None:
    assert stem_of_result(Path("01_RES")) == "01_RES"
    assert stem_of_result(Path("out/cells.ome-labels.tif")) == "cells.ome"


def test_results_that_are_left_out_are_named(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    touch(tmp_path / "results", "a.tif", "a-labels.tif", "b.tif", "c.tif")
    touch(tmp_path / "truths", "a.tif", "b.tif", "c.tif")
    pairs, _ = find_pairs([str(tmp_path / "results")], str(tmp_path / "truths"))
    assert [pair.result.name for pair in pairs] == ["a-labels.tif"]
    assert "not taken as results, because others are named …-labels: b.tif, c.tif" in caplog.text


def test_the_images_of_labels_are_no_results_that_are_missed(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    touch(tmp_path / "results", "a.tif", "a-labels.tif", "b.tif", "b-labels.tif")
    touch(tmp_path / "truths", "a.tif", "b.tif")
    find_pairs([str(tmp_path / "results")], str(tmp_path / "truths"))
    assert caplog.text == ""


def test_a_folder_against_itself_is_told_so(tmp_path: Path) -> None:
    touch(tmp_path / "t", "a.tif", "b.tif")
    for results in (tmp_path / "t", tmp_path / "t" / "b.tif"):
        with pytest.raises(
            UsageError, match=r"of such names only the images themselves lie there: .*b\.tif.*cells_mask\.tif beside"
        ):
            find_pairs([str(results)], str(tmp_path / "t"))
    touch(tmp_path / "t", "b_gt.tif")
    with pytest.raises(UsageError, match=r"for a\.tif \(only the file itself\)"):
        find_pairs([str(tmp_path / "t" / "a.tif"), str(tmp_path / "t" / "b.tif")], str(tmp_path / "t"))
