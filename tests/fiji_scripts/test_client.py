"""What macros and scripts get from the Jython client, in a real ImageJ with the real worker."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import pybridge
from pybridge.core.image import Calibration, Image
from pybridge.imagej import Gateway
from pybridge.imagej.convert import image_to_imageplus, imageplus_to_image
from pybridge.imagej.images import open_ids
from pybridge.imagej.jvm import java_class
from tests.builders.jython import Jython
from tests.builders.macros import SEGMENT, active, run_macro

pytestmark = [pytest.mark.jvm, pytest.mark.usefixtures("clean")]


@pytest.mark.parametrize("batch", ["true", "false"])
def test_the_next_line_of_a_macro_sees_the_labels(on_screen: Any, batch: str) -> None:
    text = f"setBatchMode({batch}); {SEGMENT} getStatistics(a, m, min, max); "
    text += 'return getTitle() + "|" + max + "|" + nResults;'
    title, highest, rows = run_macro(text).split("|")
    assert title == "mycells-labels"
    assert int(highest) == int(rows) > 5


def test_all_is_as_in_the_imagej_that_python_starts(gateway: Gateway, on_screen: Any) -> None:
    run_macro(SEGMENT)
    found, table = active(), java_class("ij.measure.ResultsTable").getResultsTable()
    rows = str(table.getColumnHeadings()), [str(table.getRowAsString(row)) for row in range(int(table.size()))]
    table.reset()
    expected = gateway.segment(on_screen, model="nuclei-fluo")
    assert rows[0] == str(table.getColumnHeadings())
    assert rows[1] == [str(table.getRowAsString(row)) for row in range(int(table.size()))]
    assert np.array_equal(imageplus_to_image(found).array, imageplus_to_image(expected).array)
    assert imageplus_to_image(found).calibration == imageplus_to_image(expected).calibration
    assert found.getBitDepth() == expected.getBitDepth() == 16
    assert (found.getDisplayRangeMin(), found.getDisplayRangeMax()) == (
        expected.getDisplayRangeMin(),
        expected.getDisplayRangeMax(),
    )
    colours = [bytes(imp.getProcessor().getLut().getBytes()) for imp in (found, expected)]
    assert colours[0] == colours[1]
    records = [json.loads(str(imp.getProperty("Info"))) for imp in (found, expected)]
    for record in records:
        for key in ("id", "started", "timing_s", "record_sha256"):
            del record[key]
        record["outputs"][0].pop("name")  # two images of one title are told apart
    assert records[0] == records[1]


def test_a_hyperstack_keeps_its_planes_and_its_shape(client: Jython, echo: Path) -> None:
    pixels = np.arange(2 * 3 * 5 * 7).reshape(2, 3, 5, 7).astype(np.uint16)
    client["imp"] = image_to_imageplus(Image(pixels, "TZYX", "stack.tif", Calibration(z=2.0, frame_interval=1.5)))
    client.run(f"result = predict(imp, model=u'{echo}'); out = result.outputs[0]; tensors = len(result.outputs)")
    out = imageplus_to_image(client["out"])
    assert (out.axes, out.array.dtype) == ("TZYX", np.float32)
    assert np.array_equal(out.array, pixels)
    assert (out.calibration.z, out.calibration.frame_interval) == (2.0, 1.5)


def test_a_stack_larger_than_a_portion_arrives_whole(client: Jython, echo: Path) -> None:
    pixels = np.random.default_rng(0).integers(0, 60000, (9, 1100, 2048), dtype=np.uint16)
    client["imp"] = image_to_imageplus(Image(pixels, "ZYX", "large.tif"))
    client.run(f"out = predict(imp, model=u'{echo}', tile=512).outputs[0]")
    assert np.array_equal(imageplus_to_image(client["out"]).array, pixels.astype(np.float32))


def test_a_script_gets_labels_table_and_record(client: Jython, on_screen: Any, cells: Image) -> None:
    before = open_ids()
    client["imp"] = on_screen
    client.run("""if True:
        result = segment(imp, model="nuclei-fluo", rois="overlay", show_probability=True)
        labels, rows, device = result.labels, result.table.size(), result.record["device"]["used"]
        names = [roi.getName() for roi in labels.getOverlay().toArray()]
        limits = [result.probability.getDisplayRangeMin(), result.probability.getDisplayRangeMax()]
    """)
    expected = pybridge.segment(cells, model="nuclei-fluo")
    assert np.array_equal(imageplus_to_image(client["labels"]).array, expected.labels.array)
    assert int(client["rows"]) == len(expected.objects)
    assert [str(name) for name in client["names"]] == [str(label) for label in range(1, int(client["rows"]) + 1)]
    assert str(client["device"]) == "cpu"
    assert [float(each) for each in client["limits"]] == [0.0, 1.0]
    assert open_ids() == before, "nothing is shown unasked"
    assert int(java_class("ij.measure.ResultsTable").getResultsTable().size()) == 0


def test_outlines_cover_the_pixels_of_their_labels(client: Jython, on_screen: Any) -> None:
    client["imp"] = on_screen
    client.run('labels = segment(imp, model="nuclei-fluo", rois="overlay").labels')
    labels, painted = client["labels"], np.zeros((110, 154), np.uint16)
    for roi in labels.getOverlay().toArray():
        box, mask = roi.getBounds(), roi.getMask()
        for y in range(int(box.height)):
            for x in range(int(box.width)):
                if mask is None or mask.get(x, y):
                    painted[int(box.y) + y, int(box.x) + x] = int(str(roi.getName()))
    assert np.array_equal(painted, imageplus_to_image(labels).array)


def test_a_truth_is_an_open_image_first(client: Jython, on_screen: Any, cells: Image) -> None:
    labels = pybridge.segment(cells, model="nuclei-fluo").labels
    truth = image_to_imageplus(Image(labels.array, "YX", "the truth"))
    truth.show()
    client["imp"] = on_screen
    client.run('scores = segment(imp, model="nuclei-fluo", truth="the truth").record["scores"]["pooled"]["0.50"]["ap"]')
    assert float(client["scores"]) == 1.0


def test_two_open_images_are_scored_as_in_the_imagej_that_python_starts(
    gateway: Gateway, client: Jython, on_screen: Any, cells: Image
) -> None:
    labels = pybridge.segment(cells, model="nuclei-fluo").labels
    array = np.asarray(labels.array)
    for name, pixels in (("the truth", array), ("mine", array * (array != 2))):
        image_to_imageplus(Image(pixels, "YX", name, cells.calibration)).show()
    table = java_class("ij.measure.ResultsTable").getResultsTable()
    table.setValue("Area", 0, 7.0)
    call = 'run("PyBridge Evaluate", "truth=[the truth] result=mine show_errors");'
    told = run_macro(f'{call} return getTitle() + "|" + bitDepth + "|" + getResultString("Image", 1);')
    assert told == "mine-errors|24|mine"
    found = imageplus_to_image(active())
    row = str(table.getColumnHeadings()), str(table.getRowAsString(1)), str(table.getRowAsString(0))
    client.run('again = evaluate("mine", "the truth"); rows = again.table.size(); record = again.record["command"]')
    assert (int(client["rows"]), str(client["record"])) == (1, "PyBridge Evaluate")
    table.reset()
    table.setValue("Area", 0, 7.0)
    gateway._listener.register()
    try:
        gateway.run_macro(call)
        expected = imageplus_to_image(active())
    finally:
        gateway._listener.unregister()
    assert row == (str(table.getColumnHeadings()), str(table.getRowAsString(1)), str(table.getRowAsString(0)))
    np.testing.assert_array_equal(found.array, expected.array)
    assert found.calibration == expected.calibration


def test_of_two_images_of_one_title_the_one_that_is_not_active_is_the_truth(
    client: Jython, log: Callable[[], str]
) -> None:
    whole = np.zeros((30, 40), np.uint16)
    whole[3:9, 3:9], whole[15:25, 20:30] = 1, 2
    for pixels in (whole, whole * (whole == 1)):
        image_to_imageplus(Image(pixels, "YX", "cells.tif")).show()
    call = 'run("PyBridge Evaluate", "truth=cells.tif");'
    assert run_macro(f'{call} return "" + getResult("Missed", 0);') == "1"
    image_to_imageplus(Image(whole, "YX", "cells.tif")).show()
    assert run_macro(call) == "[aborted]"
    assert "take 'cells.tif': 2 open images have this title" in log()


def test_an_image_with_the_title_active_is_not_mistaken_for_the_active_one(client: Jython) -> None:
    whole = np.zeros((30, 40), np.uint16)
    whole[3:9, 3:9], whole[15:25, 20:30] = 1, 2
    for title, pixels in (("active", whole), ("mine", whole * (whole == 1))):
        image_to_imageplus(Image(pixels, "YX", title)).show()
    for options in ("truth=active", "truth=active result=mine"):
        missed = run_macro(f'run("PyBridge Evaluate", "{options}"); return "" + getResult("Missed", nResults - 1);')
        assert missed == "1"


def test_a_selection_in_an_image_that_is_named_is_told_of(client: Jython, log: Callable[[], str]) -> None:
    pixels = np.zeros((30, 40), np.uint16)
    pixels[3:9, 3:9] = 1
    call = 'run("PyBridge Evaluate", "truth=truth result=mine");'
    for title in ("truth", "mine", "another"):
        image_to_imageplus(Image(pixels, "YX", title)).show()
    run_macro(call)
    assert "the selection was not used" not in log()
    run_macro(f'selectImage("truth"); makeRectangle(1, 2, 3, 4); selectImage("another"); {call}')
    assert "the selection was not used: the whole image was scored" in log()


def test_a_comparison_is_a_labelled_stack_and_rows_of_text(client: Jython, on_screen: Any) -> None:
    macro = """run("PyBridge Compare", "model=[baseline:otsu-watershed,baseline:otsu-watershed:max_size=150]");
        text = getTitle() + "|" + nSlices + "|" + bitDepth;
        for (i = 1; i <= nSlices; i++) { setSlice(i); text = text + "|" + getInfo("slice.label"); }
        for (i = 0; i < nResults; i++) text = text + "|" + getResultString("Method", i);
        getPixelSize(unit, width, height);
        return text + "|" + unit + "|" + width;"""
    title, slices, bits, first, second, *methods, unit, width = run_macro(macro).split("|")
    assert (title, slices, bits, unit, width) == ("mycells-comparison", "2", "24", "µm", "0.5")
    assert [first.rpartition(": ")[0], second.rpartition(": ")[0]] == methods
    assert set(methods) == {"baseline:otsu-watershed", "baseline:otsu-watershed:max_size=150"}
