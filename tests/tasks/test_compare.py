"""Compare: scores that other code finds too, ranks, tests, words, and what becomes of methods and images that fail."""

from __future__ import annotations

import math

import numpy as np
import pytest
import roifile

import pybridge
from pybridge.core.comparison_metrics import RANKING_METRICS
from pybridge.core.errors import ImageError, ModelNotFoundError, UsageError
from pybridge.core.image import Image
from pybridge.files.write import write_imagej_tiff, write_labels
from pybridge.metrics.detection import match, overlaps, pool
from pybridge.metrics.ranking import signed_rank
from pybridge.reporting.roi_zip import write_roi_zip
from pybridge.samples import simulate_nuclei
from pybridge.tasks.compare_scores import RESTORE_METRICS, TRUTH_METRICS

GOOD, BAD = "baseline:otsu-watershed", "baseline:otsu-watershed:max_size=150"


@pytest.fixture(scope="module")
def pairs():
    """Seven small images with their truths."""
    return [simulate_nuclei(shape=(96, 128), count=6 + seed % 3, seed=seed) for seed in range(7)]


@pytest.fixture(scope="module")
def judged(pairs):
    """Two methods on all of them, with truth."""
    images, truths = zip(*pairs, strict=True)
    return pybridge.compare(list(images), model=[BAD, GOOD], truth=list(truths))


def test_the_better_method_is_first_and_the_difference_is_shown(judged):
    methods = judged.comparison.methods
    assert [(method.model, method.place) for method in methods] == [(GOOD, 1), (BAD, 2)]
    pair = judged.comparison.between(BAD, GOOD)
    assert pair.is_shown
    assert pair.interval[0] > 0
    assert judged.comparison.verdicts[0].startswith(f"{GOOD} is better than {BAD}: mean AP")


def test_scores_and_intervals_are_those_of_segment_with_truth(judged, pairs):
    expected = pool(
        [
            match(overlaps(truth.array, pybridge.segment(image, model=GOOD).labels.array), name=image.name)
            for image, truth in pairs
        ]
    )
    method = judged.comparison.methods[0]
    assert method.score("mean_ap").value == pytest.approx(expected.pooled.mean_ap, abs=1e-12)
    assert method.score("mean_ap").interval == pytest.approx(expected.mean_ap_interval, abs=1e-12)
    assert method.score("ap50").interval == pytest.approx(expected.ap_interval[0], abs=1e-12)
    for name in ("precision", "recall", "f1", "pq"):
        assert method.score(name).value == pytest.approx(getattr(expected.pooled.counts[0], name), abs=1e-12)
    assert method.score("mean_ap").per_image == pytest.approx([each.mean_ap for each in expected.per_image])


def test_dice_is_that_of_the_foreground_pixels(judged, pairs):
    both = found = there = 0
    for packed, (_, truth) in zip(judged.results[0], pairs, strict=True):
        labels = packed.unpack()
        both += int(((labels > 0) & (truth.array > 0)).sum())
        found, there = found + int((labels > 0).sum()), there + int((truth.array > 0).sum())
    assert judged.comparison.methods[0].score("dice").value == pytest.approx(2 * both / (found + there), abs=1e-12)


def test_the_test_is_over_images(judged):
    first, second = judged.comparison.methods
    pair = judged.comparison.between(GOOD, BAD)
    expected = signed_rank(first.score("mean_ap").per_image, second.score("mean_ap").per_image)
    assert (pair.p, pair.images) == (expected.p, 7)
    assert pair.p_corrected == pair.p  # a single pair


def test_holm_corrects_for_all_pairs(pairs):
    images, truths = zip(*pairs, strict=True)
    models = [GOOD, BAD, "baseline:otsu-watershed:max_size=250"]
    found = pybridge.compare(list(images), model=models, truth=list(truths)).comparison
    for metric in ("mean_ap", "dice"):
        tests = [each for each in found.differences if each.metric == metric]
        assert len(tests) == 3
        smallest = min(tests, key=lambda each: each.p)
        assert smallest.p_corrected == pytest.approx(min(1, 3 * smallest.p))


def test_time_memory_and_device_are_told_of_each_method(judged):
    for method in judged.comparison.methods:
        assert all(seconds > 0 for seconds in method.seconds)
        assert method.seconds_per_image == pytest.approx(np.median(method.seconds))
        assert method.device.used == "cpu"
        assert math.isnan(method.own_memory_mib) or 0 <= method.own_memory_mib < 50


def test_the_record_names_images_truths_methods_and_scores(judged):
    record = judged.record
    assert [used.role for used in record.inputs] == ["image"] * 7 + ["truth"] * 7
    assert record.parameters["model"] == (BAD, GOOD)
    assert [method["method"] for method in record.scores["methods"]] == [GOOD, BAD]
    assert record.scores["methods"][0]["model"]["sha256"]
    assert '"p_holm"' in record.to_json()


def test_another_metric_can_rank(pairs):
    images, truths = zip(*pairs, strict=True)
    found = pybridge.compare(list(images), model=[GOOD, BAD], truth=list(truths), rank_by="dice")
    assert found.comparison.ranked_by == "dice"
    assert "Dice" in found.comparison.verdicts[0]


def test_the_metrics_that_may_rank_exist():
    assert set(RANKING_METRICS["segment"]) <= {metric.name for metric in TRUTH_METRICS}
    assert set(RANKING_METRICS["restore"]) <= {metric.name for metric in RESTORE_METRICS}


def test_with_few_images_it_is_said_that_nothing_could_be_shown(pairs):
    image, truth = pairs[0]
    found = pybridge.compare(image, model=[GOOD, BAD], truth=truth).comparison
    assert "no difference could be shown" in found.verdicts[0]
    assert "take at least 6" in found.verdicts[0]
    assert math.isnan(found.methods[0].score("mean_ap").interval[0])


def test_a_baseline_that_is_as_good_as_a_network_is_praised_aloud(pairs, nuclei_model):
    images = [image for image, _ in pairs]
    # The truth is what the baseline finds: no network can be better.
    found_by_baseline = [pybridge.segment(image, model=GOOD).labels for image in images]
    better = pybridge.compare(images, model=[nuclei_model, GOOD], truth=found_by_baseline).comparison
    assert better.verdicts[-1].startswith(f"Start simple: {GOOD} is better than {nuclei_model}")
    one = pybridge.compare(images[0], model=[nuclei_model, GOOD], truth=found_by_baseline[0]).comparison
    assert one.verdicts[-1].startswith(f"Start simple: {GOOD} is as good as {nuclei_model}")
    assert "as far as 1 image tells" in one.verdicts[-1]
    found_by_network = [pybridge.segment(image, model=nuclei_model).labels for image in images]
    worse = pybridge.compare(images, model=[nuclei_model, BAD], truth=found_by_network).comparison
    assert not any("Start simple" in verdict for verdict in worse.verdicts)


def test_without_truth_the_steadier_method_is_first_and_the_caveats_are_told(pairs):
    images = [image for image, _ in pairs[:2]]
    found = pybridge.compare(images, model=[GOOD, "baseline:otsu-watershed:sigma=4"]).comparison
    assert (found.ranked_by, found.has_truth) == ("consistency", False)
    values = [method.score("consistency").value for method in found.methods]
    assert values == sorted(values, reverse=True)
    assert 0 < values[0] <= 1
    assert "2503.00450" in found.verdicts[0]
    assert any("not correctness" in caveat for caveat in found.caveats)
    assert found.agreement[0, 1] == found.agreement[1, 0] > 0
    assert np.isnan(found.agreement[0, 0])
    assert not any("Start simple" in verdict for verdict in found.verdicts)


def test_a_method_that_finds_nothing_is_not_called_steady():
    flat = Image(np.random.default_rng(0).normal(100, 1, (64, 80)).astype(np.float32), "YX", "noise")
    found = pybridge.compare(flat, model=["baseline:otsu-watershed:max_size=1", GOOD]).comparison
    nothing = next(method for method in found.methods if method.model.endswith("=1"))
    assert nothing.count_objects == 0
    assert math.isnan(nothing.score("consistency").value)
    assert nothing.place is None


def test_an_image_that_cannot_be_read_is_named_and_the_others_are_done(pairs, tmp_path):
    for number, (image, truth) in enumerate(pairs[:2]):
        write_imagej_tiff(tmp_path / f"{number}.tif", image)
        write_labels(tmp_path / "truth" / f"{number}.tif", truth)
    (tmp_path / "2.tif").write_bytes((tmp_path / "1.tif").read_bytes()[:2000])
    write_labels(tmp_path / "truth" / "2.tif", pairs[1][1])
    found = pybridge.compare(tmp_path, model=[GOOD, BAD], truth=tmp_path / "truth")
    assert found.comparison.images == ("0.tif", "1.tif")
    (failure,) = found.comparison.failures
    assert failure.image.endswith("2.tif")
    assert any("2.tif" in warning for warning in found.record.warnings)


def test_a_truth_of_another_size_is_named(pairs):
    (image, truth), (other, _) = pairs[0], pairs[1]
    small = Image(truth.array[:50], "YX", "small.tif")
    found = pybridge.compare([image, other], model=[GOOD], truth=[truth, small]).comparison
    assert found.images == (image.name,)
    assert "the truth YX 50×128" in found.failures[0].error


def test_a_truth_that_is_no_label_image_is_named(pairs):
    image, truth = pairs[0]
    smooth = Image(truth.array * 0.3, "YX", "smooth.tif")
    with pytest.raises(ImageError, match="smooth.tif"):
        pybridge.compare(image, model=[GOOD], truth=smooth)


def test_rois_are_a_truth_and_overlapping_ones_are_named(pairs, tmp_path):
    for number, (image, truth) in enumerate(pairs[:2]):
        write_imagej_tiff(tmp_path / "images" / f"{number}.tif", image)
        write_roi_zip(tmp_path / "rois" / f"{number}-RoiSet.zip", truth)
    drawn = pybridge.compare(tmp_path / "images", model=[GOOD, BAD], truth=tmp_path / "rois").comparison
    painted = pybridge.compare([image for image, _ in pairs[:2]], model=[GOOD, BAD], truth=[t for _, t in pairs[:2]])
    assert [each.score("ap50").value for each in drawn.methods] == [
        each.score("ap50").value for each in painted.comparison.methods
    ]
    squares = [roifile.ImagejRoi.frompoints([[left, 5], [25, 5], [25, 25], [left, 25]]) for left in (5, 6)]
    roifile.roiwrite(tmp_path / "twice.zip", squares)
    with pytest.raises(ImageError, match=r"use the ROIs '.*twice.zip' as labels: ROIs overlap"):
        pybridge.compare(pairs[0][0], model=[GOOD, BAD], truth=tmp_path / "twice.zip")


def test_a_truth_that_is_a_mask_is_refused(pairs):
    image, truth = pairs[0]
    mask = Image((truth.array > 0).astype(np.uint8) * 255, "YX", "mask.tif", truth.calibration)
    with pytest.raises(ImageError, match=r"the truth 'mask.tif'.*a mask: its only value, 255"):
        pybridge.compare(image, model=[GOOD, BAD], truth=mask)


def test_a_method_that_fails_is_named_and_has_no_place(pairs, tmp_path):
    images, truths = zip(*pairs[:2], strict=True)
    (tmp_path / "damaged").mkdir()
    (tmp_path / "damaged" / "bioimageio.yaml").write_text("name: [")
    found = pybridge.compare(list(images), model=[str(tmp_path / "damaged"), GOOD], truth=list(truths)).comparison
    assert [method.place for method in found.methods] == [1, None]
    assert found.methods[0].model == GOOD
    assert len(found.failures) == 2
    assert all("damaged" in str(failure) for failure in found.failures)


def test_an_image_that_one_method_cannot_do_counts_for_none(pairs, monkeypatch):
    import pybridge.tasks.compare_method as method

    images, truths = zip(*pairs[:3], strict=True)
    segment_image = method.segment_image

    def fails_once(image, settings):
        if image is images[1] and settings.model == BAD:
            raise ImageError("segment it", found="too bad", do="take another")
        return segment_image(image, settings)

    monkeypatch.setattr(method, "segment_image", fails_once)
    found = pybridge.compare(list(images), model=[GOOD, BAD], truth=list(truths)).comparison
    assert found.counted == (True, False, True)
    assert all(method.place is not None for method in found.methods)
    assert found.between(GOOD, BAD).images == 2
    assert not math.isnan(found.methods[0].score("mean_ap").per_image[1])
    assert math.isnan(found.methods[1].score("mean_ap").per_image[1])


def test_when_no_method_can_do_anything_the_first_reason_is_told(pairs, tmp_path):
    (tmp_path / "bioimageio.yaml").write_text("name: [")
    with pytest.raises(ImageError, match="no method could do any image"):
        pybridge.compare(pairs[0][0], model=[str(tmp_path)])


def test_unknown_and_repeated_models_stop_before_any_work(pairs):
    image = pairs[0][0]
    with pytest.raises(ModelNotFoundError, match="did you mean 'nuclei-fluo'"):
        pybridge.compare(image, model=[GOOD, "nuclei-flou"])
    with pytest.raises(UsageError, match="did you mean"):
        pybridge.compare(image, model=["baseline:otsu-watershd"])
    with pytest.raises(UsageError, match="named twice"):
        pybridge.compare(image, model=[GOOD, GOOD])


def test_truths_must_pair_with_images(pairs):
    (image, truth), _ = pairs[0], pairs[1]
    with pytest.raises(UsageError, match=r"compare on 2 image\(s\): 1 truth"):
        pybridge.compare([image, image], model=[GOOD], truth=[truth])


def test_nothing_there_and_nothing_found_is_undefined():
    flat = Image(np.random.default_rng(0).normal(100, 1, (64, 80)).astype(np.float32), "YX", "noise")
    empty = Image(np.zeros((64, 80), np.uint16), "YX", "empty")
    method = pybridge.compare(flat, model=["baseline:otsu-watershed:max_size=1"], truth=empty).comparison.methods[0]
    assert math.isnan(method.score("mean_ap").value)
    assert method.place is None


def test_stacks_are_compared_as_a_whole(pairs):
    stack = Image(np.stack([image.array for image, _ in pairs[:3]]), "ZYX", "stack.tif")
    truth = Image(
        np.stack([truth.array + 100 * z * (truth.array > 0) for z, (_, truth) in enumerate(pairs[:3])]), "ZYX"
    )
    found = pybridge.compare(stack, model=[GOOD], truth=truth)
    planes = [pybridge.compare(image, model=[GOOD], truth=each) for image, each in pairs[:3]]
    assert found.comparison.methods[0].count_objects == sum(each.comparison.methods[0].count_objects for each in planes)
    assert found.results[0][0].unpack().shape == (3, 96, 128)


@pytest.mark.parametrize("axes", ["TYX", "ZYX"])
def test_ids_may_recur_on_every_frame_and_slice(pairs, axes):
    images, truths = zip(*pairs[:3], strict=True)
    stack = Image(np.stack([image.array for image in images]), axes, "stack.tif")
    truth = Image(np.stack([np.asarray(each.array) for each in truths]), axes, "truth.tif")
    method = pybridge.compare(stack, model=[GOOD], truth=truth).comparison.methods[0]
    done = pybridge.segment(stack, model=GOOD, truth=truth)
    scored = pybridge.evaluate(done.labels, truth)
    assert method.score("mean_ap").value > 0.5
    assert method.score("mean_ap").value == pytest.approx(done.record.scores["mean_ap"], abs=1e-12)
    assert method.score("mean_ap").value == pytest.approx(float(scored.table["Mean AP"][0]), abs=1e-12)
    assert method.score("dice").value == pytest.approx(float(scored.table["Dice"][0]), abs=1e-12)
