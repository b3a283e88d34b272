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
