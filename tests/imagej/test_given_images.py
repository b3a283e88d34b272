"""What ``ij.evaluate``, ``ij.compare`` and the truth of ``ij.segment`` take: whatever a Python user has at hand."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray

import pybridge
from pybridge.core.errors import ImageError, UsageError
from pybridge.core.image import Calibration, Image
from pybridge.files.write import write_imagej_tiff, write_labels
from pybridge.imagej import Gateway
from pybridge.imagej.convert import image_to_imageplus

pytestmark = [pytest.mark.jvm, pytest.mark.usefixtures("results")]

MODELS = ["baseline:otsu-watershed", "baseline:otsu-watershed:max_size=150"]
FORMS: dict[str, Callable[[Image, Path], Any]] = {
    "ndarray": lambda image, _: np.asarray(image.array),
    "xarray": lambda image, _: xarray.DataArray(np.asarray(image.array), dims=("y", "x")),
    "Image": lambda image, _: image,
    "ImagePlus": lambda image, _: image_to_imageplus(image),
    "path": lambda _, path: path,
    "text": lambda _, path: str(path),
}


@pytest.fixture(scope="module")
def cells() -> tuple[Image, Image]:
    image, truth = pybridge.samples.simulate_nuclei(shape=(110, 154), count=12)
    labels = dataclasses.replace(truth, array=np.asarray(truth.array).astype(np.uint16), calibration=Calibration())
    return dataclasses.replace(image, calibration=Calibration()), labels


@pytest.mark.parametrize("form", FORMS)
def test_result_and_truth_may_be_anything_that_holds_an_image(
    gateway: Gateway, cells: tuple[Image, Image], results: Any, tmp_path: Path, form: str
) -> None:
    truth = cells[1]
    found = dataclasses.replace(truth, array=truth.array * (truth.array != 2))
    write_labels(tmp_path / "truth.tif", truth)
    write_labels(tmp_path / "found.tif", found)
    given = FORMS[form](found, tmp_path / "found.tif"), FORMS[form](truth, tmp_path / "truth.tif")
    made = gateway.evaluate(*given, show_errors=True)
    assert made.result.table["Missed"].tolist() == [1]
    assert results.getValue("Missed", 0) == 1
    assert len(made.errors) == 1
    assert gateway.evaluate(image_to_imageplus(found), given[1]).result.table["Missed"].tolist() == [1]


@pytest.mark.parametrize("form", FORMS)
def test_image_and_truth_of_a_comparison_too(
    gateway: Gateway, cells: tuple[Image, Image], tmp_path: Path, form: str
) -> None:
    write_imagej_tiff(tmp_path / "cells.tif", cells[0])
    write_labels(tmp_path / "truth.tif", cells[1])
    image = FORMS[form](cells[0], tmp_path / "cells.tif")
    truth = FORMS[form](cells[1], tmp_path / "truth.tif")
    made = gateway.compare(image, model=MODELS, truth=truth)
    expected = pybridge.compare(cells[0], model=MODELS, truth=cells[1]).comparison
    assert [each.model for each in made.result.comparison.methods] == [each.model for each in expected.methods]
    assert made.result.comparison.methods[0].score("ap50").value == expected.methods[0].score("ap50").value
    assert int(made.overlays.getStackSize()) == 2


def test_a_list_of_images_is_one_comparison(gateway: Gateway, cells: tuple[Image, Image], tmp_path: Path) -> None:
    image, truth = cells
    other, its_truth = pybridge.samples.simulate_nuclei(shape=(90, 131), count=8, seed=5)
    images = [image_to_imageplus(image), np.asarray(other.array)]
    made = gateway.compare(images, model=MODELS, truth=[truth, image_to_imageplus(its_truth)])
    expected = pybridge.compare([image, other], model=MODELS, truth=[truth, its_truth]).comparison
    assert len(made.result.comparison.images) == 2
    assert made.result.comparison.methods[0].score("ap50").value == expected.methods[0].score("ap50").value
    for name, each, labels in (("a", image, truth), ("b", other, its_truth)):
        write_imagej_tiff(tmp_path / "images" / f"{name}.tif", each)
        write_labels(tmp_path / "truth" / f"{name}.tif", labels)
    for folder in (tmp_path / "images", str(tmp_path / "images" / "*.tif")):
        of_files = gateway.compare(folder, model=MODELS, truth=tmp_path / "truth").result.comparison
        assert of_files.methods[0].score("ap50").value == expected.methods[0].score("ap50").value


def test_the_truth_of_a_segmentation_may_be_an_array(gateway: Gateway, cells: tuple[Image, Image]) -> None:
    imp = image_to_imageplus(cells[0])
    scores = set()
    for truth in (cells[1], np.asarray(cells[1].array), image_to_imageplus(cells[1])):
        labels = gateway.segment(imp, model=MODELS[0], truth=truth)
        scores.add(json.loads(str(labels.getProperty("Info")))["scores"]["pooled"]["0.50"]["ap"])
    assert len(scores) == 1


def test_what_holds_no_image_is_said(gateway: Gateway, cells: tuple[Image, Image]) -> None:
    with pytest.raises(ImageError, match="an image from int: no path, array, xarray or ImagePlus"):
        gateway.evaluate(cells[1], 7)
    with pytest.raises(ImageError, match="an image from NoneType: no path, array, xarray or ImagePlus"):
        gateway.compare(None, model=MODELS)
    with pytest.raises(UsageError, match="no image was given. To do: give at least one image"):
        gateway.compare([], model=MODELS)
    with pytest.raises(ImageError, match=r"take 'nowhere': no such file, and no open image has this title"):
        gateway.evaluate(cells[1], "nowhere")
