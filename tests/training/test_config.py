"""What a training configuration may say, and how wrong ones are told."""

from pathlib import Path

import pytest

from pybridge.core.errors import UsageError
from pybridge.training.config import TrainingConfig, load_config

REPOSITORY = Path(__file__).resolve().parents[2]
LEAST = "name: mine\ndata: {images: [images], labels: labels}\n"


def written(tmp_path, text):
    path = tmp_path / "train.yaml"
    path.write_text(text)
    return path


@pytest.mark.parametrize("model", ["nuclei-fluo", "nuclei-fluo-small"])
def test_the_recipes_of_the_shipped_models_are_valid(model):
    config = load_config(REPOSITORY / "models" / model / "train.yaml")
    assert config.name == model
    assert config.data.group_column == "field_group"


def test_little_is_needed(tmp_path):
    config = load_config(written(tmp_path, LEAST))
    assert config.data.validation == 0.15
    assert config.schedule.crop_px % config.network.step == 0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("schedule: {stepps: 3}", r"schedule\.stepps: Extra inputs are not permitted"),
        ("network: {widths: [8, 16], blocks: [1]}", "one for each level"),
        ("schedule: {crop_px: 100}", "no multiple of the network's step 16"),
        ("augmentation: {scale: [2, 1]}", "0 < smallest <= largest"),
        ("head: {name: stars}", "'offsets', 'star_convex' or 'boundary'"),
        ("optimiser: {learning_rate: -1}", "greater than 0"),
        ("schedule: {device: gpu}", "should match pattern"),
    ],
)
def test_a_wrong_setting_is_named(tmp_path, text, said):
    with pytest.raises(UsageError, match=said):
        load_config(written(tmp_path, LEAST + text + "\n"))


def test_all_wrong_settings_are_named_at_once(tmp_path):
    with pytest.raises(UsageError, match=r"schedule\.steps: .*; schedule\.batch: "):
        load_config(written(tmp_path, LEAST + "schedule: {steps: 0, batch: 0}\n"))


@pytest.mark.parametrize("text", ["{", "- 1", "", "a: !!python/object/apply:os.system ['exit 1']"])
def test_what_is_no_configuration_is_refused(tmp_path, text):
    with pytest.raises(UsageError, match="training configuration"):
        load_config(written(tmp_path, text))


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(UsageError, match=r"nothing\.yaml.*No such file"):
        load_config(tmp_path / "nothing.yaml")


def test_a_configuration_survives_writing():
    config = TrainingConfig.model_validate({"name": "a", "data": {"images": ["x"], "labels": "y", "channel": 2}})
    assert TrainingConfig.model_validate(config.model_dump(mode="json")) == config
    assert config.data.channel == "2"
