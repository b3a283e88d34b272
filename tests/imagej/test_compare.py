"""``PyBridge Compare`` in ImageJ: what a macro sees."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import pybridge
from pybridge.core.errors import MacroError
from pybridge.core.image import Calibration, Image
from pybridge.files.write import write_imagej_tiff, write_labels
from pybridge.imagej import Gateway
from pybridge.imagej.convert import image_to_imageplus, imageplus_to_image
from pybridge.imagej.images import active_image

pytestmark = pytest.mark.jvm

MODELS = "baseline:otsu-watershed,baseline:otsu-watershed:max_size=150"
SIZE = Calibration(x=0.5, y=0.5, unit="µm")


@pytest.fixture(scope="module")
def cells() -> tuple[Image, Image]:
    image, truth = pybridge.samples.simulate_nuclei(shape=(110, 154), count=12)
    return dataclasses.replace(image, calibration=SIZE), dataclasses.replace(truth, calibration=SIZE)


@pytest.fixture
def on_screen(gateway: Gateway, cells: tuple[Image, Image]) -> Iterator[Any]:
    """The image and its truth, open in ImageJ; the image is active."""
    imps = [
        image_to_imageplus(Image(cells[1].array.astype(np.uint16), "YX", "the truth")),
        image_to_imageplus(Image(cells[0].array, "YX", "my cells.tif", SIZE)),
    ]
    for imp in imps:
        imp.show()
    yield imps[-1]
    for imp in imps:
        imp.changes = False
        imp.close()


def test_a_macro_gets_a_labelled_stack_and_a_row_for_each_method(
    gateway: Gateway, on_screen: Any, results: Any, cells: tuple[Image, Image]
) -> None:
    macro = f"""
        run("PyBridge Compare", "model=[{MODELS}] truth=[the truth]");
        text = getTitle() + "|" + nSlices + "|" + bitDepth + "|" + nResults;
        for (i = 1; i <= nSlices; i++) {{ setSlice(i); text = text + "|" + getInfo("slice.label"); }}
        for (i = 0; i < nResults; i++) text = text + "|" + getResultString("Method", i) + "|" + getResult("mean_ap", i);
        getPixelSize(unit, width, height);
        return text + "|" + unit + "|" + width;
    """
    found = (gateway.run_macro(macro) or "").split("|")
    expected = pybridge.compare(cells[0], model=MODELS.split(","), truth=cells[1]).comparison.methods
    assert found[:4] == ["mycells-comparison", "2", "24", "2"]
    assert [label.split(": ")[0] for label in found[4:6]] == [method.model for method in expected]
    assert [found[6], found[8]] == [method.model for method in expected]
    assert float(found[7]) == pytest.approx(expected[0].score("mean_ap").value, abs=1e-4)  # as macros write numbers
    assert found[-2:] == ["µm", "0.5"]


@pytest.mark.parametrize("batch", ["true", "false"])
def test_batch_mode_or_not_the_stack_is_active_and_has_the_record(
    gateway: Gateway, on_screen: Any, results: Any, batch: str
) -> None:
    macro = f"""
        setBatchMode({batch});
        run("PyBridge Compare", "model=[{MODELS}]");
        return getTitle() + "|" + getInfo("PyBridge") + getMetadata("Info");
    """
    title, info = (gateway.run_macro(macro) or "").split("|", 1)
    record = json.loads(info)
    assert title == "mycells-comparison"
    assert record["command"] == "PyBridge Compare"
    assert record["scores"]["ranked_by"] == "consistency"
    assert [made["name"] for made in record["outputs"]] == ["mycells-comparison", "Results"]
    assert record["versions"]["imagej"] == gateway.version


def test_the_overlays_are_those_of_python(
    gateway: Gateway, on_screen: Any, results: Any, cells: tuple[Image, Image]
) -> None:
    from pybridge.commands.compare import Compare
    from pybridge.imagej.compare import compare_in_imagej
    from pybridge.reporting.comparison_stack import overlay_stack

    made = compare_in_imagej([on_screen], Compare(model=tuple(MODELS.split(",")), truth="the truth"))
    expected = overlay_stack(pybridge.compare(cells[0], model=MODELS.split(","), truth=cells[1]))
    np.testing.assert_array_equal(imageplus_to_image(made.overlays).array, expected.image.array)


def test_the_verdict_and_the_caveats_are_in_the_log(
    gateway: Gateway, on_screen: Any, results: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    gateway.run_macro(f'run("PyBridge Compare", "model=[{MODELS}] truth=[the truth]");')
    said = capfd.readouterr().out
    assert "no difference could be shown" in said
    assert "Mind: " in said
    gateway.run_macro(f'run("PyBridge Compare", "model=[{MODELS}]");')
    said = capfd.readouterr().out
    assert "Look at the pictures" in said
    assert "sheet" not in said  # there is a stack, no contact sheet


def test_a_folder_is_compared_on_without_an_open_image(
    gateway: Gateway, results: Any, tmp_path: Path, cells: tuple[Image, Image]
) -> None:
    write_imagej_tiff(tmp_path / "mes images" / "a.tif", cells[0])
    write_labels(tmp_path / "truth" / "a_mask.tif", cells[1])
    where = f"images=[{tmp_path / 'mes images'}] truth=[{tmp_path / 'truth'}]"
    macro = f'run("PyBridge Compare", "model=[{MODELS}] {where}"); return getTitle() + " " + nResults;'
    assert gateway.run_macro(macro) == "a-comparison 2"


def test_the_title_of_an_open_image_is_no_folder_of_images(gateway: Gateway, on_screen: Any) -> None:
    with pytest.raises(MacroError, match=r'title of an open image.*selectImage\("my cells.tif"\) and leave images out'):
        gateway.run_macro(f'run("PyBridge Compare", "model=[{MODELS}] images=[my cells.tif]");')


def test_a_truth_may_be_a_folder_for_the_active_image(
    gateway: Gateway, on_screen: Any, results: Any, tmp_path: Path, cells: tuple[Image, Image]
) -> None:
    write_labels(tmp_path / "my cells_mask.tif", cells[1])
    write_labels(tmp_path / "other_mask.tif", cells[1])
    macro = f'run("PyBridge Compare", "model=[{MODELS}] truth=[{tmp_path}]"); return "" + getResult("ap50", 0);'
    assert float(gateway.run_macro(macro) or "nan") > 0.5


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("", "no model was given"),
        ("model=[nuclei-flou]", "did you mean 'nuclei-fluo'"),
        (f"model=[{MODELS}] truth=gone", "take 'gone': no such file, and no open image has this title"),
        (f"model=[{MODELS}] rank_by=beauty", "rank_by='beauty'"),
    ],
)
def test_wrong_options_stop_the_macro(gateway: Gateway, on_screen: Any, options: str, message: str) -> None:
    with pytest.raises(MacroError, match=message):
        gateway.run_macro(f'run("PyBridge Compare", "{options}");')
    assert active_image("look") == on_screen


def test_without_an_image_the_macro_stops(gateway: Gateway) -> None:
    with pytest.raises(MacroError, match="no image is open"):
        gateway.run_macro(f'run("PyBridge Compare", "model=[{MODELS}]");')


def test_python_compares_on_an_imageplus_as_a_macro_does(
    gateway: Gateway, on_screen: Any, results: Any, cells: tuple[Image, Image], tmp_path: Path
) -> None:
    from pybridge.imagej.images import image_with_title

    truth = image_with_title("the truth")
    write_labels(tmp_path / "my cells_mask.tif", cells[1])
    places = set()
    for given in ("the truth", truth, cells[1], tmp_path / "my cells_mask.tif", tmp_path):
        made = gateway.compare(on_screen, model=MODELS.split(","), truth=given)
        assert str(made.overlays.getTitle()) == "mycells-comparison"
        places.add(tuple((method.model, method.score("ap50").value) for method in made.result.comparison.methods))
        assert json.loads(str(made.overlays.getProperty("Info"))) == json.loads(made.record.to_json())
    assert len(places) == 1
    assert results.size() == 10
    assert gateway.compare(on_screen, model=MODELS.split(",")).record.scores["ranked_by"] == "consistency"


def test_restored_images_come_as_a_grey_stack_with_the_truth_last(gateway: Gateway, java: Any, results: Any) -> None:
    truth = pybridge.samples.simulate_nuclei(shape=(70, 110), count=6)[0]
    noise = np.random.default_rng(0).normal(0, 200, (70, 110))
    imps = [
        image_to_imageplus(Image(np.asarray(truth.array), "YX", "long")),
        image_to_imageplus(Image((truth.array + noise).astype(np.float32), "YX", "short")),
    ]
    for imp in imps:
        imp.show()
    macro = """
        run("PyBridge Compare", "model=[baseline:gaussian,baseline:median] truth=long");
        text = getTitle() + "|" + bitDepth + "|" + nResults;
        for (i = 1; i <= nSlices; i++) {
            setSlice(i);
            getMinAndMax(low, high);
            text = text + "|" + getInfo("slice.label") + "|" + low + "|" + high;
        }
        return text + "|" + getResultString("Method", nResults - 1);
    """
    title, depth, rows, *slices, last = (gateway.run_macro(macro) or "").split("|")
    assert (title, depth, rows, last) == ("short-comparison", "32", "3", "baseline:none")
    assert [label.split(": ")[0] for label in slices[::3]] == [
        "baseline:gaussian",
        "baseline:median",
        "baseline:none",
        "truth",
    ]
    assert len(set(slices[1::3])) == len(set(slices[2::3])) == 1
    for imp in imps:
        imp.changes = False
        imp.close()
