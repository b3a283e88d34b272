"""``PyBridge Segment`` in ImageJ: what a macro and ``gateway.segment`` see."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import pybridge
from pybridge.core.errors import MacroError, OutputExistsError, UsageError
from pybridge.core.image import Calibration, Image
from pybridge.imagej import Gateway
from pybridge.imagej.convert import image_to_imageplus, imageplus_to_image
from pybridge.imagej.images import open_ids
from pybridge.reporting import roi_zip
from pybridge.reporting.detection_text import detection_lines

pytestmark = pytest.mark.jvm
SIZE = Calibration(x=0.5, y=0.5, unit="µm")


@pytest.fixture(scope="module")
def cells() -> tuple[Image, Image]:
    """A simulated image of nuclei with its truth."""
    image, truth = pybridge.samples.simulate_nuclei(shape=(110, 154), count=12)
    return dataclasses.replace(image, calibration=SIZE), dataclasses.replace(truth, calibration=SIZE)


@pytest.fixture
def on_screen(gateway: Gateway, cells: tuple[Image, Image]) -> Iterator[Any]:
    """The image, open in ImageJ as ``my cells.tif``."""
    image = cells[0]
    imp = image_to_imageplus(Image(image.array, image.axes, "my cells.tif", SIZE))
    imp.show()
    yield imp
    imp.changes = False
    imp.close()


def test_a_macro_gets_the_labels_as_its_active_image(
    gateway: Gateway, on_screen: Any, cells: tuple[Image, Image], results: Any, nuclei_model: str
) -> None:
    macro = f"""
        run("PyBridge Segment", "model=[{nuclei_model}]");
        getStatistics(area, mean, min, max);
        getPixelSize(unit, width, height);
        return getTitle() + "|" + max + "|" + nResults + "|" + unit + "|" + width + "|" + String.getResultsHeadings;
    """
    title, highest, rows, unit, width, headings = (gateway.run_macro(macro) or "").split("|")
    expected = pybridge.segment(cells[0], model=nuclei_model)
    assert title == "mycells-labels"
    assert int(highest) == int(rows) == expected.labels.array.max() > 5
    assert (unit, width) == ("µm", "0.5")
    assert headings.split() == ["Label", "Area", "Mean", "X", "Y", "Circ.", "Confidence"]


def test_measurements_of_all_kinds_come_as_columns_of_the_results(
    gateway: Gateway, on_screen: Any, cells: tuple[Image, Image], results: Any, nuclei_model: str
) -> None:
    macro = f"""
        run("PyBridge Segment", "model=[{nuclei_model}] measure=[shape, intensity, neighbours]");
        return "" + getResult("Feret", 1) + "|" + getResult("NearestEdge", 1) + "|" + String.getResultsHeadings;
    """
    feret, edge, headings = (gateway.run_macro(macro) or "").split("|")
    image = Image(cells[0].array, cells[0].axes, "my cells.tif", SIZE)
    expected = pybridge.segment(image, model=nuclei_model, measure="all").objects
    assert set(headings.split()) == set(expected.names)
    assert float(feret) == pytest.approx(float(expected["Feret"][1]), abs=1e-3)
    assert float(edge) == pytest.approx(float(expected["NearestEdge"][1]), abs=1e-3)
    with pytest.raises(MacroError, match="no measurements are called 'shapes'.*did you mean 'shape'"):
        gateway.run_macro(f'run("PyBridge Segment", "model=[{nuclei_model}] measure=shapes");')


@pytest.mark.parametrize("batch", ["true", "false"])
def test_batch_mode_or_not_the_next_line_sees_the_labels(
    gateway: Gateway, on_screen: Any, results: Any, nuclei_model: str, batch: str
) -> None:
    macro = f"""
        setBatchMode({batch});
        id = getImageID();
        run("PyBridge Segment", "model=[{nuclei_model}]");
        first = getTitle();
        selectImage(id);
        run("PyBridge Segment", "model=[{nuclei_model}] table=false");
        return first + " " + getTitle() + " " + nImages;
    """
    assert gateway.run_macro(macro) == "mycells-labels mycells-labels-1 3"


def test_macro_variables_are_resolved(gateway: Gateway, on_screen: Any, results: Any, nuclei_model: str) -> None:
    macro = f"""
        which = "{nuclei_model}"; smallest = 100000; wanted = false;
        run("PyBridge Segment", "model=&which min_size=&smallest table=&wanted");
        getStatistics(area, mean, min, max);
        return "" + max + " " + nResults;
    """
    assert gateway.run_macro(macro) == "0 0"


def test_an_unknown_variable_is_named(gateway: Gateway, on_screen: Any) -> None:
    with pytest.raises(MacroError, match=r"model=&nope.*no variable 'nope'"):
        gateway.run_macro('run("PyBridge Segment", "model=&nope");')


def test_the_record_is_in_the_info_of_the_labels(
    gateway: Gateway, on_screen: Any, results: Any, nuclei_model: str
) -> None:
    record = json.loads(str(gateway.segment(on_screen, model=nuclei_model).getProperty("Info")))
    assert record["schema"] == "pybridge-run/1"
    assert record["versions"]["imagej"] == gateway.version
    assert [made["name"] for made in record["outputs"]] == ["mycells-labels", "Results"]
    assert record["inputs"][0]["name"] == "my cells.tif"


def test_the_input_its_overlay_and_earlier_rows_are_left_alone(
    gateway: Gateway, on_screen: Any, results: Any, java: Callable[[str], Any], nuclei_model: str
) -> None:
    before = imageplus_to_image(on_screen).array.copy()
    on_screen.setOverlay(java("ij.gui.Overlay")(java("ij.gui.Roi")(1, 2, 3, 4)))
    results.setValue("Area", 0, 77.0)
    gateway.segment(on_screen, model=nuclei_model, rois="overlay")
    np.testing.assert_array_equal(imageplus_to_image(on_screen).array, before)
    assert on_screen.getOverlay().size() == 1
    assert results.getValue("Area", 0) == 77
    assert results.size() > 5


def test_the_overlay_has_one_roi_for_each_label(
    gateway: Gateway, on_screen: Any, results: Any, nuclei_model: str
) -> None:
    labels = gateway.segment(on_screen, model=nuclei_model, rois="overlay")
    names = [str(roi.getName()) for roi in labels.getOverlay().toArray()]
    assert names == [str(number) for number in range(1, int(labels.getStatistics().max) + 1)]


def test_more_outlines_than_imagej_can_show_are_cut_with_a_message(
    gateway: Gateway,
    on_screen: Any,
    nuclei_model: str,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(roi_zip, "MANY_ROIS", 3)
    labels = gateway.segment(on_screen, model=nuclei_model, rois="overlay")
    assert [str(roi.getName()) for roi in labels.getOverlay().toArray()] == ["1", "2", "3"]
    told = "only the first 3 objects were outlined; rois=zip writes all of them to a file"
    assert told in json.loads(str(labels.getProperty("Info")))["warnings"]
    assert told in capfd.readouterr().out


def test_the_probability_image_comes_before_the_labels(
    gateway: Gateway, on_screen: Any, results: Any, nuclei_model: str
) -> None:
    macro = f"""
        run("PyBridge Segment", "model=[{nuclei_model}] show_probability");
        active = getTitle();
        selectImage("mycells-probability");
        return active + " " + bitDepth;
    """
    assert gateway.run_macro(macro) == "mycells-labels 32"
    kept = gateway.segment(on_screen, model=nuclei_model, show_probability=True).getProperty("PyBridge probability")
    values = imageplus_to_image(kept).array
    assert values.dtype == np.float32
    assert 0 <= values.min() < 0.1 < 0.9 < values.max() <= 1


def test_truth_is_an_open_image_before_it_is_a_path(
    gateway: Gateway,
    on_screen: Any,
    cells: tuple[Image, Image],
    results: Any,
    nuclei_model: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    truth = image_to_imageplus(Image(cells[1].array.astype(np.uint16), "YX", name="truth"))
    truth.show()
    try:
        macro = f"""
            selectImage("my cells.tif");
            run("PyBridge Segment", "model=[{nuclei_model}] truth=truth");
            return getMetadata("Info");
        """
        scores = json.loads(gateway.run_macro(macro) or "")["scores"]
    finally:
        truth.close()
    from pybridge.files.write import write_labels

    write_labels(tmp_path / "truth è.tif", cells[1])
    labels = gateway.segment(on_screen, model=nuclei_model, truth=str(tmp_path / "truth è.tif"))
    assert json.loads(str(labels.getProperty("Info")))["scores"]["pooled"] == scores["pooled"]
    assert scores["pooled"]["0.50"]["tp"] > 5
    told = [line for line in capsys.readouterr().out.splitlines() if "AP at IoU 0.50" in line]
    assert told == [f"PyBridge Segment, my cells.tif: {'; '.join(detection_lines(scores))}"]


def test_a_selection_is_not_used_and_the_record_says_so(
    gateway: Gateway, on_screen: Any, results: Any, nuclei_model: str
) -> None:
    on_screen.setRoi(10, 10, 20, 20)
    labels = gateway.segment(on_screen, model=nuclei_model)
    assert (labels.getWidth(), labels.getHeight()) == (154, 110)
    assert "the selection was not used" in str(labels.getProperty("Info"))
    assert on_screen.getRoi() is not None


def test_hyperstacks_keep_slices_and_frames(
    gateway: Gateway, cells: tuple[Image, Image], results: Any, nuclei_model: str
) -> None:
    plane = cells[0].array[:64, :96]
    array = np.zeros((2, 3, 2, 64, 96), plane.dtype)
    array[1, 2, 1] = plane
    array[0, 1, 1] = plane[::-1]
    imp = image_to_imageplus(Image(array, "TZCYX", name="stack", channel_names=("bright field", "nuclei")))
    labels = gateway.segment(imp, model=nuclei_model, channel="nuclei")
    found = imageplus_to_image(labels).tzcyx()
    assert found.shape == (2, 3, 1, 64, 96)
    assert {(t, z) for t in range(2) for z in range(3) if found[t, z].any()} == {(1, 2), (0, 1)}
    assert {*results.getColumn("Frame")} == {1, 2}
    assert {*results.getColumn("Channel")} == {2}
    assert len(np.unique(found)) - 1 == results.size()


def test_several_channels_and_none_chosen_is_an_error_that_lists_them(gateway: Gateway, nuclei_model: str) -> None:
    macro = f"""
        newImage("HS", "16-bit composite-mode", 64, 64, 2, 1, 1);
        run("PyBridge Segment", "model=[{nuclei_model}]");
    """
    with pytest.raises(MacroError, match="2 channels: 1, 2"):
        gateway.run_macro(macro)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("model=nuclei-flou", "did you mean 'nuclei-fluo'"),
        ("", "no model was given"),
        ("model=nuclei-fluo devise=cpu", "no such key. To do: did you mean 'device'"),
        ("model=nuclei-fluo min_size=few", "min_size='few': not a whole number"),
        ("model=nuclei-fluo truth=nowhere.tif", "nowhere.tif"),
        ("model=nuclei-fluo rois=zip", "was not opened from a file. To do: add record=path"),
    ],
)
def test_wrong_options_stop_the_macro(
    gateway: Gateway, on_screen: Any, nuclei_model: str, options: str, message: str
) -> None:
    with pytest.raises(MacroError, match=message):
        gateway.run_macro(f'run("PyBridge Segment", "{options}"); print("goes on");')


def test_no_open_image_is_said(gateway: Gateway, nuclei_model: str) -> None:
    with pytest.raises(MacroError, match=r"no image is open.*open an image first"):
        gateway.run_macro(f'run("PyBridge Segment", "model=[{nuclei_model}]");')


def test_the_manager_needs_a_display(gateway: Gateway, on_screen: Any, nuclei_model: str) -> None:
    with pytest.raises(UsageError, match="runs without a display.*rois=overlay"):
        gateway.segment(on_screen, model=nuclei_model, rois="manager")


def test_record_and_rois_are_written_and_never_overwritten(
    gateway: Gateway, on_screen: Any, results: Any, nuclei_model: str, tmp_path: Path
) -> None:
    record = tmp_path / "runs è" / "record.json"
    gateway.segment(on_screen, model=nuclei_model, record=str(record), rois="zip")
    assert json.loads(record.read_text(encoding="utf-8"))["command"] == "PyBridge Segment"
    assert (record.parent / "mycells-rois.zip").is_file()
    rows = results.size()
    with pytest.raises(OutputExistsError, match="record.json"):
        gateway.segment(on_screen, model=nuclei_model, record=str(record))
    assert results.size() == rows


def test_an_image_from_a_truncated_file_is_refused(
    gateway: Gateway, cells: tuple[Image, Image], java: Callable[[str], Any], nuclei_model: str, tmp_path: Path
) -> None:
    path = tmp_path / "cut.tif"
    java("ij.IJ").saveAsTiff(image_to_imageplus(cells[0]), str(path))
    path.write_bytes(path.read_bytes()[:-2000])
    macro = f'open(getArgument()); print("open"); run("PyBridge Segment", "model=[{nuclei_model}]");'
    with pytest.raises(MacroError, match="the file is truncated"):
        gateway.run_macro(macro, str(path))


def test_open_stops_the_macro_where_imagej_would_go_on(gateway: Gateway, tmp_path: Path) -> None:
    (tmp_path / "no image.tif").write_bytes(b"II*\0" + b"\0" * 50)
    for name, message in (("missing.tif", "no such file"), ("no image.tif", "cannot be read as an image")):
        with pytest.raises(MacroError, match=message):
            gateway.run_macro(
                'newImage("a", "8-bit", 9, 9, 1); run("PyBridge Open", "path=[" + getArgument() + "]");',
                str(tmp_path / name),
            )


def test_many_calls_leave_nothing_open(gateway: Gateway, on_screen: Any, results: Any, nuclei_model: str) -> None:
    before = open_ids()
    for _ in range(5):
        gateway.segment(on_screen, model=nuclei_model, show_probability=True)
        gateway.run_macro(f'run("PyBridge Segment", "model=[{nuclei_model}]");')
    assert open_ids() == before


def test_python_takes_an_imageplus_too(
    gateway: Gateway, on_screen: Any, cells: tuple[Image, Image], nuclei_model: str
) -> None:
    ours = pybridge.segment(cells[0], model=nuclei_model)
    theirs = pybridge.segment(on_screen, model=nuclei_model)
    np.testing.assert_array_equal(ours.labels.array, theirs.labels.array)
    assert theirs.labels.calibration.unit == "µm"
