"""Items 9 to 17 of the checklist say what was so for the command that ran, and count images as images."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pybridge.cli import main
from pybridge.core.image import Image
from pybridge.files.write import write_imagej_tiff, write_labels
from pybridge.reporting.checklist import FILLED, NOT_APPLICABLE, SUPPLY, ChecklistItem, fill_checklist
from pybridge.reporting.evidence import gather_evidence
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
