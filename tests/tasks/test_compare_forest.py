"""The forest that is trained anew for each image: what a bad image does to the others, and what the record says."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest

import pybridge
from pybridge.core.comparison import ComparisonResult
from pybridge.core.errors import ImageError, UsageError
from pybridge.core.image import Image
from pybridge.samples import simulate_nuclei
from pybridge.tasks import compare_forest
from pybridge.tasks.compare_forest import FOREST_ID, LeftOut
from pybridge.zoo import find


def image_of(seed: int, *, broken: bool = False) -> tuple[Image, Image]:
    image, truth = simulate_nuclei(shape=(96, 128), count=6, seed=seed)
    pixels = image.array.astype(np.float32)
    if broken:
        pixels[5, 7] = np.nan
    return image.replace(array=pixels, axes=image.axes, name=f"i{seed}"), truth


def compare(*broken: bool) -> ComparisonResult:
    images, truths = zip(*(image_of(seed, broken=each) for seed, each in enumerate(broken)), strict=True)
    return pybridge.compare(list(images), model=["baseline:otsu-watershed", FOREST_ID], truth=list(truths))


def left_out(folder: Path, *broken: bool) -> LeftOut:
    images, truths = zip(*(image_of(seed, broken=each) for seed, each in enumerate(broken)), strict=True)
    labels = [truth.tzcyx()[:, :, 0].astype(np.int32) for truth in truths]
    return LeftOut(images, labels, folder=folder, channel=None)


def test_a_bad_image_keeps_no_forest_from_the_others():
    found = compare(False, False, True).comparison
    assert {(failure.model, failure.image) for failure in found.failures} == {
        ("baseline:otsu-watershed", "i2"),
        (FOREST_ID, "i2"),
    }
    (failure,) = [failure for failure in found.failures if failure.model == FOREST_ID]
    assert "train a forest on 'i2': 1 pixels that are NaN or infinite" in str(failure)
    used = {method.used.id for method in found.methods if method.used is not None}
    assert used == {"baseline:otsu-watershed", FOREST_ID}


def test_the_features_of_each_image_are_found_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    asked: list[str] = []
    original = compare_forest.find_marks

    def counted(image, marks, *, channel=None):
        asked.append(image.name)
        return original(image, marks, channel=channel)

    monkeypatch.setattr(compare_forest, "find_marks", counted)
    trainer = left_out(tmp_path, True, False, False)
    with pytest.raises(ImageError, match="train a forest on 'i0'"):
        trainer.model_for(0)
    models = [find(trainer.model_for(number)) for number in (1, 2)]
    assert asked == ["i0", "i1", "i2"]
    assert [model.config.training["images"] for model in models] == [1, 1]


def test_without_any_other_image_the_error_says_why(tmp_path: Path):
    trainer = left_out(tmp_path, False, True, True)
    with pytest.raises(
        UsageError, match=r"for 'i0' on the truth of the other images: none of them can be used: 'i1' \(.*NaN.*'i2' \("
    ):
        trainer.model_for(0)


def test_the_record_describes_the_method_and_not_one_of_its_forests(tmp_path: Path):
    trainer = left_out(tmp_path, False, False)
    models = [find(trainer.model_for(number)) for number in range(2)]
    hashes = sorted(model.sha256 for model in models)
    used = trainer.used()
    assert hashes[0] != hashes[1]
    assert (used.id, used.version) == (FOREST_ID, pybridge.__version__)
    assert used.sha256 == hashlib.sha256("\n".join(hashes).encode()).hexdigest()
    assert used.cite == models[0].used().cite


def test_with_one_image_the_shipped_forest_is_used_and_it_is_said():
    assert any("could not be trained anew" in warning for warning in compare(False).record.warnings)
    several = compare(False, False).record.warnings
    assert not any("could not be trained anew" in warning for warning in several)
    assert any("trained anew for each image" in warning for warning in several)


def test_the_forest_never_learns_from_the_image_that_it_is_scored_on():
    images, truths = (list(each) for each in zip(*(image_of(seed) for seed in range(2)), strict=True))
    # A truth that calls the background nuclei: a forest that saw it would find other things in that image.
    turned = Image((truths[0].array == 0).astype(np.uint16), truths[0].axes, name=truths[0].name)
    done = [pybridge.compare(images, model=[FOREST_ID], truth=[first, truths[1]]) for first in (truths[0], turned)]
    found = [[packed.data for packed in each.results[0]] for each in done]
    assert found[0][0] == found[1][0]
    assert found[0][1] != found[1][1]
