"""From what a user typed to a configuration."""

import pytest

from pybridge.core.errors import ModelError, UsageError
from pybridge.training.settings import configure
from tests.builders.folders import write_model
from tests.builders.networks import copy

NOTHING = {
    "config": None, "start": None, "images": None, "labels": None, "index": None, "group_column": None,
    "split_column": None, "channel": None, "name": None, "steps": None, "freeze_encoder": False, "seed": None,
    "device": "auto",
}  # fmt: skip


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "train.yaml"
    path.write_text(
        "name: mine\ndata: {images: [images], labels: labels}\nschedule: {steps: 100, validate_every: 50}\n"
    )
    return str(path)


def test_relative_paths_start_from_the_configuration(file, tmp_path):
    config, base = configure(**NOTHING | {"config": file})
    assert base == tmp_path
    assert config.data.images == ("images",)


def test_single_settings_change_the_configuration(file):
    config, _ = configure(**NOTHING | {"config": file, "steps": 20, "seed": 3, "name": "other", "device": "cpu"})
    assert (config.schedule.steps, config.schedule.seed, config.name) == (20, 3, "other")
    assert config.schedule.device == "cpu"
    assert config.schedule.validate_every == 5


def test_nothing_given_names_what_is_missing():
    with pytest.raises(UsageError, match="no configuration, and no from, no images, no labels"):
        configure(**NOTHING)


def test_a_configuration_and_images_contradict(file):
    with pytest.raises(UsageError, match="a configuration together with images"):
        configure(**NOTHING | {"config": file, "images": "x"})


def test_freezing_needs_a_model_to_start_from(file):
    with pytest.raises(UsageError, match="freeze_encoder without a model"):
        configure(**NOTHING | {"config": file, "freeze_encoder": True})


def test_a_model_that_pybridge_did_not_train_cannot_be_fine_tuned(tmp_path):
    folder = write_model(tmp_path / "m", copy())
    with pytest.raises(ModelError, match="no settings of a training by PyBridge"):
        configure(**NOTHING | {"start": str(folder), "images": "a", "labels": "b"})


def test_fine_tuning_takes_network_and_head_from_the_model(tmp_path):
    settings = {"network": {"widths": [8, 16]}, "head": {"name": "boundary"}, "schedule": {"crop_px": 128}}
    config = {"pybridge": {"task": "segment", "training": {"config": settings}}}
    folder = write_model(tmp_path / "m", copy(), changes={"config": config})
    given = {"start": str(folder), "images": "a", "labels": "b", "freeze_encoder": True, "channel": "2"}
    found, _ = configure(**NOTHING | given)
    assert (found.network.widths, found.head.name, found.schedule.crop_px) == ((8, 16), "boundary", 128)
    assert found.fine_tune.model == str(folder)
    assert found.fine_tune.freeze_encoder
    assert found.data.channel == "2"
    # One part chooses and another is scored once, so that the score after fine-tuning is an honest one.
    assert found.data.validation > 0
    assert found.data.test > 0


@pytest.mark.parametrize("name", ["../escaped", "a/b", "Mine", "-a", "a\n", "", "a" * 64])
def test_a_name_that_is_no_id_is_refused_in_a_configuration(file, name):
    with pytest.raises(UsageError, match="name: "):
        configure(**NOTHING | {"config": file, "name": name})


def test_a_tuned_model_is_named_after_any_model(tmp_path):
    config = {"pybridge": {"task": "segment", "training": {"config": {"network": {"widths": [8, 16]}}}}}
    folder = write_model(tmp_path / "m", copy(), changes={"config": config, "id": "lab_a/v1.2"})
    found, _ = configure(**NOTHING | {"start": str(folder), "images": "a", "labels": "b"})
    assert found.name == "lab-a-v1-2-tuned"
