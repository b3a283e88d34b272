"""``Compare_Models.ijm``: a table, overlays and a record in a folder, nothing overwritten."""

from __future__ import annotations

import csv
import json

import pytest

from pybridge.core.errors import MacroError
from pybridge.files.read import read_image
from pybridge.files.write import write_imagej_tiff, write_labels
from pybridge.imagej.jvm import java_class
from pybridge.samples import simulate_nuclei

pytestmark = pytest.mark.jvm

MODELS = ["baseline:otsu-watershed", "baseline:otsu-watershed:max_size=300"]


@pytest.fixture(autouse=True)
def earlier_rows(gateway):
    """A table with a row of something else, empty again afterwards."""
    table = java_class("ij.measure.ResultsTable").getResultsTable()
    table.reset()
    table.setValue("Area", 0, 77.0)
    yield
    table.reset()


@pytest.fixture
def folder(tmp_path):
    for seed, name in ((1, "a 1.tif"), (2, "é.tif")):
        image, truth = simulate_nuclei(shape=(96, 128), count=8, seed=seed)
        write_imagej_tiff(tmp_path / "images" / name, image)
        write_labels(tmp_path / "truth" / name, truth)
    return tmp_path


@pytest.mark.parametrize("truth", ["truth", "truth//", "none", "none/", "none\\"])
def test_a_folder_gives_a_table_overlays_and_a_record(gateway, folder, truth):
    is_given = truth.startswith("truth")
    named = f"{folder}/{truth}" if is_given else truth
    gateway.run_macro("Compare_Models", f"{folder / 'images'}/|{named}|{','.join(MODELS)}|{folder / 'out'}/")
    with (folder / "out" / "comparison.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert sorted(row["Method"] for row in rows) == MODELS
    metric = "mean_ap" if is_given else "consistency"
    assert [float(row["Place"]) for row in rows] == [1, 2]
    assert float(rows[0][metric]) > float(rows[1][metric]) > 0
    assert read_image(folder / "out" / "comparison-overlays.tif").is_rgb
    assert json.loads((folder / "out" / "run-record.json").read_text())["scores"]["ranked_by"] == metric


def test_outputs_that_exist_are_not_overwritten(gateway, folder):
    (folder / "out").mkdir()
    (folder / "out" / "comparison.csv").write_text("mine")
    with pytest.raises(MacroError, match="comparison.csv exists already"):
        gateway.run_macro("Compare_Models", f"{folder / 'images'}|none|{MODELS[0]}|{folder / 'out'}")
    assert (folder / "out" / "comparison.csv").read_text() == "mine"


@pytest.mark.parametrize("argument", ["", "a|b|c", "a|b|c|d|e"])
def test_without_a_display_the_argument_must_be_whole(gateway, argument):
    with pytest.raises(MacroError, match=r"images\|truth\|models\|output"):
        gateway.run_macro("Compare_Models", argument)


def test_what_could_not_be_done_is_named_at_the_end_and_the_others_are_saved(gateway, folder):
    broken = folder / "images" / "broken ü.tif"
    broken.write_bytes((folder / "images" / "a 1.tif").read_bytes()[:2000])
    (folder / "truth" / "broken ü.tif").write_bytes((folder / "truth" / "a 1.tif").read_bytes())
    with pytest.raises(MacroError, match=r"not done, see the Log: \S*broken ü.tif. The others are in ") as stopped:
        gateway.run_macro(
            "Compare_Models", f"{folder / 'images'}|{folder / 'truth'}|{','.join(MODELS)}|{folder / 'out'}"
        )
    assert stopped.value.exit_code == 1  # what the shell returns
    assert sorted(path.name for path in (folder / "out").iterdir()) == [
        "comparison-overlays.tif",
        "comparison.csv",
        "run-record.json",
    ]


def test_the_table_has_all_digits_whatever_set_measurements_says(gateway, folder):
    gateway.run_macro('run("Set Measurements...", "area mean redirect=None decimal=0");')
    try:
        gateway.run_macro(
            "Compare_Models", f"{folder / 'images'}|{folder / 'truth'}|{','.join(MODELS)}|{folder / 'out'}"
        )
    finally:
        gateway.run_macro('run("Set Measurements...", "area mean redirect=None decimal=3");')
    with (folder / "out" / "comparison.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    scores = json.loads((folder / "out" / "run-record.json").read_text())["scores"]
    best = next(method for method in scores["methods"] if method["method"] == rows[0]["Method"])
    for name in ("mean_ap", "mean_ap_low", "dice"):
        expected = best["scores"][name.removesuffix("_low")]
        value = expected["ci95"][0] if name.endswith("_low") else expected["value"]
        assert float(rows[0][name]) == pytest.approx(value, abs=1e-6)
    assert rows[0]["Images"] == "2"
