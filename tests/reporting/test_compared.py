"""Reports of comparisons: every method with its scores, tests and model, sheet and plots, and nothing untrue."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pybridge.cli import main
from pybridge.files.write import write_imagej_tiff, write_labels
from pybridge.reporting.checklist import FILLED, NOT_APPLICABLE, SUPPLY, fill_checklist
from pybridge.reporting.compared import comparison_pictures, read_compared
from pybridge.reporting.evidence import gather_evidence
from pybridge.reporting.methods import write_methods
from pybridge.reporting.stored_record import read_record
from pybridge.samples import simulate_nuclei
from tests.builders.html_check import read_page

GOOD, BAD = "baseline:otsu-watershed", "baseline:otsu-watershed:max_size=150"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two comparisons of two images: one with truth, one without."""
    place = tmp_path_factory.mktemp("compared")
    for seed in range(2):
        image, truth = simulate_nuclei(shape=(96, 128), count=8, seed=seed)
        write_imagej_tiff(place / "in" / f"{seed}.tif", image)
        write_labels(place / "truth" / f"{seed}.tif", truth)
    asked = ["compare", str(place / "in"), "--model", BAD, "--model", GOOD]
    assert main([*asked, "-o", str(place / "with"), "--truth", str(place / "truth")]) == 0
    assert main([*asked, "-o", str(place / "without")]) == 0
    return place


def report_of(folder: Path, made: Path) -> tuple[str, str, dict]:
    assert main(["report", str(folder / "run-record.json"), "-o", str(made / "report.html")]) == 0
    content = json.loads((made / "report.json").read_text(encoding="utf-8"))
    page, markdown = ((made / f"report.{kind}").read_text(encoding="utf-8") for kind in ("html", "md"))
    return page, markdown, content


def test_a_report_shows_every_method_with_its_scores_and_what_follows(folder, tmp_path):
    page, markdown, content = report_of(folder / "with", tmp_path)
    assert read_page(page).problems == []
    record = json.loads((folder / "with" / "run-record.json").read_text(encoding="utf-8"))
    for method in record["scores"]["methods"]:
        score = method["scores"]["mean_ap"]
        for text in (page, markdown):
            assert method["method"] in text
            assert f"{score['value']:.3f}" in text
            assert f"{score['ci95'][0]:.3f} to {score['ci95'][1]:.3f}" in text
    assert "No ground truth" not in page
    assert "ran no model" not in page
    assert page.count("data:image/png") == 3
    assert "no difference could be shown" in page
    assert content["compared"]["rows"][0]["method"] == GOOD
    assert content["scores"] == []


def test_without_truth_the_report_says_so_and_names_the_caveats(folder, tmp_path):
    page, markdown, _ = report_of(folder / "without", tmp_path)
    assert read_page(page).problems == []
    for text in (page, markdown):
        assert "Consistency is not correctness" in text
        assert "without ground truth, on 2 images, ranked by consistency under perturbation" in text
    assert "Talks and Kreshuk" in page


def test_the_checklist_names_each_model_and_asks_for_what_only_people_know(folder):
    evidence = gather_evidence([read_record(folder / "with" / "run-record.json")])
    items = {each.number: each for each in fill_checklist(evidence)}
    assert [items[number].state for number in (1, 2, 3, 11, 17)] == [FILLED] * 5
    assert [items[number].state for number in (4, 5, 6, 7, 8)] == [NOT_APPLICABLE] * 5
    assert items[10].state == SUPPLY
    sha256 = [method["model"]["sha256"] for method in evidence.record.scores["methods"]]
    assert len(set(sha256)) == 2
    assert all(any(each in said for said in items[3].said) for each in sha256)
    assert GOOD in items[17].said[0]
    blind = gather_evidence([read_record(folder / "without" / "run-record.json")])
    told = {each.number: each for each in fill_checklist(blind)}
    assert "no ground truth was given" in told[10].supply


def test_the_methods_paragraph_cites_methods_and_tests(folder):
    written = write_methods(gather_evidence([read_record(folder / "with" / "run-record.json")]))
    cited = " ".join(each.text for each in written.references)
    for name in ("Otsu", "Wilcoxon", "Holm", "Caicedo"):
        assert name in cited
    assert f"The methods were: {GOOD}" in written.paragraph
    assert "Start simple" not in written.paragraph
    blind = write_methods(gather_evidence([read_record(folder / "without" / "run-record.json")]))
    assert "Talks" in " ".join(each.text for each in blind.references)


def test_the_paragraph_tells_what_the_intervals_are_worth_and_of_a_forest_trained_anew(folder, tmp_path):
    asked = ["compare", str(folder / "in"), "--model", "baseline:pixel-forest", "--model", GOOD]
    assert main([*asked, "-o", str(tmp_path / "two"), "--truth", str(folder / "truth")]) == 0
    two = write_methods(gather_evidence([read_record(tmp_path / "two" / "run-record.json")])).paragraph
    assert "baseline:pixel-forest was trained anew for each image, on the ground truth of the others" in two
    assert "95 % intervals from 2 images are too narrow" in two
    asked[1] = str(folder / "in" / "0.tif")
    assert main([*asked, "-o", str(tmp_path / "one"), "--truth", str(folder / "truth" / "0.tif")]) == 0
    one = write_methods(gather_evidence([read_record(tmp_path / "one" / "run-record.json")])).paragraph
    assert "baseline:pixel-forest was the forest that comes with PyBridge; it was not trained on these images." in one
    assert "From 1 image there is no interval" in one


def test_pictures_that_are_gone_are_left_out_and_the_checklist_asks_for_the_sheet(folder, tmp_path):
    (tmp_path / "run-record.json").write_bytes((folder / "with" / "run-record.json").read_bytes())
    record = read_record(tmp_path / "run-record.json")
    assert comparison_pictures(record) == ()
    items = {each.number: each for each in fill_checklist(gather_evidence([record]))}
    assert "keep comparison-sheet.png beside the record" in items[11].supply


@pytest.mark.parametrize(
    "scores",
    [None, {}, {"methods": "many"}, {"methods": [1, "two"], "ranked_by": "ap50"}, {"methods": [{}], "ranked_by": 3}],
)
def test_a_record_whose_comparison_cannot_be_read_gives_none(folder, scores):
    record = read_record(folder / "with" / "run-record.json").model_copy(update={"scores": scores})
    assert read_compared(record) is None


def test_parts_of_a_wrong_kind_are_left_out(folder):
    scores = {
        "ranked_by": "mean_ap",
        "images": "two",
        "verdicts": ["so", 4],
        "methods": [{"method": "a", "place": None, "scores": {"mean_ap": 4, "dice": {"value": "x"}}, "model": []}],
    }
    record = read_record(folder / "with" / "run-record.json").model_copy(update={"scores": scores})
    found = read_compared(record)
    assert found is not None
    assert (found.images, found.verdicts, found.caveats) == (0, ("so",), ())
    assert [score.text for score in found.rows[0].scores] == ["undefined", "undefined"]
    assert (found.rows[0].place, found.rows[0].id) == (None, "")
