"""`pybridge.segment` from Python."""

import dataclasses
import json

import numpy as np
import pytest
import xarray

import pybridge
from pybridge.commands.segment import Segment
from pybridge.core import doors
from pybridge.core.errors import DeviceError, ImageError, ImageJError, ModelNotFoundError, UsageError
from pybridge.core.image import Calibration
from pybridge.core.record import record_sha256
from pybridge.files.write import write_imagej_tiff
from pybridge.tasks.segment_settings import SegmentSettings

MODEL = "nuclei-fluo"


@pytest.fixture(scope="module")
def sample():
    return pybridge.samples.simulate_nuclei(shape=(112, 144), count=10, seed=3)


def test_labels_objects_and_record_come_back_together(sample):
    image, truth = sample
    result = pybridge.segment(image, model=MODEL, truth=truth)
    assert result.labels.axes == "YX"
    assert result.labels.name == "simulated-nuclei-labels"
    assert result.labels.calibration == image.calibration
    assert len(result.objects) == result.labels.array.max() == len(np.unique(result.labels.array)) - 1
    assert result.objects.names == ("Label", "Area", "Mean", "X", "Y", "Circ.", "Confidence")
    assert result.record.device.used == "cpu"
    assert result.record.scores["pooled"]["0.50"]["ap"] > 0.7
    assert result.record.model.id == MODEL
    content = json.loads(result.record.to_json())
    assert content["record_sha256"] == record_sha256(content)


def test_the_table_measures_the_labels_in_calibrated_units(sample):
    image, _ = sample
    result = pybridge.segment(image, model=MODEL)
    labels, size = result.labels.array, image.calibration
    for number, area, mean, x in zip(*(result.objects[name] for name in ("Label", "Area", "Mean", "X")), strict=True):
        inside = labels == number
        assert area == pytest.approx(inside.sum() * size.x * size.y)
        assert mean == pytest.approx(image.array[inside].mean())
        assert x == pytest.approx((np.nonzero(inside)[1].mean() + 0.5) * size.x)


BASIC = ("Label", "Area", "Mean", "X", "Y", "Circ.", "Confidence")


def test_more_is_measured_when_asked_for_and_the_record_says_what(sample):
    result = pybridge.segment(sample[0], model=MODEL, measure="neighbours, shape")
    assert result.objects.names[:8] == (*BASIC, "Perim.")
    assert result.objects.names[-4:] == ("Touching", "Nearest", "NearestEdge", "NearestCentre")
    assert "Median" not in result.objects.names
    assert result.record.parameters["measure"] == "neighbours, shape"
    everything = pybridge.segment(sample[0], model=MODEL, measure="all").objects
    assert {*result.objects.names, "Median", "Kurt"} < set(everything.names)
    assert all(len(column) == len(everything) > 0 for column in everything.columns)


def test_brightness_is_measured_in_every_channel_and_ids_stay_unique_over_a_stack(sample):
    plane = sample[0].array
    pixels = np.stack([np.stack([plane, plane * 2]), np.stack([plane[::-1], plane[::-1] + 7])])
    image = pybridge.Image(pixels, "ZCYX", name="two channels")
    objects = pybridge.segment(image, model=MODEL, channel="2", measure="intensity,neighbours").objects
    assert objects.names[-3:] == ("Channel", "Slice", "Frame")
    assert "Mean C2" not in objects.names
    first = objects["Slice"] == 1
    assert 0 < first.sum() < len(objects)
    np.testing.assert_allclose(objects["Mean"][first], objects["Mean C1"][first] * 2)
    np.testing.assert_allclose(objects["RawIntDen"][~first] / (objects["Mean C1"] + 7)[~first], objects["Area"][~first])
    assert objects["Label"].tolist() == list(range(1, len(objects) + 1))
    assert set(objects["Nearest"][first]) <= set(objects["Label"][first])
    assert set(objects["Nearest"][~first]) <= set(objects["Label"][~first])
    assert (objects["Nearest"] != objects["Label"]).all()


@pytest.mark.parametrize("measure", ["all", "shape", "basic"])
def test_an_image_without_objects_keeps_the_columns(measure):
    flat = pybridge.segment(np.full((64, 80), 9, np.uint8), model=MODEL, measure=measure).objects
    assert len(flat) == 0
    assert flat.names[:7] == BASIC
    assert ("Feret" in flat.names) == (measure != "basic")


@pytest.mark.parametrize(("wrong", "found"), [("shapes", "shape"), ("all,neighbors", "neighbours"), ("", "choose one")])
def test_an_unknown_group_of_measurements_is_an_error_before_any_work(sample, wrong, found):
    with pytest.raises(UsageError, match=f"no measurements are called.*{found}"):
        pybridge.segment(sample[0], model="no model is looked for", measure=wrong)


def test_a_path_an_array_and_an_xarray_give_the_same_labels(sample, tmp_path):
    image, _ = sample
    write_imagej_tiff(tmp_path / "x y.tif", image)
    expected = pybridge.segment(image, model=MODEL).labels.sha256_pixels()
    for given in (tmp_path / "x y.tif", image.array, xarray.DataArray(image.array, dims=("y", "x"))):
        assert pybridge.segment(given, model=MODEL).labels.sha256_pixels() == expected


def test_the_same_call_gives_the_same_pixels(sample):
    first, second = (pybridge.segment(sample[0], model=MODEL).record.outputs[0].sha256_pixels for _ in range(2))
    assert first == second


def test_the_result_does_not_depend_on_the_tile(sample):
    large, _ = pybridge.samples.simulate_nuclei(shape=(500, 620), count=70, seed=5)
    untiled = pybridge.segment(large, model=MODEL, tile="none").labels.array
    tiled = pybridge.segment(large, model=MODEL, tile="352").labels.array
    # A pixel may differ where two values tie within rounding; no object may.
    assert (untiled != tiled).mean() < 1e-4
    assert untiled.max() == tiled.max()


def test_affine_changes_of_brightness_do_not_matter(sample):
    image, _ = sample
    brighter = dataclasses.replace(image, array=(image.array.astype(np.float32) * 3 + 500))
    first, second = (pybridge.segment(each, model=MODEL).labels.array for each in (image, brighter))
    assert (first != second).mean() < 1e-3


def test_thresholds_do_what_they_say(sample):
    image, _ = sample
    everything = pybridge.segment(image, model=MODEL)
    largest = int(np.sort(np.bincount(everything.labels.array.ravel())[1:])[-2])
    assert len(pybridge.segment(image, model=MODEL, min_size=largest).objects) == 2
    stricter = pybridge.segment(image, model=MODEL, probability=0.9)
    assert (stricter.labels.array > 0).sum() < (everything.labels.array > 0).sum()
    inner = pybridge.segment(image, model=MODEL, exclude_border=True).labels.array
    border = np.concatenate([inner[0], inner[-1], inner[:, 0], inner[:, -1]])
    assert border.max() == 0
    assert inner.max() < everything.labels.array.max()


def test_the_probability_comes_when_asked_for_and_the_table_goes(sample):
    result = pybridge.segment(sample[0], model=MODEL, show_probability=True, table=False)
    assert result.probability.array.dtype == np.float32
    assert 0 <= result.probability.array.min() <= result.probability.array.max() <= 1
    assert len(result.objects) == 0
    assert [made.role for made in result.record.outputs] == ["labels", "probability"]


def test_augmentation_changes_little_but_something(sample):
    plain, augmented = (
        pybridge.segment(sample[0], model=MODEL, augment=flag, show_probability=True) for flag in (False, True)
    )
    assert abs(len(plain.objects) - len(augmented.objects)) <= 2
    assert not np.array_equal(plain.probability.array, augmented.probability.array)


def test_an_inverting_look_up_table_is_a_warning(sample):
    inverted = dataclasses.replace(sample[0], inverting_lut=True)
    assert "inverting look-up table" in pybridge.segment(inverted, model=MODEL).record.warnings[0]


def test_a_record_is_written_where_asked_and_never_over_another(sample, tmp_path):
    path = tmp_path / "mine.json"
    pybridge.segment(sample[0], model=MODEL, record=str(path))
    assert json.loads(path.read_text())["schema"] == "pybridge-run/1"
    with pytest.raises(FileExistsError, match="mine.json"):
        pybridge.segment(sample[0], model="no model is looked for", record=path)


def test_wrong_wishes_are_refused_with_advice(sample, monkeypatch):
    with pytest.raises(ModelNotFoundError, match="did you mean 'nuclei-fluo'"):
        pybridge.segment(sample[0], model="nuclei-flou")
    with pytest.raises(UsageError, match="ROIs belong to ImageJ or to a file"):
        pybridge.segment(sample[0], model=MODEL, rois="zip")
    with pytest.raises(ImageError, match="3 channels"):
        pybridge.segment(np.zeros((2, 3, 70, 80), np.uint8), model=MODEL)
    monkeypatch.setattr(doors, "_readers", [])  # as before any ImageJ was started
    with pytest.raises(ImageJError, match=r"call pybridge.imagej.start\(\)"):
        pybridge.segment(type("ImagePlus", (), {"getProcessor": None})(), model=MODEL)


def test_cuda_where_there_is_none_is_an_error_that_says_what_was_found(sample):
    import onnxruntime

    if "CUDAExecutionProvider" in onnxruntime.get_available_providers() and pybridge.segment(
        sample[0], model=MODEL
    ).record.device.used.startswith("cuda"):
        pybridge.segment(sample[0], model=MODEL, device="cuda")
        return
    with pytest.raises(
        DeviceError, match=r"(only load|has only) .*CPUExecutionProvider.*To do: install what CUDA needs"
    ):
        pybridge.segment(sample[0], model=MODEL, device="cuda")


def test_a_tiny_image_and_a_long_one_are_done(sample):
    for shape in ((1, 1), (3, 200), (17, 19)):
        noise = np.random.default_rng(0).integers(0, 200, shape).astype(np.uint8)
        assert pybridge.segment(noise, model=MODEL).labels.array.shape == shape


def test_settings_of_the_task_are_parameters_of_the_command():
    declared = {parameter.name: parameter.default for parameter in Segment.parameters()}
    for field in dataclasses.fields(SegmentSettings):
        assert field.name in declared
        assert field.name == "model" or field.default == declared[field.name]


def test_an_origin_shifts_coordinates(sample):
    image = dataclasses.replace(sample[0], calibration=Calibration(x=2, y=2, unit="µm", origin_x=10, origin_y=0))
    moved, plain = pybridge.segment(image, model=MODEL), pybridge.segment(sample[0].array, model=MODEL)
    np.testing.assert_allclose(moved.objects["X"], (plain.objects["X"] - 10) * 2)
    np.testing.assert_allclose(moved.objects["Y"], plain.objects["Y"] * 2)
