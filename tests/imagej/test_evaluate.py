"""``PyBridge Evaluate`` in ImageJ: what a macro sees."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import pybridge
from pybridge.core.errors import MacroError
from pybridge.core.image import Calibration, Image
from pybridge.files.write import write_labels
from pybridge.imagej import Gateway
from pybridge.imagej.convert import image_to_imageplus, imageplus_to_image
from pybridge.reporting.error_image import COLOURS, MISSED

pytestmark = pytest.mark.jvm

SIZE = Calibration(x=0.5, y=0.5, unit="µm")


def labels(name: str, *, without: int = 0) -> Image:
    array = np.zeros((50, 70), np.uint16)
    for number, left in enumerate((5, 25, 45), 1):
        array[10:20, left : left + 12] = number * (number != without)
    return Image(array, "YX", name, SIZE)


@pytest.fixture
def on_screen(gateway: Gateway) -> Iterator[tuple[Any, Any]]:
    """A result that lacks one object, and its truth, which is the active image."""
    pair = image_to_imageplus(labels("my result", without=2)), image_to_imageplus(labels("the truth"))
    for imp in pair:
        imp.show()
    yield pair
    for imp in pair:
        imp.changes = False
        imp.close()


def test_two_open_images_give_a_row(gateway: Gateway, on_screen: Any, results: Any) -> None:
    macro = """
        run("PyBridge Evaluate", "truth=[the truth] result=[my result]");
        return getResultString("Image", 0) + "|" + getResult("TP", 0) + "|" + getResult("Missed", 0) + "|"
            + d2s(getResult("F1", 0), 2) + "|" + getResultString("Unit", 0) + "|" + nResults + "|" + getTitle();
    """
    assert gateway.run_macro(macro) == "my result|2|1|0.80|µm|1|the truth"


def test_the_result_is_the_active_image_by_default(gateway: Gateway, on_screen: Any, results: Any) -> None:
    macro = """
        selectImage("my result");
        run("PyBridge Evaluate", "truth=[the truth]");
        return "" + getResult("Missed", 0);
    """
    assert gateway.run_macro(macro) == "1"


def test_rows_are_added_below_those_that_are_there(gateway: Gateway, on_screen: Any, results: Any) -> None:
    macro = """
        setResult("Image", 0, "earlier"); setResult("Area", 0, 7); updateResults();
        run("PyBridge Evaluate", "truth=[the truth] result=[my result]");
        run("PyBridge Evaluate", "truth=[the truth] result=[the truth]");
        return getResultString("Image", 0) + "|" + getResult("Area", 0) + "|" + getResult("Area", 1) + "|"
            + getResultString("Image", 2) + "|" + getResult("F1", 2) + "|" + isNaN(getResult("F1", 0));
    """
    assert gateway.run_macro(macro) == "earlier|7|NaN|the truth|1|1"


def test_the_errors_in_colour_are_the_active_image(gateway: Gateway, on_screen: Any, results: Any) -> None:
    macro = """
        setBatchMode(true);
        run("PyBridge Evaluate", "truth=[the truth] result=[my result] show_errors table=false");
        getPixelSize(unit, width, height);
        value = getPixel(30, 15);
        info = getMetadata("Info");
        return getTitle() + "|" + bitDepth + "|" + value + "|" + unit + "|" + nResults + "|" + info;
    """
    title, depth, value, unit, rows, info = (gateway.run_macro(macro) or "").split("|", 5)
    assert (title, depth, unit, rows) == ("my result-errors", "24", "µm", "0")
    red, green, blue = (int(part) for part in COLOURS[MISSED])
    assert int(value) & 0xFFFFFF == red << 16 | green << 8 | blue
    record = json.loads(info)
    assert [each["name"] for each in record["inputs"]] == ["my result", "the truth"]
    assert record["versions"]["imagej"] == gateway.version
    assert record["outputs"][0]["name"] == "my result-errors"


def test_a_title_comes_before_a_path_and_rois_are_paths(
    gateway: Gateway, on_screen: Any, results: Any, tmp_path: Path
) -> None:
    from pybridge.reporting.roi_zip import write_roi_zip

    write_labels(tmp_path / "truth è.tif", labels("x"))
    write_roi_zip(tmp_path / "RoiSet.zip", labels("x"))
    for name in ("truth è.tif", "RoiSet.zip"):
        gateway.run_macro(
            'run("PyBridge Evaluate", "result=[my result] truth=[" + getArgument() + "]");', str(tmp_path / name)
        )
    assert [results.getValue("Missed", row) for row in range(2)] == [1, 1]


def test_the_numbers_are_those_of_python(gateway: Gateway, on_screen: Any, results: Any) -> None:
    gateway.run_macro('run("PyBridge Evaluate", "truth=[the truth] result=[my result]");')
    table = pybridge.evaluate(*on_screen).table
    assert str(results.getColumnHeadings()).split("\t")[1:] == list(table.names)
    for name in table.names:
        expected = table[name].tolist()[0]
        if not isinstance(expected, str):
            assert results.getValue(name, 0) == pytest.approx(expected, nan_ok=True)


def test_a_restored_image_gets_maps(gateway: Gateway, results: Any) -> None:
    rng = np.random.default_rng(0)
    smooth = np.add.outer(np.arange(50), np.arange(70)).astype(np.float32)
    pair = [
        Image((smooth + rng.normal(0, 2, smooth.shape)).astype(np.float32), "YX", "clean.tif"),
        Image(smooth, "YX", "t"),
    ]
    shown = [image_to_imageplus(image) for image in pair]
    for imp in shown:
        imp.show()
    try:
        macro = """
            run("PyBridge Evaluate", "truth=t result=clean.tif raw=clean.tif show_errors");
            scores = "" + getResult("SSIM", 0) + "|" + getResult("Raw SSIM", 0);
            return getTitle() + "|" + bitDepth + "|" + nImages + "|" + scores;
        """
        title, depth, images, ssim, raw = (gateway.run_macro(macro) or "").split("|")
    finally:
        for imp in shown:
            imp.close()
    assert (title, depth, images) == ("clean-ssim", "32", "4")
    assert 0 < float(ssim) == float(raw) < 1


def test_the_record_is_written_and_never_overwritten(
    gateway: Gateway, on_screen: Any, results: Any, tmp_path: Path
) -> None:
    call = 'run("PyBridge Evaluate", "truth=[the truth] result=[my result] record=[" + getArgument() + "]");'
    path = tmp_path / "è" / "record.json"
    gateway.run_macro(call, str(path))
    assert json.loads(path.read_text(encoding="utf-8"))["scores"]["objects"]["missed"] == 1
    with pytest.raises(MacroError, match="the file exists"):
        gateway.run_macro(call, str(path))
    assert results.size() == 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("result=[my result]", r"no truth was given. To do: add truth=\[title or path\]"),
        ("truth=nowhere.tif", "nowhere.tif': no such file"),
        ("truth=[the truth] task=guess", "task='guess'"),
        ("truth=[the truth] resalt=a", "did you mean 'result'"),
        ("truth=[the truth] raw=[the truth]", "the task is segment"),
    ],
)
def test_wrong_options_stop_the_macro(
    gateway: Gateway, on_screen: Any, results: Any, options: str, message: str
) -> None:
    with pytest.raises(MacroError, match=message):
        gateway.run_macro(f'run("PyBridge Evaluate", "{options}"); print("goes on");')
    assert results.size() == 0


def test_images_of_two_sizes_stop_the_macro(gateway: Gateway, on_screen: Any, results: Any) -> None:
    macro = """
        newImage("crop", "16-bit black", 60, 50, 1);
        run("PyBridge Evaluate", "truth=[the truth]");
    """
    with pytest.raises(MacroError, match=r"the result is YX 50×60, the truth YX 50×70"):
        gateway.run_macro(macro)


def test_no_open_image_is_said(gateway: Gateway) -> None:
    with pytest.raises(MacroError, match=r"no image is open.*open an image first"):
        gateway.run_macro('run("PyBridge Evaluate", "truth=a.tif");')


def test_the_compared_images_stay_as_they_are(gateway: Gateway, on_screen: Any, results: Any) -> None:
    before = [imageplus_to_image(imp).array.copy() for imp in on_screen]
    on_screen[0].setRoi(3, 3, 9, 9)
    macro = 'run("PyBridge Evaluate", "truth=[the truth] result=[my result] show_errors"); return getMetadata("Info");'
    info = gateway.run_macro(macro) or ""
    assert "the selection was not used: the whole image was scored" in info
    for imp, pixels in zip(on_screen, before, strict=True):
        np.testing.assert_array_equal(imageplus_to_image(imp).array, pixels)


def test_of_two_images_of_one_name_the_truth_is_the_one_that_is_not_scored(gateway: Gateway, results: Any) -> None:
    pair = image_to_imageplus(labels("cells.tif")), image_to_imageplus(labels("cells.tif", without=2))
    for imp in pair:
        imp.show()
    macro = 'run("PyBridge Evaluate", "truth=cells.tif"); return "" + getResult("Missed", nResults - 1);'
    assert gateway.run_macro(macro) == "1"
    gateway.run_macro(f"selectImage({pair[0].getID()}); {macro}")
    assert results.getValue("Spurious", 1) == 1
    third = image_to_imageplus(labels("cells.tif"))
    third.show()
    with pytest.raises(MacroError, match=r"take 'cells.tif': 2 open images have this title. To do: rename one"):
        gateway.run_macro(macro)
    for imp in (*pair, third):
        imp.close()


def test_a_truth_that_is_the_result_is_said_in_the_log(
    gateway: Gateway, on_screen: Any, results: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    gateway.run_macro('run("PyBridge Evaluate", "truth=[the truth] result=[the truth]");')
    assert "PyBridge Evaluate: result and truth are one and the same" in capfd.readouterr().out


def test_an_error_image_takes_no_title_that_is_there(gateway: Gateway, on_screen: Any, results: Any) -> None:
    macro = """
        newImage("my result-errors", "8-bit black", 7, 5, 1);
        run("PyBridge Evaluate", "truth=[the truth] result=[my result] show_errors");
        title = getTitle(); selectImage("my result-errors");
        return title + "|" + getWidth();
    """
    assert gateway.run_macro(macro) == "my result-errors-1|7"


def volume(name: str, *, axes: str, lacking: int = 0) -> Image:
    """Two objects in five slices or frames of 3 × 2 × 0.5 µm; of the first one slices are lacking."""
    array = np.zeros((5, 30, 40), np.uint16)
    array[lacking:4, 5:15, 5:15], array[1:, 18:28, 20:35] = 1, 2
    return Image(array, axes, name, Calibration(x=0.5, y=2.0, z=3.0, unit="µm"))


@pytest.mark.parametrize("axes", ["ZYX", "TYX"])
def test_stacks_are_scored_and_drawn_as_stacks(gateway: Gateway, results: Any, axes: str) -> None:
    found, truth = volume("found", axes=axes, lacking=1), volume("truth", axes=axes)
    shown = [image_to_imageplus(image) for image in (truth, found)]
    for imp in shown:
        imp.show()
    macro = """
        run("PyBridge Evaluate", "truth=truth result=found show_errors");
        getDimensions(width, height, channels, slices, frames);
        getVoxelSize(x, y, z, unit);
        return getTitle() + "|" + slices + "|" + frames + "|" + z + unit + "|" + getResult("Truth", 0);
    """
    told = gateway.run_macro(macro)
    expected = pybridge.evaluate(found, truth, show_errors=True)
    count = int(expected.table["Truth"][0])
    assert count == (2 if axes == "ZYX" else 8)  # a volume of two objects, or four frames of two
    assert told == f"found-errors|{'5|1' if axes == 'ZYX' else '1|5'}|3µm|{count}"
    for name in ("HD95", "ASSD", "Mean IoU", "SEG"):
        assert results.getValue(name, 0) == pytest.approx(float(expected.table[name][0]), nan_ok=True)
    if axes == "ZYX":
        assert results.getValue("HD95", 0) == pytest.approx(1.5)  # one slice of 3 µm in one of two objects
    for imp in shown:
        imp.close()


def test_python_scores_an_imageplus_as_a_macro_does(
    gateway: Gateway, on_screen: Any, results: Any, tmp_path: Path
) -> None:
    found, truth = on_screen
    write_labels(tmp_path / "truth.tif", labels("x"))
    open_before = len(gateway.run_macro("return '' + nImages;") or "")
    for given in (truth, "the truth", labels("another"), tmp_path / "truth.tif", str(tmp_path / "truth.tif")):
        made = gateway.evaluate(found, given, show_errors=True, table=False)
        assert (made.result.task, int(made.result.table["Missed"][0]) if len(made.result.table) else 1) == (
            "segment",
            1,
        )
        (errors,) = made.errors
        assert str(errors.getTitle()) == "my result-errors"
        assert json.loads(str(errors.getProperty("Info"))) == json.loads(made.record.to_json())
    assert results.size() == 0
    gateway.evaluate(found, truth, record=tmp_path / "record.json")
    assert results.getValue("Missed", 0) == 1
    assert json.loads((tmp_path / "record.json").read_text(encoding="utf-8"))["versions"]["imagej"] == gateway.version
    assert len(gateway.run_macro("return '' + nImages;") or "") == open_before
