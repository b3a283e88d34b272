"""Items 9 to 17 of the checklist say what was so for the command that ran, and count images as images."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from pybridge.cli import main
from pybridge.core.image import Image
from pybridge.files.write import write_imagej_tiff, write_labels
from pybridge.reporting.checklist import FILLED, NOT_APPLICABLE, SUPPLY, ChecklistItem, fill_checklist
from pybridge.reporting.evidence import gather_evidence
from pybridge.reporting.methods import write_methods
from pybridge.reporting.stored_record import read_record
from pybridge.reporting.user_facts import CodeFacts, UserFacts
from pybridge.samples import simulate_nuclei

GOOD, BAD = "baseline:otsu-watershed", "baseline:otsu-watershed:max_size=150"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A comparison of three images, one of which no method can do, and an evaluation of one."""
    place = tmp_path_factory.mktemp("items")
    for seed in range(3):
        image, truth = simulate_nuclei(shape=(96, 128), count=8, seed=seed)
        write_imagej_tiff(place / "in" / f"{seed}.tif", image)
        write_labels(place / "truth" / f"{seed}.tif", truth)
    write_imagej_tiff(place / "in" / "1.tif", Image(np.full((96, 128), np.nan, np.float32), "YX"), overwrite=True)
    asked = ["compare", str(place / "in"), "--truth", str(place / "truth"), "--model", GOOD, "--model", BAD]
    assert main([*asked, "-o", str(place / "compared")]) == 1  # one image was not done
    words = [str(place / "truth" / "0.tif"), str(place / "truth" / "0.tif"), "-o", str(place / "scored")]
    assert main(["evaluate", *words]) == 0
    assert main(["segment", str(place / "in" / "0.tif"), "--model", GOOD, "-o", str(place / "segmented")]) == 0
    return place


def items_of(run: Path, facts: UserFacts | None = None) -> dict[int, ChecklistItem]:
    evidence = gather_evidence([read_record(run)], facts=facts)
    return {each.number: each for each in fill_checklist(evidence)}


def test_uncertainty_does_not_apply_for_a_reason_that_is_so(folder: Path) -> None:
    told = {name: items_of(folder / name)[16] for name in ("compared", "scored", "segmented")}
    assert {each.state for each in told.values()} == {NOT_APPLICABLE}
    assert told["compared"].supply.startswith("2 methods ran, each by itself")
    assert told["scored"].supply.startswith("finished results were scored, and no model ran")
    assert told["segmented"].supply.startswith("one classical method ran once:")


def test_of_results_that_were_only_scored_the_code_is_missing_until_the_user_names_it(folder: Path) -> None:
    code = items_of(folder / "scored")[9]
    assert code.state == SUPPLY
    assert code.supply.startswith("the code that made the results: code.repository")
    assert "did pre- and post-processing" not in " ".join(code.said)
    facts = UserFacts(code=CodeFacts(repository="https://example.org/my-code"))
    assert items_of(folder / "scored", facts)[9].state == FILLED
    assert "did pre- and post-processing" in items_of(folder / "segmented")[9].said[0]


def test_an_image_that_several_methods_refused_is_counted_once_and_told_of_where_scores_are(folder: Path) -> None:
    record = json.loads((folder / "compared" / "run-record.json").read_text(encoding="utf-8"))
    assert sum(each.startswith("not done: ") for each in record["warnings"]) == 2
    said = " ".join(items_of(folder / "compared")[14].said)
    assert "3 images were analysed" in said
    assert "Not done by every method: 1 image, named under warnings." in said
    left_out = "1 image that a method could not do was left out of the scores"
    assert f"{left_out}." in said
    paragraph = write_methods(gather_evidence([read_record(folder / "compared")])).paragraph
    assert f"against the ground truth of 2 images ({left_out})" in paragraph


def test_an_image_that_could_not_be_read_is_no_image_that_methods_refused(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for name in ("0.tif", "2.tif"):
        shutil.copy(folder / "in" / name, tmp_path / "in")
    (tmp_path / "in" / "cut.tif").write_bytes((folder / "in" / "0.tif").read_bytes()[:3000])
    asked = ["compare", str(tmp_path / "in"), "--model", GOOD, "--model", BAD, "-o", str(tmp_path / "out")]
    assert main(asked) == 1
    said = " ".join(items_of(tmp_path / "out")[14].said)
    assert "Not used at all: 1 image, named under warnings." in said
    assert "Not done by every method" not in said
    assert "left out" not in said


def test_who_has_the_folder_of_a_comparison_alone_has_its_examples(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder / "compared", tmp_path / "sent")
    record = tmp_path / "sent" / "run-record.json"
    content = json.loads(record.read_text(encoding="utf-8"))
    for each in content["inputs"]:
        each["path"] = str(tmp_path / "elsewhere" / each["name"])
    record.write_text(json.dumps(content), encoding="utf-8")
    assert all(image.file.path is None for image in gather_evidence([read_record(record)]).images)
    examples = items_of(record)[11]
    assert examples.state == FILLED
    assert "contact sheet" in examples.said[0]
