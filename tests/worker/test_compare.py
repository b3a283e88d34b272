"""``PyBridge Compare`` in the worker: what it needs, and what it describes for Fiji."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

import pybridge
from pybridge.core.errors import ImageError, ImageFileError, UsageError
from pybridge.core.image import Image
from pybridge.files.write import write_imagej_tiff, write_labels
from pybridge.reporting.comparison_stack import overlay_stack
from pybridge.worker.compare import open_compare
from pybridge.worker.stream import answer_to_wire
from pybridge.worker.work import ACTIVE, CallOptions, Fiji, GivenImage, form_from_wire, given_from_wire
from tests.builders.fiji_side import form_of

MODELS = "baseline:otsu-watershed,baseline:otsu-watershed:max_size=150"
FIJI = Fiji(imagej="1.54p", java="21", headless=True, titles=["mycells-comparison"])


@pytest.fixture(scope="module")
def cells() -> tuple[Image, Image]:
    return pybridge.samples.simulate_nuclei(shape=(96, 128), count=8)


def opened(options: str, image: Image | None):
    form = None if image is None else form_from_wire(form_of(np.asarray(image.tzcyx())))
    return open_compare(CallOptions(options, {}), form, FIJI)


def test_the_answer_is_a_labelled_stack_rows_and_words(cells: tuple[Image, Image]) -> None:
    image = Image(cells[0].array, "YX", "my cells.tif")
    work = opened(f"model=[{MODELS}] truth=[the truth]", image)
    assert work.needs == (ACTIVE, "the truth")
    answer = work.run({ACTIVE: image, "the truth": cells[1]}, None)
    expected = overlay_stack(pybridge.compare(image, model=MODELS.split(","), truth=cells[1]))
    (shown,) = answer.images
    np.testing.assert_array_equal(shown.image.array, expected.image.array)
    assert shown.image.name == "mycells-comparison-1"
    described, _ = answer_to_wire(answer)
    assert described["images"][0]["labels"] == list(expected.labels)
    assert (described["images"][0]["bits"], described["images"][0]["slices"]) == (24, 2)
    assert described["table"]["texts"]["Method"] == [label.rpartition(": ")[0] for label in expected.labels]
    assert any("no difference could be shown" in line for line in answer.lines)
    assert '"imagej": "1.54p"' in (answer.record or "")


def test_a_folder_needs_no_open_image(cells: tuple[Image, Image], tmp_path: Path) -> None:
    write_imagej_tiff(tmp_path / "a.tif", cells[0])
    work = opened(f"model=[{MODELS}] images=[{tmp_path}]", None)
    assert work.needs == ()
    assert work.run({}, None).images[0].image.name == "a-comparison"


def test_a_call_is_checked_before_pixels_are_sent() -> None:
    with pytest.raises(ImageError, match="no image is open"):
        opened(f"model=[{MODELS}]", None)
    with pytest.raises(UsageError, match="no model was given"):
        opened("", None)


def test_images_that_a_script_gives_are_compared_on(cells: tuple[Image, Image]) -> None:
    image, truth = cells
    other = pybridge.samples.simulate_nuclei(shape=(64, 96), count=5, seed=2)
    forms = [
        form_from_wire(form_of(np.asarray(each.tzcyx()), title=f"{n}.tif")) for n, each in enumerate((image, other[0]))
    ]
    given = {
        "images": tuple(GivenImage(f"\0image {n}", form) for n, form in enumerate(forms) if form),
        "truth": tuple(GivenImage(f"\0image {n + 2}", form) for n, form in enumerate(forms) if form),
    }
    work = open_compare(CallOptions(f"model=[{MODELS}]", {}, given), None, FIJI)
    assert work.needs == ("\0image 0", "\0image 1", "\0image 2", "\0image 3")
    answer = work.run(dict(zip(work.needs, (image, other[0], truth, other[1]), strict=True)), None)
    expected = pybridge.compare([image, other[0]], model=MODELS.split(","), truth=[truth, other[1]])
    assert answer.table is not None
    assert answer.table["ap50"].tolist() == expected.table["ap50"].tolist()


def test_a_record_whose_place_is_lost_is_told_after_the_results(cells: tuple[Image, Image], tmp_path: Path) -> None:
    record = tmp_path / "gone" / "record.json"
    work = opened(f"model=[{MODELS}] record=[{record}]", cells[0])
    record.parent.touch()
    answer = work.run({ACTIVE: cells[0]}, None)
    assert len(answer.images) == 1
    assert "the results are there, this file alone is missing" in answer_to_wire(answer)[0]["failure"]
    with pytest.raises(OSError, match="a file stands where the folder should be"):
        opened(f"model=[{MODELS}] record=[{record}]", cells[0])


def test_names_in_a_list_are_open_titles_or_paths(cells: tuple[Image, Image], tmp_path: Path) -> None:
    image, truth = cells
    write_labels(tmp_path / "t.tif", truth)
    options = CallOptions(f"model=[{MODELS}]", {}, given_from_wire(wire(images=["shown"], truth=[tmp_path / "t.tif"])))
    work = open_compare(options, None, FIJI)
    assert work.needs == ("shown", str(tmp_path / "t.tif"))
    table = work.run({"shown": image}, None).table
    assert table is not None
    expected = pybridge.compare(image, model=MODELS.split(","), truth=truth)
    assert table["ap50"].tolist() == expected.table["ap50"].tolist()
    with pytest.raises(ImageFileError, match="take 'shown': no such file, and no open image has this title"):
        work.run({}, None)


def test_an_ambiguous_title_and_an_empty_list_are_refused() -> None:
    twice = dataclasses.replace(FIJI, titles=("shown", "shown"))
    options = CallOptions(f"model=[{MODELS}]", {}, given_from_wire(wire(images=["shown"])))
    with pytest.raises(UsageError, match="take 'shown': 2 open images have this title"):
        open_compare(options, None, twice)
    with pytest.raises(UsageError, match='"images=…".*an empty list. To do: give at least one'):
        open_compare(CallOptions(f"model=[{MODELS}]", {}, given_from_wire(wire(images=[]))), None, FIJI)


def wire(**options: Sequence[str | Path]) -> dict[str, object]:
    """Options of a script that gives lists of texts."""
    return {"options": {name: [str(each) for each in texts] for name, texts in options.items()}, "forms": {}}
