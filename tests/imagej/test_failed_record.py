"""A run record that cannot be written: nothing is done in vain, nothing that was done is lost.

Macros are run by ImageJ itself here, as a person does: what they left open is looked at when they have failed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import pybridge
from pybridge.commands.compare import Compare
from pybridge.commands.evaluate import Evaluate
from pybridge.commands.predict import Predict
from pybridge.commands.segment import Segment
from pybridge.core.errors import MacroError, OutputError
from pybridge.core.image import Image
from pybridge.imagej import Gateway
from pybridge.imagej.convert import image_to_imageplus
from pybridge.imagej.images import active_image, close_images_since, open_images
from tests.builders.macros import run_macro

pytestmark = pytest.mark.jvm

MODEL = "baseline:otsu-watershed"
CALLS = {
    "Segment": (f"model={MODEL}", "mycells-labels"),
    "Evaluate": ("truth=truth show_errors", "my cells.tif-errors"),
    "Compare": (f"model={MODEL}", "mycells-comparison"),
    "Predict": ("model=nuclei-fluo", "mycells-"),
}
METHODS = {"Segment": (Segment, "run"), "Evaluate": (Evaluate, "run"), "Predict": (Predict, "run")}
METHODS["Compare"] = (Compare, "run_on_open")


@pytest.fixture
def on_screen(gateway: Gateway) -> Iterator[Any]:
    """An image and labels; the image is active."""
    image, truth = pybridge.samples.simulate_nuclei(shape=(70, 110), count=6)
    for array, name in ((np.asarray(truth.array).astype(np.uint16), "truth"), (image.array, "my cells.tif")):
        imp = image_to_imageplus(Image(array, "YX", name))
        imp.show()
    yield imp
    for each in open_images():
        each.changes = False
        each.close()
    close_images_since(frozenset())


def options_of(command: str, record: Path) -> str:
    result = " result=truth" if command == "Evaluate" else ""
    return f"{CALLS[command][0]}{result} record=[{record}]"


@pytest.mark.parametrize("command", CALLS)
def test_a_record_that_has_no_place_stops_the_macro_before_the_work(
    gateway: Gateway, on_screen: Any, results: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    (tmp_path / "file").touch()
    kind, method = METHODS[command]
    monkeypatch.setattr(kind, method, lambda *_, **__: pytest.fail("the work was begun"))
    macro = f'run("PyBridge {command}", "{options_of(command, tmp_path / "file" / "record.json")}");'
    with pytest.raises(MacroError, match=r"file': a file stands where the folder should be"):
        gateway.run_macro(macro)
    assert results.size() == 0
    assert len(open_images()) == 2
    assert active_image("look") == on_screen


def lose_the_place(monkeypatch: pytest.MonkeyPatch, command: str, folder: Path) -> None:
    """Let a file take the place of the record's folder while the command works."""
    kind, method = METHODS[command]
    real = getattr(kind, method)

    def run(*given: Any, **named: Any) -> Any:
        folder.touch()
        return real(*given, **named)

    monkeypatch.setattr(kind, method, run)


@pytest.mark.parametrize("command", CALLS)
def test_when_its_place_is_lost_meanwhile_all_is_shown_first(
    on_screen: Any,
    results: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    command: str,
) -> None:
    lose_the_place(monkeypatch, command, tmp_path / "gone")
    macro = f'run("PyBridge {command}", "{options_of(command, tmp_path / "gone" / "record.json")}");'
    assert run_macro(macro) == "[aborted]"
    assert re.search(
        r"gone/record.json'.*; the results are there, this file alone is missing. To do", capfd.readouterr().out
    )
    if command != "Predict":
        assert results.size() > 0
    title = "truth-errors" if command == "Evaluate" else CALLS[command][1]
    assert str(active_image("look").getTitle()).startswith(title)
    assert "pybridge-run/1" in str(active_image("look").getProperty("Info"))


def test_python_too_finds_what_was_made_in_imagej(
    gateway: Gateway, on_screen: Any, results: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lose_the_place(monkeypatch, "Compare", tmp_path / "gone")
    with pytest.raises(OutputError, match="this file alone is missing"):
        gateway.compare(on_screen, model=[MODEL], record=tmp_path / "gone" / "record.json")
    assert str(active_image("look").getTitle()) == "mycells-comparison"
    assert results.size() == 1


def test_rois_that_cannot_be_written_do_not_take_the_labels_with_them(
    on_screen: Any,
    results: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    real = Segment.run

    def run(*given: Any, **named: Any) -> Any:
        (tmp_path / "mycells-rois.zip").touch()
        return real(*given, **named)

    monkeypatch.setattr(Segment, "run", run)
    macro = f'run("PyBridge Segment", "model={MODEL} rois=zip record=[{tmp_path / "record.json"}]");'
    assert run_macro(macro) == "[aborted]"
    assert "mycells-rois.zip': the file exists; the results are there" in capfd.readouterr().out
    assert str(active_image("look").getTitle()) == "mycells-labels"
    assert (tmp_path / "record.json").is_file()
