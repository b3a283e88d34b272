"""A comparison says which methods learnt from its images: the same in the caveats, the report and the checklist."""

from __future__ import annotations

import dataclasses
import json
import shutil
from pathlib import Path

import numpy as np
import pytest

import pybridge
from pybridge.cli import main
from pybridge.core.comparison import ComparisonResult
from pybridge.files.read import read_image
from pybridge.reporting.model_card import ModelCard, PartScore, TrainingFile
from pybridge.reporting.record_fields import StoredModel
from pybridge.reporting.training_overlap import COMPARED_BY, TrainingOverlap, count_overlap

OTSU = "baseline:otsu-watershed"
LEARNT = f"{COMPARED_BY}nuclei-fluo: of 2 images 2 were among those the model learnt from, so that the scores say"


@pytest.fixture(scope="module")
def leaked(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two images that nuclei-fluo learnt from, under other names, with their masks."""
    folder = tmp_path_factory.mktemp("leaked")
    images = sorted((shared_data / "nuclei" / "train" / "images").iterdir(), key=lambda each: each.stat().st_size)[:2]
    for number, image in enumerate(images):
        for part in ("images", "masks"):
            (folder / part).mkdir(exist_ok=True)
            shutil.copy(image.parent.parent / part / image.name, folder / part / f"new-{number}.tif")
    return folder


def test_shell_record_and_report_name_the_method_that_learnt_from_the_images(
    leaked: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    asked = ["compare", str(leaked / "images"), "--truth", str(leaked / "masks")]
    assert main([*asked, "--model", "nuclei-fluo", "--model", OTSU, "-o", str(out)]) == 0
    assert f"Mind: {LEARNT}" in capsys.readouterr().out
    record = json.loads((out / "run-record.json").read_text(encoding="utf-8"))
    assert record["scores"]["caveats"][0].startswith(LEARNT)
    assert main(["report", str(out), "-o", str(tmp_path / "report.html")]) == 0
    report = (tmp_path / "report.md").read_text(encoding="utf-8")
    assert report.count(LEARNT) >= 3  # at the top, in the checklist and in the methods paragraph


def test_methods_that_know_none_of_the_images_are_not_accused(leaked: Path) -> None:
    image = next((leaked / "images").iterdir())
    truth = leaked / "masks" / image.name
    assert not _told(pybridge.compare(image, model=[OTSU, "baseline:li-watershed"], truth=truth))
    changed = np.asarray(read_image(image).array) + 1
    assert not _told(pybridge.compare(changed, model=["nuclei-fluo", OTSU], truth=truth))


def test_of_images_without_a_file_that_are_not_known_it_is_said_that_nothing_can_be_told(leaked: Path) -> None:
    known = leaked / "images" / "new-0.tif"
    truth = leaked / "masks" / "new-0.tif"
    unsaved = np.asarray(read_image(known).array) + 1
    compared = pybridge.compare([known, unsaved], model=["nuclei-fluo", OTSU], truth=[truth, truth])
    assert "of 1 image 1 was among those the model learnt from" in compared.comparison.caveats[0]
    assert "(of 1 more without a file it cannot be told)" in compared.comparison.caveats[0]


def test_a_comparison_without_truth_has_no_scores_to_doubt(leaked: Path) -> None:
    assert not _told(pybridge.compare(leaked / "images" / "new-0.tif", model=["nuclei-fluo", OTSU]))


CARD = ModelCard(
    StoredModel(id="m"),
    scores=(PartScore("validation", "2", True, 0.9, None),),
    files=(TrainingFile("train", "a"), TrainingFile("validation", "b"), TrainingFile("test", "c")),
)


def test_images_are_known_by_their_file_or_else_their_pixels() -> None:
    images = [("a", "x"), (None, "a"), ("b", "x"), ("new", "c"), ("new", "x")]
    assert count_overlap(images, CARD) == TrainingOverlap(compared=5, train=2, chose=1, tested=1)
    # The training noted a file: that the pixels are not in its list tells nothing.
    assert count_overlap([(None, "x")], CARD) == TrainingOverlap(0, 0, 0, 0)
    assert count_overlap(images, dataclasses.replace(CARD, files=())) is None


def _told(compared: ComparisonResult) -> bool:
    return any(each.startswith(COMPARED_BY) for each in compared.comparison.caveats)
