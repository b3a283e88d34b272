"""``PyBridge Train`` of a pixel forest on scribbles, in macros that a real ImageJ runs."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from scipy import ndimage

import pybridge
from pybridge.baselines.scribbles import labels_to_scribbles
from pybridge.core.errors import MacroError
from pybridge.core.image import Calibration, Image
from pybridge.files.write import write_imagej_tiff
from pybridge.imagej import Gateway
from pybridge.imagej.convert import image_to_imageplus
from pybridge.samples import simulate_nuclei
from pybridge.zoo import find

pytestmark = pytest.mark.jvm

SIZE = Calibration(x=0.5, y=0.5, unit="µm")

# Strokes through objects and beside them: freehand and segmented lines, a wide straight one, points and an area.
SCRIBBLE = """
function stroke(kind, x, y, width, group) {
    makeSelection(kind, x, y);
    Roi.setStrokeWidth(width);
    Roi.setGroup(group);
    Overlay.addSelection;
}
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PYBRIDGE_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def cells(tmp_path: Path) -> tuple[Path, Image]:
    image, truth = simulate_nuclei(shape=(110, 154), count=12, seed=3)
    file = tmp_path / "my cells.tif"
    write_imagej_tiff(file, Image(image.array, "YX", name="my cells", calibration=SIZE))
    return file, truth


def lines_for(truth: Image) -> str:
    """Macro lines that scribble on objects and on the ground between them."""
    labels = np.asarray(truth.array)
    written = []
    for number, label in enumerate(np.unique(labels[labels > 0])[:6]):
        y, x = np.round(np.argwhere(labels == label).mean(axis=0)).astype(int)
        kind = ("freeline", "polyline")[number % 2]
        written.append(f'stroke("{kind}", newArray({x - 3},{x},{x + 3}), newArray({y},{y + 1},{y}), 3, 2);')
    far = np.argwhere(ndimage.distance_transform_edt(labels == 0) > 4)
    for y, x in far[:: len(far) // 15]:
        written.append(f'stroke("points", newArray({x}, {x + 1}), newArray({y}, {y}), 0, 1);')
    return SCRIBBLE + "\n".join(written)


@pytest.mark.parametrize("batch", ["true", "false"])
def test_the_next_line_of_the_macro_uses_the_forest(
    gateway: Gateway, home: Path, cells: tuple[Path, Image], results: Any, tmp_path: Path, batch: str
) -> None:
    file, truth = cells
    out = tmp_path / "labels.tif"
    # The last selection is a freehand line that is still there: it says nothing.
    macro = f"""
        setBatchMode({batch});
        open("{file}");
        {lines_for(truth)}
        run("PyBridge Train", "from=baseline:pixel-forest name=mine");
        before = getTitle();
        run("PyBridge Segment", "model=mine");
        saveAs("Tiff", "{out}");
        return before;
    """
    assert gateway.run_macro(macro) == "my cells.tif"
    model = find("mine")
    assert model.folder == home / "models" / "mine"
    assert model.decoder is not None
    assert model.decoder.name == "foreground"
    labels = tifffile.imread(out)
    scored = pybridge.evaluate(labels, truth)
    assert scored.record.scores["pooled"]["0.50"]["ap"] > 0.5
    stored = json.loads((model.folder / "training-record.json").read_text())
    assert stored["marks"]["border"] == 0
    assert stored["marks"]["inside"] > 80
    assert stored["data"]["files"][0]["image"] == "mycells"


def test_the_log_says_where_the_model_is(
    gateway: Gateway, home: Path, cells: tuple[Path, Image], capfd: pytest.CaptureFixture[str]
) -> None:
    across = 'stroke("polyline", newArray(2, 20), newArray(2, 2), 1, 1);'
    crossing = across + 'stroke("polyline", newArray(9, 9), newArray(1, 6), 1, 2);'
    gateway.run_macro(
        f"""
        open("{cells[0]}");
        {lines_for(cells[1])}
        {crossing}
        run("PyBridge Train", "from=baseline:pixel-forest name=mine");
        """
    )
    said = capfd.readouterr().out
    assert f"mine: {home / 'models' / 'mine'}" in said
    assert "out of bag: " in said
    assert "this is no score of objects" in said
    assert re.search(r"Mind: mycells: \d+ pixel\(s\) lie under marks of two classes", said)


def test_folders_are_learnt_from_without_an_open_image(
    gateway: Gateway, home: Path, cells: tuple[Path, Image], tmp_path: Path
) -> None:
    image, truth = cells
    (tmp_path / "im ages").mkdir()
    (tmp_path / "marks").mkdir()
    (tmp_path / "im ages" / "a.tif").write_bytes(image.read_bytes())
    tifffile.imwrite(tmp_path / "marks" / "a.tif", labels_to_scribbles(np.asarray(truth.array), pixels=200))
    where = f"images=[{tmp_path / 'im ages'}] scribbles=[{tmp_path / 'marks'}]"
    gateway.run_macro(f'run("PyBridge Train", "from=baseline:pixel-forest {where} name=mine");')
    assert find("mine").config.training["marks"] == {"background": 100, "inside": 50, "border": 50}


@pytest.fixture
def stack(gateway: Gateway) -> Iterator[Any]:
    """A stack of two channels and three slices."""
    planes = [np.asarray(simulate_nuclei(shape=(70, 90), count=5, seed=seed)[0].array) for seed in range(3)]
    imp = image_to_imageplus(Image(np.stack([[np.zeros_like(plane), plane] for plane in planes]), "ZCYX", "stack.tif"))
    imp.show()
    yield imp
    imp.changes = False
    imp.close()


def test_strokes_on_slices_of_a_stack_and_a_named_channel(gateway: Gateway, home: Path, stack: Any) -> None:
    macro = """
        function stroke(z, y, group) {
            makeLine(4, y, 60, y);
            Roi.setGroup(group);
            Roi.setPosition(2, z, 1);
            Overlay.addSelection;
        }
        stroke(2, 10, 1);
        stroke(3, 40, 2);
        run("PyBridge Train", "from=baseline:pixel-forest name=mine channel=2");
        run("PyBridge Segment", "model=mine");
        getDimensions(width, height, channels, slices, frames);
        title = getTitle();
        close();
        return title + " " + slices;
    """
    assert gateway.run_macro(macro) == "stack-labels 3"
    stored = json.loads((home / "models" / "mine" / "training-record.json").read_text())
    assert stored["marks"] == {"background": 57, "inside": 57, "border": 0}
    assert stored["config"]["channel"] == "2"


@pytest.mark.parametrize(
    ("scribbles", "options", "message"),
    [
        ("", "", "no scribble is painted.*group 1"),
        ("makeLine(2, 2, 60, 2); Overlay.addSelection;", "", "is in group 0 and its name begins with no class"),
        ("makeLine(2, 2, 60, 2); Roi.setGroup(1); Overlay.addSelection;", "", "background 59, inside 0"),
        ("makeLine(900, 2, 960, 2); Roi.setGroup(1); Overlay.addSelection;", "", "no pixel of the 154 × 110 image"),
        ("makeLine(2, 2, 60, 2); Roi.setGroup(1); Overlay.addSelection;", "steps=5", "steps: for networks"),
        ("makeLine(2, 2, 60, 2); Roi.setGroup(1); Overlay.addSelection;", "name=nuclei-fluo", "comes with PyBridge"),
    ],
)
def test_what_teaches_nothing_stops_the_macro(
    gateway: Gateway, home: Path, cells: tuple[Path, Image], scribbles: str, options: str, message: str
) -> None:
    with pytest.raises(MacroError, match=message):
        gateway.run_macro(
            f'open("{cells[0]}"); {scribbles} run("PyBridge Train", "from=baseline:pixel-forest {options}");'
        )
    assert not (home / "models").exists() or not list((home / "models").iterdir())


def test_of_two_channels_one_must_be_named(gateway: Gateway, home: Path, stack: Any) -> None:
    macro = """
        makeLine(4, 9, 60, 9);
        Roi.setGroup(1);
        Roi.setPosition(2, 1, 1);
        Overlay.addSelection;
        run("PyBridge Train", "from=baseline:pixel-forest");
    """
    with pytest.raises(MacroError, match="2 channels.*say which one with channel=1"):
        gateway.run_macro(macro)


def test_a_model_that_is_there_is_kept(gateway: Gateway, home: Path, cells: tuple[Path, Image]) -> None:
    macro = f'open("{cells[0]}"); {lines_for(cells[1])} run("PyBridge Train", "from=baseline:pixel-forest name=mine");'
    gateway.run_macro(macro)
    before = find("mine").sha256
    with pytest.raises(MacroError, match="there is a model folder"):
        gateway.run_macro(macro.replace("name=mine", "name=mine seed=4"))
    assert find("mine").sha256 == before


@pytest.mark.parametrize(
    ("start", "message"),
    [
        ("baseline:pixel-forst", "did you mean 'baseline:pixel-forest'"),
        ("baseline:otsu-watershed", "a classical method with nothing in it that is learnt"),
        ("nuclei-flou", "did you mean 'nuclei-fluo'"),
    ],
)
def test_what_is_started_from_is_looked_up_before_the_selection(
    gateway: Gateway, home: Path, cells: tuple[Path, Image], start: str, message: str
) -> None:
    file, truth = cells
    macro = f'open("{file}"); {lines_for(truth)} run("PyBridge Train", "from={start} name=mine");'
    with pytest.raises(MacroError, match=message):
        gateway.run_macro(f"setBatchMode(true); {macro}")
