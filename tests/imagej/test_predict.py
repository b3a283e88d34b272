"""``PyBridge Predict`` in ImageJ: what a macro sees."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pybridge.commands.predict import Predict
from pybridge.core.errors import MacroError
from pybridge.core.image import Calibration, Image
from pybridge.imagej import Gateway
from pybridge.imagej.convert import image_to_imageplus, imageplus_to_image
from pybridge.imagej.images import active_image, open_images
from pybridge.imagej.predict import predict_imageplus
from tests.builders.folders import channel, tied_axes, write_model
from tests.builders.networks import copy, two_outputs

pytestmark = pytest.mark.jvm

PIXELS = np.random.default_rng(0).integers(0, 4000, (2, 3, 70, 112)).astype(np.uint16)


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of two outputs: ``fine`` with one channel, ``coarse`` with two at half the resolution."""
    fine = [{"type": "batch"}, channel("a"), *tied_axes("yx")]
    coarse = [{"type": "batch"}, channel("b", "c"), *tied_axes("yx", scale=0.5)]
    outputs = [
        {"id": name, "axes": axes, "test_tensor": {"source": "test_output.npy"}}
        for name, axes in (("fine", fine), ("coarse", coarse))
    ]
    folder = tmp_path_factory.mktemp("model") / "two"
    return write_model(folder, two_outputs(), size={"min": 2, "step": 2}, outputs=outputs)


@pytest.fixture
def on_screen(gateway: Gateway) -> Iterator[Any]:
    """A stack of two frames and three slices, open in ImageJ as ``my stack.tif``."""
    size = Calibration(x=0.5, y=0.25, z=2.0, unit="µm")
    imp = image_to_imageplus(Image(PIXELS, "TZYX", "my stack.tif", size))
    imp.show()
    yield imp
    imp.changes = False
    imp.close()


def test_a_macro_gets_the_first_output_as_its_active_image(gateway: Gateway, on_screen: Any, two: Path) -> None:
    macro = f"""
        run("PyBridge Predict", "model=[{two}]");
        getDimensions(width, height, channels, slices, frames);
        getPixelSize(unit, x, y, z);
        return getTitle() + "|" + width + "|" + height + "|" + channels + "|" + slices + "|" + frames
            + "|" + bitDepth() + "|" + unit + "|" + x + "|" + nImages;
    """
    said = (gateway.run_macro(macro) or "").split("|")
    assert said == ["mystack-fine", "112", "70", "1", "3", "2", "32", "µm", "0.5", "3"]


def test_the_outputs_are_those_of_python(gateway: Gateway, on_screen: Any, two: Path, tmp_path: Path) -> None:
    request = Predict(model=str(two), record=str(tmp_path / "run.json"))
    fine, coarse = predict_imageplus(on_screen, request).outputs
    expected = Predict(model=str(two)).run(Image(PIXELS, "TZYX")).outputs
    np.testing.assert_array_equal(imageplus_to_image(fine).array, expected[0].array)
    found = imageplus_to_image(coarse)
    assert (found.axes, found.array.shape, found.channel_names) == ("TZCYX", (2, 3, 2, 35, 56), ("b", "c"))
    np.testing.assert_array_equal(found.array, expected[1].array)
    assert (found.calibration.x, found.calibration.y) == (1.0, 0.5)
    record = json.loads(str(coarse.getProperty("Info")))
    assert [made["name"] for made in record["outputs"]] == ["mystack-fine", "mystack-coarse"]
    assert record["versions"]["imagej"]
    assert json.loads((tmp_path / "run.json").read_text()) == record


def test_titles_are_unique(gateway: Gateway, on_screen: Any, tmp_path: Path) -> None:
    model = write_model(tmp_path / "m", copy())
    for _ in range(2):
        outputs = predict_imageplus(on_screen, Predict(model=str(model))).outputs
        for output in outputs:
            output.show()
    titles = [str(imp.getTitle()) for imp in open_images()]
    assert len(set(titles)) == len(titles) == 3
    assert str(active_image("look").getTitle()) in titles
    for imp in open_images():
        if imp.getID() != on_screen.getID():
            imp.changes = False
            imp.close()


def test_a_wrong_call_stops_the_macro_with_our_message(gateway: Gateway, on_screen: Any) -> None:
    with pytest.raises(MacroError, match="did you mean 'nuclei-fluo'"):
        gateway.run_macro('run("PyBridge Predict", "model=nuclei-flou");')
    with pytest.raises(MacroError, match="min_size"):
        gateway.run_macro('run("PyBridge Predict", "model=nuclei-fluo min_size=3");')
