"""A classical method stands where a model's id stands: same doors, same record, and what does not apply is refused."""

import json

import numpy as np
import pytest

import pybridge
from pybridge.cli import main
from pybridge.core.errors import DeviceError, ModelNotFoundError, UsageError
from pybridge.core.image import Calibration, Image
from pybridge.files.read import read_image
from pybridge.files.write import write_imagej_tiff, write_labels
from pybridge.samples import simulate_nuclei

METHOD = "baseline:otsu-watershed"


def test_simulated_nuclei_are_found_and_scored():
    image, truth = simulate_nuclei(shape=(160, 200), count=12)
    result = pybridge.segment(image, model=METHOD, truth=truth)
    assert result.record.scores["pooled"]["0.50"]["ap"] > 0.8
    assert len(result.objects) == result.labels.array.max()
    assert np.isnan(result.objects["Confidence"]).all()


def test_the_record_names_method_options_and_what_was_chosen():
    image, _ = simulate_nuclei(shape=(96, 128), count=6)
    record = json.loads(pybridge.segment(image, model=f"{METHOD}:sigma=2.5", min_size=30).record.to_json())
    assert record["model"]["id"] == f"{METHOD}:sigma=2.5"
    assert record["model"]["version"] == pybridge.__version__
    assert len(record["model"]["sha256"]) == 64
    assert "Otsu" in record["model"]["cite"][0]
    assert record["device"]["used"] == "cpu"
    assert record["parameters"]["min_size"] == 30
    (plane,) = record["parameters"]["planes"]
    assert plane["sigma"] == 2.5
    assert plane["min_size"] == 30
    assert image.array.min() < plane["threshold"] < image.array.max()


def test_options_change_the_hash_and_defaults_do_not():
    image = Image(np.eye(20, dtype=np.uint8), "YX")
    used = [
        pybridge.segment(image, model=model).record.model
        for model in (METHOD, f"{METHOD}:sigma=auto", f"{METHOD}:sigma=1")
    ]
    assert used[0] == used[1]
    assert used[2].sha256 != used[0].sha256


def test_stacks_are_done_plane_by_plane_with_unique_ids():
    planes = [simulate_nuclei(shape=(64, 80), count=4, seed=seed)[0].array for seed in range(4)]
    size = Calibration(x=0.5, y=0.5, z=2.0, unit="µm")
    image = Image(np.array(planes).reshape(2, 2, 64, 80), "TZYX", calibration=size)
    result = pybridge.segment(image, model=METHOD)
    labels = result.labels.array
    assert (result.labels.axes, labels.shape, result.labels.calibration) == ("TZYX", (2, 2, 64, 80), size)
    found = [set(np.unique(labels[t, z])) - {0} for t in range(2) for z in range(2)]
    assert sum(map(len, found)) == len(set().union(*found)) == len(result.objects)
    assert set(result.objects["Slice"].tolist()) == set(result.objects["Frame"].tolist()) == {1, 2}
    assert len(result.record.parameters["planes"]) == 4
    one = pybridge.segment(Image(planes[2], "YX"), model=METHOD).labels.array
    np.testing.assert_array_equal(labels[1, 0] > 0, one > 0)


def test_a_plane_without_contrast_has_no_objects_and_says_so():
    result = pybridge.segment(Image(np.full((20, 30), 7, np.uint8), "YX"), model=METHOD)
    assert result.labels.array.max() == 0
    assert "the same value" in result.record.warnings[0]


def test_the_shell_writes_the_usual_files(tmp_path, capsys):
    image, truth = simulate_nuclei(shape=(96, 128), count=6)
    write_imagej_tiff(tmp_path / "cells.tif", image)
    write_labels(tmp_path / "cells_mask.tif", truth)
    arguments = ["segment", str(tmp_path / "cells.tif"), "--model", METHOD, "-o", str(tmp_path / "out")]
    assert main([*arguments, "--truth", str(tmp_path / "cells_mask.tif")]) == 0
    labels = read_image(tmp_path / "out" / "cells-labels.tif")
    assert labels.array.max() >= 5
    run = json.loads((tmp_path / "out" / "run-record.json").read_text())
    assert run["model"]["id"] == METHOD
    assert "planes" not in run["parameters"]
    assert json.loads((tmp_path / "out" / "cells-record.json").read_text())["parameters"]["planes"]
    assert "device: cpu" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"probability": 0.5}, r"probability=0.5 with 'baseline:otsu-watershed': .*no probabilities"),
        ({"show_probability": True}, "show_probability=True with 'baseline"),
        ({"augment": True}, "augment=True with 'baseline"),
    ],
)
def test_settings_that_do_not_apply_are_refused(settings, message):
    image = Image(np.eye(20, dtype=np.uint8), "YX")
    with pytest.raises(UsageError, match=message):
        pybridge.segment(image, model=METHOD, **settings)


def test_cuda_means_cuda_or_an_error():
    with pytest.raises(DeviceError, match="device=cuda: classical methods run on the CPU"):
        pybridge.segment(Image(np.eye(20, dtype=np.uint8), "YX"), model=METHOD, device="cuda")


@pytest.mark.parametrize(
    ("model", "message"),
    [
        ("baseline:otsu", "did you mean .*'baseline:otsu-watershed'"),
        ("baseline:", "no classical method of that name"),
        ("otsu-watershed", "did you mean 'baseline:otsu-watershed'"),
        (f"{METHOD}:sigm=2", "no option 'sigm'.*did you mean 'sigma'"),
        (f"{METHOD}:sigma", "no value for 'sigma'"),
        (f"{METHOD}:sigma=a", "sigma='a' is not a number"),
        (f"{METHOD}:sigma=-1", "sigma='-1'; it must be at least 0"),
        (f"{METHOD}:sigma=nan", "it must be at least 0"),
        (f"{METHOD}:sigma=1:sigma=2", "'sigma' is there twice"),
        (f"{METHOD}:max_size=1.5", "is not a whole number"),
        (f"{METHOD}:objects=brigt", "did you mean 'bright'"),
    ],
)
def test_a_wrong_name_or_option_says_what_there_is(model, message):
    with pytest.raises(UsageError, match=message):
        pybridge.segment(Image(np.eye(20, dtype=np.uint8), "YX"), model=model)


def test_a_misspelt_baseline_is_a_model_not_found():
    with pytest.raises(ModelNotFoundError):
        pybridge.segment(Image(np.eye(20, dtype=np.uint8), "YX"), model="baseline:watershed")
