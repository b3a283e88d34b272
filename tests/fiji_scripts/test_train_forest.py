"""A Fiji that a person started grows a pixel forest through its worker: the Jython client, the wire, the scribbles."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pybridge.imagej import Gateway
from tests.builders.jython import Jython, JythonError, training_fiji

pytestmark = pytest.mark.jvm


@pytest.fixture
def fiji(gateway: Gateway, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Jython, Path]]:
    """A script in a Fiji with settings of its own, and the folder of its user's models."""
    with training_fiji(tmp_path, monkeypatch) as opened:
        yield opened


def cells() -> Any:
    from pybridge.imagej.convert import image_to_imageplus
    from pybridge.samples import simulate_nuclei

    return image_to_imageplus(simulate_nuclei(shape=(110, 154), count=12)[0])


def test_strokes_are_learnt_and_the_next_line_uses_the_forest(fiji: tuple[Jython, Path]) -> None:
    script, models = fiji
    script["imp"] = cells()
    script.run("""if True:
        from ij.gui import Line, Overlay
        overlay = Overlay()
        for number, y in ((1, 5), (2, 50)):
            stroke = Line(4, y, 63, y)
            stroke.setGroup(number)
            overlay.add(stroke)
        imp.setOverlay(overlay)
        imp.setRoi(Line(4, 90, 63, 90))  # a selection that is no rectangle says nothing
        result = train(imp, from_="baseline:pixel-forest", name="mine")
        lines = u"\\n".join(result.lines)
        used = segment(imp, model="mine").record["model"]["id"]
    """)
    assert "marked pixels in 1 image(s): 60 background, 60 inside" in str(script["lines"])
    assert str(script["used"]) == "mine"
    made = json.loads((models / "mine" / "training-record.json").read_text(encoding="utf-8"))
    assert made["config"]["from"] == "baseline:pixel-forest"


def test_no_scribble_is_a_message(fiji: tuple[Jython, Path]) -> None:
    script, _ = fiji
    script["imp"] = cells()
    with pytest.raises(JythonError, match=r"no scribble is painted.*To do: draw lines or areas"):
        script.run("train(imp, from_='baseline:pixel-forest')")
