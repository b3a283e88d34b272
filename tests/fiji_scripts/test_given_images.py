"""Images that a Jython script gives for options, shown or not; and what happens when a file cannot be written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import pybridge
from pybridge.core.image import Image
from pybridge.files.write import write_labels
from pybridge.imagej.convert import image_to_imageplus
from pybridge.imagej.images import active_image, open_ids
from pybridge.imagej.jvm import java_class
from tests.builders.jython import Jython, JythonError
from tests.builders.macros import run_macro

pytestmark = [pytest.mark.jvm, pytest.mark.usefixtures("clean")]

MODELS = '["baseline:otsu-watershed", "baseline:otsu-watershed:max_size=150"]'


@pytest.fixture
def script(client: Jython, cells: Image) -> Jython:
    """A script with an image, its labels, and labels that lack one object; none of them is shown."""
    client.run("from pybridge_client import compare, evaluate, segment")
    labels = np.asarray(pybridge.segment(cells, model="baseline:otsu-watershed").labels.array).astype(np.uint16)
    client["imp"] = image_to_imageplus(cells)
    client["truth"] = image_to_imageplus(Image(labels, "YX", "cells.tif", cells.calibration))
    client["found"] = image_to_imageplus(Image(labels * (labels != 2), "YX", "cells.tif", cells.calibration))
    return client


def test_result_and_truth_are_images_that_nobody_shows(script: Jython) -> None:
    before = open_ids()
    script.run('result = evaluate(found, truth, show_errors=True); missed = result.table.getValue("Missed", 0)')
    assert float(script["missed"]) == 1
    script.run("title = result.outputs[0].getTitle()")
    assert str(script["title"]) == "cells-errors"
    assert open_ids() == before


def test_images_paths_and_titles_go_together(script: Jython, tmp_path: Path) -> None:
    write_labels(tmp_path / "t.tif", Image(np.asarray(_pixels(script["truth"])), "YX", "t"))
    shown = script["truth"].duplicate()
    shown.setTitle("shown")
    shown.show()
    for given in (f'u"{tmp_path / "t.tif"}"', '"shown"', "truth"):
        script.run(f'missed = evaluate(found, {given}).table.getValue("Missed", 0)')
        assert float(script["missed"]) == 1
    script.run('missed = evaluate(None, found).table.getValue("Spurious", 0)')  # the active image is the result
    assert float(script["missed"]) == 1


def _pixels(imp: Any) -> Any:
    from pybridge.imagej.convert import imageplus_to_image

    return imageplus_to_image(imp).array


def test_an_image_as_its_own_truth_is_said(script: Jython) -> None:
    script.run("lines = evaluate(truth, truth).lines")
    assert "result and truth are one and the same" in str(script["lines"])


def test_a_comparison_takes_images_and_their_truths(script: Jython, cells: Image) -> None:
    script.run(f'one = compare(imp, model={MODELS}, truth=truth); score = one.table.getValue("ap50", 0)')
    assert float(script["score"]) == 1
    script.run(f"two = compare([imp, imp.duplicate()], model={MODELS}, truth=[truth, truth])")
    script.run('count = two.table.getValue("Images", 0); title = one.outputs[0].getTitle()')
    assert (float(script["count"]), str(script["title"])) == (2, "mycells-comparison")
    script.run(f"same = compare(images=imp, model={MODELS}, truth=truth).outputs[0].getTitle()")
    assert str(script["same"]) == "mycells-comparison"


def test_the_truth_of_a_segmentation_is_an_image_too(script: Jython) -> None:
    script.run(
        'ap = segment(imp, model="baseline:otsu-watershed", truth=truth).record["scores"]["pooled"]["0.50"]["ap"]'
    )
    assert float(script["ap"]) == 1


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ('compare([imp, "a.tif"], model="baseline:otsu-watershed")', "take 'a.tif': no such file, and no open image"),
        ('compare([imp, None], model="baseline:otsu-watershed")', "number 2 of the list is a NoneType"),
        ('compare([], model="baseline:otsu-watershed")', "an empty list"),
        ('segment([imp, imp], model="baseline:otsu-watershed")', "a list of 2. To do: call it for each of them"),
        ('segment(imp, model="baseline:otsu-watershed", truth=["a.tif", "b.tif"])', "a list of 2. To do: give one"),
        ("evaluate([found, truth], truth)", "a list of 2. To do: give one"),
        ('segment(3, model="baseline:otsu-watershed")', "an int. To do: give an ImagePlus, the title of an open image"),
        ('segment("nowhere.tif", model="baseline:otsu-watershed")', "nowhere.tif'.*To do"),
        ("evaluate(found, truth, task=imp)", "an image in the place of a text"),
        ('evaluate(found, "nowhere")', "take 'nowhere': no such file, and no open image has this title"),
    ],
)
def test_what_cannot_be_meant_is_said(script: Jython, call: str, message: str) -> None:
    with pytest.raises(JythonError, match=message):
        script.run(call)


# Between the checks and the work a file takes the place of the record's folder.
LOSE = """if True:
    from pybridge_client import calls
    from java.io import File
    real = calls._send
    def lose(*values):
        File(folder).createNewFile()
        return real(*values)
    calls._send = lose
"""


def test_a_script_finds_what_was_made_when_the_record_is_lost(script: Jython, tmp_path: Path) -> None:
    script["folder"] = str(tmp_path / "gone")
    script.run(LOSE)
    try:
        with pytest.raises(JythonError, match="gone/record.json'.*; the results are there, this file alone is missing"):
            script.run('evaluate(found, truth, show_errors=True, record=folder + "/record.json")')
    finally:
        script.run("calls._send = real")
    assert str(active_image("look").getTitle()) == "cells-errors"
    assert int(java_class("ij.measure.ResultsTable").getResultsTable().size()) == 1


def test_a_record_without_a_place_stops_the_macro_with_nothing_appended(
    script: Jython, log: Any, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    script["imp"].show()
    record = tmp_path / "file" / "record.json"
    assert run_macro(f'run("PyBridge Compare", "model=[baseline:otsu-watershed] record=[{record}]");') == "[aborted]"
    assert "a file stands where the folder should be" in log()
    assert int(java_class("ij.measure.ResultsTable").getResultsTable().size()) == 0
