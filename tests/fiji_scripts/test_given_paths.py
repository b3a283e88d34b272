"""Paths that a Jython script gives in the place of images: the one that a command works on, and lists of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import pybridge
from pybridge.core.image import Image
from pybridge.files.write import write_imagej_tiff, write_labels
from pybridge.imagej.convert import image_to_imageplus
from pybridge.imagej.images import open_ids
from tests.builders.jython import Jython, JythonError

pytestmark = [pytest.mark.jvm, pytest.mark.usefixtures("clean")]

MODELS = '["baseline:otsu-watershed", "baseline:otsu-watershed:max_size=150"]'


@pytest.fixture
def script(client: Jython, cells: Image, tmp_path: Path) -> Jython:
    """A script that knows the files of two images and of their truths, which none of their names tells."""
    client.run("from pybridge_client import compare, segment\nfrom java.io import File")
    for name, pixels in (("one", np.asarray(cells.array)), ("two", np.asarray(cells.array)[::-1].copy())):
        image = Image(pixels, "YX", f"{name}.tif", cells.calibration)
        write_imagej_tiff(tmp_path / f"{name}.tif", image)
        labels = np.asarray(pybridge.segment(image, model="baseline:otsu-watershed").labels.array).astype(np.uint16)
        write_labels(tmp_path / f"truth, {name}.tif", Image(labels, "YX", "truth"))
        client[name], client[f"{name}_truth"] = str(tmp_path / f"{name}.tif"), str(tmp_path / f"truth, {name}.tif")
    return client


@pytest.mark.parametrize("given", ["one", "File(one)"])
def test_a_path_is_segmented_as_its_image_is(script: Jython, given: str) -> None:
    before = open_ids()
    script.run("from ij import IJ")
    script.run('expected = segment(IJ.openImage(one), model="baseline:otsu-watershed")')
    script.run(f'found = segment({given}, model="baseline:otsu-watershed", truth=one_truth)')
    assert open_ids() == before
    script.run('titles = [each.labels.getTitle() for each in (found, expected)]; score = found.record["scores"]')
    assert list(script["titles"]) == ["one-labels", "one-labels"]
    script.run('score = found.record["scores"]["pooled"]["0.50"]["ap"]; rows = found.table.size()')
    assert float(script["score"]) == 1
    assert int(script["rows"]) > 5


def test_a_title_is_that_of_the_open_image(script: Jython, cells: Image) -> None:
    shown = image_to_imageplus(cells)
    shown.setTitle("shown")
    shown.show()
    script.run('title = segment("shown", model="baseline:otsu-watershed").labels.getTitle()')
    assert str(script["title"]) == "shown-labels"
    script.run(f'title = compare("shown", model={MODELS}).outputs[0].getTitle()')
    assert str(script["title"]) == "shown-comparison"
    again = shown.duplicate()
    again.setTitle("shown")
    again.show()
    with pytest.raises(JythonError, match="take 'shown': 2 open images have this title"):
        script.run('segment("shown", model="baseline:otsu-watershed")')


def test_a_file_that_is_cut_short_is_not_segmented(script: Jython, tmp_path: Path) -> None:
    path = tmp_path / "one.tif"
    path.write_bytes(path.read_bytes()[:-900])
    with pytest.raises(JythonError, match=r"one\.tif'.*To do"):
        script.run('segment(one, model="baseline:otsu-watershed")')


def test_a_folder_is_no_image_to_segment(script: Jython, tmp_path: Path) -> None:
    script["folder"] = str(tmp_path)
    with pytest.raises(JythonError, match="a folder.*To do"):
        script.run('segment(folder, model="baseline:otsu-watershed")')


@pytest.mark.parametrize(
    "given", ["one, truth=one_truth", "File(one), truth=File(one_truth)", "[one], truth=[one_truth]"]
)
def test_a_path_is_compared_on(script: Jython, given: str) -> None:
    script.run(f'score = compare({given}, model={MODELS}).table.getValue("ap50", 0)')
    assert float(script["score"]) == 1


def test_lists_of_paths_are_paired_in_their_order(script: Jython) -> None:
    calls = ("[one, two], truth=[one_truth, File(two_truth)]", "images=(two, one), truth=(two_truth, one_truth)")
    for given in calls:
        script.run(f"table = compare({given}, model={MODELS}).table")
        script.run('got = [table.getValue("ap50", 0), table.getValue("Images", 0)]')
        assert list(script["got"]) == [1, 2]
    script.run(f'crossed = compare([one, two], truth=[two_truth, one_truth], model={MODELS}).table.getValue("ap50", 0)')
    assert float(script["crossed"]) < 0.5


def test_images_and_paths_go_together_in_a_list(script: Jython, cells: Image) -> None:
    script["imp"] = image_to_imageplus(cells)
    script.run(f"table = compare([imp, two], truth=[one_truth, two_truth], model={MODELS}).table")
    script.run('got = [table.getValue("ap50", 0), table.getValue("Images", 0)]')
    assert list(script["got"]) == [1, 2]
