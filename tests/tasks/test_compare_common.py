"""Compare on images that not every method can do, or has a score on: always on the same images."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest

import pybridge
from pybridge.core.baseline_names import RAW
from pybridge.core.comparison import PairedDifference
from pybridge.core.errors import DeviceError, ImageError, UsageError
from pybridge.core.image import Image
from pybridge.reporting.comparison_text import comparison_lines
from pybridge.runtime import list_devices
from pybridge.samples import simulate_nuclei
from pybridge.tasks.compare_ranking import _which_rank
from pybridge.tasks.compare_scores import SCOUT_METRICS, mean_counts, on_common_images, pool_counts
from tests.builders.folders import write_model
from tests.builders.networks import copy

GAUSSIAN = "baseline:gaussian:sigma=0.6"
OTSU = "baseline:otsu-watershed"


def noisy(truth: Image, *, seed: int, deviation: float) -> Image:
    pixels = np.asarray(truth.array, np.float32)
    noise = np.random.default_rng(seed).normal(0, deviation, pixels.shape)
    return truth.replace(array=(pixels + noise).astype(np.float32), axes=truth.axes, name=f"noisy-{seed}.tif")


@pytest.fixture(scope="module")
def truths() -> list[Image]:
    made = [simulate_nuclei(shape=(64, 80), count=5, seed=seed)[0] for seed in range(8)]
    return [each.replace(array=np.asarray(each.array, np.float32), axes="YX", name=each.name) for each in made]


def test_an_infinite_score_takes_its_image_from_all_methods(truths):
    images = [truth if seed < 4 else noisy(truth, seed=seed, deviation=5) for seed, truth in enumerate(truths)]
    found = pybridge.compare(images, model=[GAUSSIAN], truth=truths, rank_by="psnr").comparison
    values = {method.model: method.score("psnr") for method in found.methods}
    # On the four images that equal their truth the raw image is perfect; on the others it is a little noisy.
    for method, score in values.items():
        assert score.value == pytest.approx(np.mean(score.per_image[4:])), method
    assert found.methods[0].model == (RAW if values[RAW].value > values[GAUSSIAN].value else GAUSSIAN)
    assert "rests on 4 of 8 images" in found.verdicts[0]


def test_a_mean_is_over_the_images_that_all_ranked_methods_have():
    metric = SCOUT_METRICS[0]
    one = np.array([[*mean_counts(value), 0, 0] for value in (0.9, 0.8, np.nan)])
    other = np.array([[*mean_counts(value), 0, 0] for value in (0.7, np.nan, 0.6)])
    everything = np.ones(3, bool)
    values = [pool_counts(each, everything).value(metric) for each in on_common_images([one, other], [metric], [1, 1])]
    assert values == pytest.approx([0.9, 0.7])
    alone = [pool_counts(each, everything).value(metric) for each in on_common_images([one, other], [metric], [1, 0])]
    assert alone == pytest.approx([0.85, 0.7])


@pytest.mark.parametrize(
    ("lacking", "ranks"),
    [
        ([[0, 0, 0], [0, 0, 0]], [True, True]),
        ([[0, 0, 0], [1, 1, 0]], [True, False]),  # most images
        ([[1, 0], [0, 1]], [False, True]),  # none in common: one goes
        ([[1, 0, 0, 1], [0, 1, 0, 0], [0, 0, 1, 0]], [False, True, True]),
        ([[1, 1], [1, 1]], [False, False]),
        ([[1, 1, 1, 0, 0], [1, 1, 1, 0, 0]], [True, True]),  # all lack on the same ones
        ([[1, 1, 1, 0, 0], [1, 1, 1, 1, 1]], [True, False]),
        ([[1, 1, 1, 0, 0], [0, 0, 1, 1, 1]], [False, False]),  # none in common, and no reason to prefer one
    ],
)
def test_methods_without_an_image_in_common_do_not_all_rank(lacking, ranks):
    assert _which_rank([np.array(each, bool) for each in lacking]) == ranks


def test_a_method_that_finds_nothing_on_most_images_does_not_lead_the_scout(truths):
    blank = [truth.replace(array=np.asarray(truth.array) * 0 + 3, axes="YX", name="blank.tif") for truth in truths[:1]]
    images = [*truths[:3], *blank]
    found = pybridge.compare(images, model=[OTSU, f"{OTSU}:max_size=1"]).comparison
    assert [(method.model, method.place) for method in found.methods] == [
        (OTSU, 1),
        (f"{OTSU}:max_size=1", None),
    ]


def test_methods_that_all_find_nothing_on_most_images_are_ranked_on_the_others_and_it_is_said(truths):
    blank = [
        truth.replace(array=np.asarray(truth.array) * 0 + 3, axes="YX", name=f"blank-{number}.tif")
        for number, truth in enumerate(truths[:3])
    ]
    found = pybridge.compare([*truths[:2], *blank], model=[OTSU, "baseline:li-watershed"]).comparison
    assert sorted(method.place for method in found.methods) == [1, 2]
    assert "rests on 2 of 5 images" in found.verdicts[1]
    assert found.images_ranked == 2
    assert "intervals from 2 images are too narrow" in found.caveats[0]


def test_an_image_without_objects_counts_in_pooled_scores_and_only_the_tests_leave_it_out():
    pairs = [simulate_nuclei(shape=(64, 80), count=5, seed=seed) for seed in range(5)]
    images, labels = [image for image, _ in pairs], [truth for _, truth in pairs]
    # Nothing is there but a fibre: one method leaves it out, the other one takes it for an object.
    fibre = np.random.default_rng(0).normal(100, 5, (64, 80)).astype(np.uint16)
    fibre[30:34, 10:70] += 500
    images.append(images[0].replace(array=fibre, axes="YX", name="empty.tif"))
    labels.append(labels[0].replace(array=np.zeros((64, 80), np.uint16), axes="YX", name="empty.tif"))
    strict = f"{OTSU}:roundness=0.6"
    found = pybridge.compare(images, model=[strict, OTSU], truth=labels).comparison
    scores = {method.model: method.score("f1").per_image for method in found.methods}
    assert math.isnan(scores[strict][5])
    assert scores[OTSU][5] == 0
    assert (found.images_ranked, found.images_with_scores) == (6, 5)
    assert found.verdicts[0] == (
        "The mean AP (IoU 0.50 to 0.95) is of the objects of all 6 images together; tests of two methods, image by "
        "image, leave out up to 1, on which a method has no such score, since neither it nor the truth has an object "
        "there."
    )


def test_when_nothing_can_be_ranked_the_reason_is_told(truths):
    blank = truths[0].replace(array=np.asarray(truths[0].array) * 0 + 3, axes="YX", name="blank.tif")
    found = pybridge.compare(blank, model=[OTSU, "baseline:li-watershed"]).comparison
    assert [method.place for method in found.methods] == [None, None]
    assert found.verdicts[0].startswith("Without truth there is the consistency under perturbation")
    assert found.verdicts[1].startswith("Nothing is ranked: no method has a score for consistency")
    one = f"{OTSU}:max_size=1"
    alone = pybridge.compare(truths[:2], model=[OTSU, one]).comparison
    assert f"{one} has no place: it has no score for consistency under perturbation on 2 of 2 images." in alone.verdicts


def test_when_methods_fail_on_different_images_the_others_have_no_place(truths, monkeypatch):
    import pybridge.tasks.compare_method as method

    segment_image = method.segment_image
    images = [truth.replace(array=truth.array, axes="YX", name=f"{seed}.tif") for seed, truth in enumerate(truths[:5])]

    def fails(image, settings):
        if image.name not in (("0.tif", "1.tif") if settings.model == OTSU else ("3.tif", "4.tif")):
            raise ImageError("segment it", found="too bad", do="take another")
        return segment_image(image, settings)

    monkeypatch.setattr(method, "segment_image", fails)
    found = pybridge.compare(images, model=[OTSU, "baseline:li-watershed"]).comparison
    assert [each.place for each in found.methods] == [None, None]
    assert found.verdicts[1].startswith("Nothing is ranked: there is no image on which all methods have a score")
    assert comparison_lines(found)


def test_equal_scores_with_ranks_that_lean_one_way_show_nothing():
    pair = PairedDifference("mean_ap", "a", "b", 0.0, (-0.1, 0.1), 20, 20, 0.0004, 0.0004, favours_first=False)
    assert pair.is_contradictory
    assert not pair.is_shown
    assert dataclasses.replace(pair, difference=-0.2).is_shown
    assert dataclasses.replace(pair, favours_first=True).is_contradictory


def test_a_channel_of_several_is_restored_and_scored_by_itself(truths):
    truth = Image(np.stack([truths[0].array, truths[1].array]), "CYX", "two.tif", channel_names=("a", "b"))
    image = noisy(truth, seed=1, deviation=100)
    alone = pybridge.compare(noisy_channel(image, 1), model=[GAUSSIAN], truth=truths[1]).comparison
    for given in (truth, truths[1]):
        found = pybridge.compare(image, model=[GAUSSIAN], truth=given, channel="2")
        for method, expected in zip(found.comparison.methods, alone.methods, strict=True):
            assert method.score("ssim").value == pytest.approx(expected.score("ssim").value)
        assert [each.shape for each in found.record.inputs] == [(2, 64, 80), given.array.shape]


def noisy_channel(image: Image, number: int) -> Image:
    return image.replace(array=np.asarray(image.array)[number], axes="YX", name=image.name)


def test_a_score_that_ranks_needs_a_truth(truths):
    with pytest.raises(UsageError, match=r"rank_by='f1'.*no truth"):
        pybridge.compare(truths[0], model=[OTSU], rank_by="f1")


def test_a_device_that_is_not_there_stops_all_before_a_ranking(truths, tmp_path):
    if len(list_devices()) > 1:
        pytest.skip("CUDA is here")
    folder = str(write_model(tmp_path / "same", copy()))
    with pytest.raises(DeviceError, match="cuda"):
        pybridge.compare(truths[0], model=[folder], truth=truths[0], task="restore", device="cuda")


def test_classical_methods_run_beside_networks_on_any_device_and_it_is_said(truths):
    found = pybridge.compare(truths[0], model=[GAUSSIAN], truth=truths[0], device="cuda")
    assert found.comparison.failures == ()
    assert f"{GAUSSIAN} is a classical method and ran on the CPU" in found.record.warnings
    assert (found.record.device.asked, found.record.device.used) == ("cuda", "cpu")
    assert pybridge.compare(truths[0], model=[OTSU], truth=None).record.device.asked == "auto"
