"""What ``PyBridge Evaluate`` describes for Fiji."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest

from pybridge.core.errors import ImageError, UsageError
from pybridge.core.image import Calibration, Image
from pybridge.worker.codec import Answer
from pybridge.worker.stream import answer_to_wire
from pybridge.worker.work import ACTIVE, CallOptions, Fiji, GivenImage, Work, form_from_wire, open_work
from tests.builders.fiji_side import form_of

FIJI = Fiji(imagej="1.54p", java="21", headless=False, titles=("the truth", "mine.tif", "mine-errors"))


def labels(name: str, *, without: int = 0) -> Image:
    array = np.zeros((50, 70), np.uint16)
    for number, left in enumerate((5, 25, 45), 1):
        array[10:20, left : left + 12] = number * (number != without)
    return Image(array, "YX", name, Calibration(x=0.5, y=0.5, unit="µm"))


def opened(options: str, *, active: bool = True) -> Work:
    form = form_from_wire(form_of(np.zeros((1, 1, 1, 50, 70), np.uint16))) if active else None
    return open_work("PyBridge Evaluate", CallOptions(options, {}), form, FIJI)


def answered(options: str, images: dict[str, Image]) -> Answer:
    return opened(options).run(images, None)


def test_it_needs_what_is_named_and_else_the_active_image() -> None:
    assert opened("truth=[the truth]").needs == (ACTIVE, "the truth")
    assert opened("truth=[the truth] result=mine.tif", active=False).needs == ("mine.tif", "the truth")
    assert opened("truth=t raw=r task=restore").needs == (ACTIVE, "t", "r")


def test_a_row_with_text_and_numbers_goes_over_the_wire() -> None:
    images = {ACTIVE: labels("mine.tif", without=2), "the truth": labels("the truth")}
    described, stream = answer_to_wire(answered("truth=[the truth]", images))
    table = described["table"]
    assert table["texts"] == {"Image": ["mine.tif"], "Unit": ["µm"]}
    assert stream.size == 8 * (len(table["names"]) - 2)
    assert table["names"][:6] == ["Image", "Truth", "Found", "TP", "FP", "FN"]
    values = np.concatenate([part for _, part in stream.parts(0, 40)]).view("<f8")
    assert values.tolist() == [3, 2, 2, 0, 1]
    assert described["images"] == []


def test_errors_are_an_rgb_image_with_a_title_of_its_own() -> None:
    images = {"mine.tif": labels("mine.tif", without=2), "the truth": labels("the truth")}
    answer = answered("truth=[the truth] result=mine.tif show_errors table=false", images)
    assert [(shown.role, shown.image.name, shown.image.axes) for shown in answer.images] == [
        ("errors", "mine-errors-1", "YXS")
    ]
    assert answer.table is None
    record = json.loads(answer.record or "")
    assert record["outputs"][0]["name"] == "mine-errors-1"
    assert record["versions"]["imagej"] == "1.54p"


def test_a_title_that_is_not_open_is_a_path(tmp_path: Path) -> None:
    from pybridge.files.write import write_labels

    write_labels(tmp_path / "truth è.tif", labels("x"))
    answer = answered(f"truth=[{tmp_path / 'truth è.tif'}]", {ACTIVE: labels("mine.tif")})
    assert answer.table is not None
    assert answer.table["F1"].tolist() == [1.0]


def test_warnings_are_a_line_of_the_log() -> None:
    cut = np.zeros_like(np.asarray(labels("mask.tif").array))
    cut[3:6, 3:6] = cut[3:6, 8:11] = 1
    one = Image(cut, "YX", "one.tif", labels("mask.tif").calibration)
    (line,) = answered("truth=one.tif", {ACTIVE: labels("mine.tif"), "one.tif": one}).lines
    assert line.startswith("PyBridge Evaluate: the truth one.tif has a single value, in 2 separate pieces")


def test_a_call_is_checked_before_pixels_are_sent(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no truth was given"):
        opened("result=mine.tif")
    with pytest.raises(ImageError, match="no image is open"):
        opened("truth=t", active=False)
    (tmp_path / "record.json").touch()
    with pytest.raises(OSError, match="the file exists"):
        opened(f"truth=t record=[{tmp_path / 'record.json'}]")


def opened_beside(titles: tuple[str, ...], options: str) -> Work:
    """A call on the active image "cells.tif", with these images open."""
    form = form_from_wire(form_of(np.zeros((1, 1, 1, 50, 70), np.uint16), title="cells.tif"))
    return open_work("PyBridge Evaluate", CallOptions(options, {}), form, Fiji("1.54p", "21", False, titles))


def test_of_two_images_of_one_title_the_truth_is_not_the_active_one() -> None:
    work = opened_beside(("cells.tif", "cells.tif"), "truth=cells.tif")
    assert work.needs == (ACTIVE, "cells.tif")
    answer = work.run({ACTIVE: labels("cells.tif", without=2), "cells.tif": labels("cells.tif")}, None)
    assert answer.table is not None
    assert answer.table["Missed"].tolist() == [1]
    with pytest.raises(UsageError, match=r"take 'cells.tif': 2 open images have this title"):
        opened_beside(("cells.tif", "cells.tif", "cells.tif"), "truth=cells.tif")
    with pytest.raises(UsageError, match=r"take 't': 2 open images have this title"):
        opened_beside(("cells.tif", "t", "t"), "truth=t")


def test_the_active_image_as_its_own_truth_is_sent_once_and_that_is_said() -> None:
    work = opened_beside(("cells.tif", "other"), "truth=cells.tif")
    assert work.needs == (ACTIVE,)
    (line,) = work.run({ACTIVE: labels("cells.tif")}, None).lines
    assert line.startswith("PyBridge Evaluate: result and truth are one and the same")


def test_a_truth_with_the_title_active_is_not_the_active_image() -> None:
    work = opened_beside(("cells.tif", "active"), "truth=active")
    assert work.needs == (ACTIVE, "active")
    answer = work.run({ACTIVE: labels("cells.tif", without=2), "active": labels("active")}, None)
    assert answer.table is not None
    assert answer.table["Missed"].tolist() == [1]


@pytest.mark.parametrize(("selected", "is_said"), [("mine.tif", True), ("the truth", True), ("another", False)])
def test_a_selection_in_an_image_that_is_named_was_not_used_and_that_is_said(selected: str, is_said: bool) -> None:
    fiji = dataclasses.replace(FIJI, selected=(selected,))
    work = open_work("PyBridge Evaluate", CallOptions("result=mine.tif truth=[the truth]", {}), None, fiji)
    lines = work.run({"mine.tif": labels("mine.tif"), "the truth": labels("the truth")}, None).lines
    assert any("the selection was not used: the whole image was scored" in line for line in lines) is is_said


def test_the_legend_of_the_errors_goes_over_the_wire() -> None:
    images = {ACTIVE: labels("mine.tif", without=2), "the truth": labels("the truth")}
    described, _ = answer_to_wire(answered("truth=[the truth] show_errors", images))
    assert described["images"][0]["legend"][:2] == [["right", 0, 158, 115], ["missed", 213, 94, 0]]


def given(**images: tuple[str, str]) -> CallOptions:
    """Options of a script that gives images, each with a key and a title."""
    forms = {}
    for option, (key, title) in images.items():
        form = form_from_wire(form_of(np.zeros((1, 1, 1, 50, 70), np.uint16), title=title))
        assert form is not None
        forms[option] = (GivenImage(key, form),)
    return CallOptions("", {}, forms)


def test_images_that_a_script_gives_are_scored_whatever_their_titles() -> None:
    options = given(result=("\0image 0", "the truth"), truth=("\0image 1", "the truth"))
    work = open_work("PyBridge Evaluate", options, None, FIJI)
    assert work.needs == ("\0image 0", "\0image 1")
    sent = {"\0image 0": labels("the truth", without=2), "\0image 1": labels("the truth")}
    answer = work.run(sent, None)
    assert answer.table is not None
    assert answer.table["Missed"].tolist() == [1]
    assert json.loads(answer.record or "")["parameters"]["truth"] is None


def test_an_image_in_the_place_of_a_text_is_refused() -> None:
    options = given(result=("\0image 0", "a"), truth=("\0image 0", "a"), task=("\0image 1", "b"))
    with pytest.raises(UsageError, match="an image in the place of a text.*result and truth and raw"):
        open_work("PyBridge Evaluate", options, None, FIJI)


def test_a_record_whose_place_is_lost_is_told_after_the_results(tmp_path: Path) -> None:
    record = tmp_path / "gone" / "record.json"
    work = opened(f"truth=[the truth] record=[{record}]")
    record.parent.touch()
    answer = work.run({ACTIVE: labels("mine.tif"), "the truth": labels("the truth")}, None)
    assert answer.table is not None
    assert "this file alone is missing" in str(answer.failure)
