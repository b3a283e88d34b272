"""ImageJ with a window: menu, dialog, recorder and macros, on any display, such as that of `make gui-test` (Xvfb)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from pybridge.files.home import user_models_folder
from tests.builders.folders import write_model
from tests.builders.networks import copy

pytestmark = pytest.mark.display
PERSON = Path(__file__).with_name("person.py")


@pytest.fixture(scope="module")
def seen(a_display: None, tmp_path_factory: pytest.TempPathFactory, nuclei_model: str) -> dict[str, Any]:
    """What a person saw who clicked through ImageJ; the pictures go where ``PYBRIDGE_GUI_PICTURES`` says."""
    named = os.environ.get("PYBRIDGE_GUI_PICTURES")
    folder = Path(named).absolute() if named else tmp_path_factory.mktemp("pictures")
    folder.mkdir(parents=True, exist_ok=True)
    # The user's own models: one that comes first by its name and finds no objects.
    write_model(user_models_folder() / "a-filter", copy())
    done = subprocess.run(
        [sys.executable, str(PERSON), str(folder)], capture_output=True, text=True, timeout=900, check=False
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads((folder / "seen.json").read_text(encoding="utf-8"))
    return found | {"pictures": folder}


def test_the_commands_are_in_the_menu(seen):
    assert seen["has_window"]
    assert {"PyBridge Segment", "PyBridge Predict", "PyBridge Open", "PyBridge Doctor"} <= set(seen["items"])


def test_a_dialog_offers_what_suits_the_command_and_presets_our_own(seen):
    assert seen["models"][0] == "nuclei-fluo"
    assert "baseline:otsu-watershed" in seen["models"]
    assert "a-filter" not in seen["models"]
    assert (seen["preset"], seen["trained from"]) == ("nuclei-fluo", "nuclei-fluo")


def test_a_click_and_ok_give_labels_and_results(seen):
    assert seen["labels"] == seen["results"] > 5


def test_the_recorder_writes_one_line_that_replays_unedited(seen):
    (line,) = (line for line in seen["recorded"] if "PyBridge" in line)
    assert line.startswith('run("PyBridge Segment", "model=nuclei-fluo exclude_border=false table=true')
    for batch in ("false", "true"):
        assert seen[f"replayed {batch}"] == f"simulated-nuclei-labels{seen['labels']}"


def test_opening_a_file_is_recorded_as_one_line(seen):
    assert seen["recorded open"]


@pytest.mark.parametrize("door", ["ImageJ", "Fiji"])
def test_the_dialog_of_scores_offers_the_open_images_and_presets_the_likely_truth(seen, door):
    offered = ["raw.tif", "simulated-nuclei-truth.tif", "cells.tif"]
    assert seen[f"truth {door}"] == [["none, or what is named below", *offered], "simulated-nuclei-truth.tif"]
    assert seen[f"result {door}"] == [["the active image", *offered], "the active image"]
    assert seen[f"scores {door}"] == ["cells.tif", 1.0]


@pytest.mark.parametrize("door", ["ImageJ", "Fiji"])
def test_an_image_of_errors_has_its_legend_over_it(seen, door):
    assert seen[f"legend {door}"] == ["right", "missed", "spurious", "split", "merged", "lacking", "too much"]


def test_both_dialogs_of_scores_are_recorded_in_our_spelling(seen):
    options = "truth=simulated-nuclei-truth.tif table=true show_errors=true"
    assert seen["recorded ImageJ"] == [f'run("PyBridge Evaluate", "{options}");']
    assert seen["recorded Fiji"].strip() == options


def test_images_that_python_opened_stay_open_after_a_macro_in_batch_mode(seen):
    assert seen["left open"] == ["simulated-nuclei.tif"]


def test_a_shipped_macro_runs_unchanged(seen):
    assert seen["shipped"] == ["cells-labels.tif", "cells-measured.csv"]


def test_failures_are_exceptions_and_no_box_waits_for_a_click(seen):
    told = seen["failures"]
    assert told['exit("too bad");'] == "too bad"
    assert told["x = ;"].startswith("Number or numeric function expected in line 1")
    assert told['run("Nope");'].startswith('Unrecognized command: "Nope" in line 1')
    assert told['run("PyBridge Segment", "model=nope");'].startswith("find the model 'nope'")
    assert seen["survived"] == "[aborted]"
    assert not seen["box left"]


def test_closing_the_gateway_takes_the_menu_away(seen):
    assert "PyBridge" not in seen["items after close"]


def test_the_pictures_show_windows(seen):
    from PIL import Image

    for name in ("menu", "dialog", "train", "message", "segmented", "macro"):
        with Image.open(seen["pictures"] / f"{name}.png") as picture:
            assert len(picture.convert("RGB").getcolors(1 << 24)) > 20, name


def test_a_comparison_by_its_dialog_ranks_on_the_chosen_truth_and_is_recorded(seen):
    assert seen["compared with"] == [["none", "simulated-nuclei-truth.tif", "simulated-nuclei.tif"], "none"]
    assert set(seen["compared"]) == {"baseline:otsu-watershed", "baseline:li-watershed"}
    assert all(0.7 < score <= 1 for score in seen["compared"].values())
    best_first = sorted(seen["compared"].items(), key=lambda each: -each[1])
    assert seen["overlays"] == [f"{method}: mean_ap {score:.3f}" for method, score in best_first]
    options = "model=[baseline:otsu-watershed, baseline:li-watershed] truth=simulated-nuclei-truth.tif"
    assert seen["recorded compare"] == [f'run("PyBridge Compare", "{options}");']
