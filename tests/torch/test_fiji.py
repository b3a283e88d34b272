"""A Fiji that a person started trains through its worker: the Jython client, the wire, the painting, the new model."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pybridge.imagej import Gateway
from pybridge.training import train
from pybridge.training.config import TrainingConfig
from tests.builders.jython import Jython, JythonError, training_fiji

pytestmark = pytest.mark.jvm


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory, nuclei: Path) -> Path:
    """A model of ours that knows a little, for fine-tuning."""
    settings = {
        "name": "tiny",
        "data": {"images": [str(nuclei / "images")], "labels": str(nuclei / "labels"), "validation": 0.25},
        "network": {"widths": [8, 16], "stem": 2},
        "schedule": {"steps": 20, "batch": 2, "crop_px": 64, "validate_every": 10, "threads": 1, "seed": 1},
        "decoder": {"probability": [0.5], "overlap": [0.3], "min_size": 8},
    }
    return train(TrainingConfig.model_validate(settings), output=tmp_path_factory.mktemp("models")).folder


@pytest.fixture
def fiji(gateway: Gateway, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Jython, Path]]:
    """A script in a Fiji with settings of its own, and the folder of its user's models."""
    with training_fiji(tmp_path, monkeypatch) as opened:
        yield opened


def painted() -> Any:
    """An image with outlines of its objects as the overlay."""
    from pybridge.imagej.convert import image_to_imageplus
    from pybridge.imagej.rois import labels_to_rois, set_overlay
    from pybridge.samples import simulate_nuclei

    image, truth = simulate_nuclei(shape=(128, 400), count=40, seed=4)
    imp = image_to_imageplus(image)
    set_overlay(imp, labels_to_rois(truth, imp=imp))
    return imp


def test_what_is_painted_is_learnt_and_the_next_line_uses_it(fiji: tuple[Jython, Path], start: Path) -> None:
    script, models = fiji
    script["imp"] = painted()
    script.run(f"""if True:
        result = train(imp, from_=u"{start}", name="my-nuclei", steps=4, seed=1)
        lines = u"\\n".join(result.lines)
        record = segment(imp, model="my-nuclei").record
        used = record["model"]["id"]
    """)
    assert "my-nuclei" in str(script["lines"])
    assert str(script["used"]) == "my-nuclei"
    made = json.loads((models / "my-nuclei" / "training-record.json").read_text(encoding="utf-8"))
    assert made["config"]["schedule"]["seed"] == 1


def test_files_are_learnt_without_an_image(fiji: tuple[Jython, Path], start: Path, nuclei: Path) -> None:
    script, models = fiji
    folders = f"images=u'{nuclei / 'images'}', labels=u'{nuclei / 'labels'}'"
    script.run(f"result = train(from_=u'{start}', {folders}, name='of-files', steps=4); shown = len(result.images)")
    assert (models / "of-files" / "model.onnx").is_file()
    assert int(script["shown"]) == 0


def test_nothing_painted_is_a_message(fiji: tuple[Jython, Path], start: Path) -> None:
    script, models = fiji
    script["imp"] = painted()
    with pytest.raises(JythonError, match="no object is painted.*To do: outline all objects"):
        script.run(f"imp.setOverlay(None); train(imp, from_=u'{start}', name='nothing')")
    assert not models.exists()
