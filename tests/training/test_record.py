"""The training record: complete, checkable, and without a path of the machine."""

import hashlib
import json
import math

import pytest

from pybridge.core.record import record_sha256
from pybridge.training.config import TrainingConfig
from pybridge.training.provenance import portable_config, portable_path
from pybridge.training.scores import PartScores
from tests.builders.records import fold_scores, record_of, scores_of, settings_for, start_model, write_squares


@pytest.fixture
def folder(tmp_path):
    write_squares(tmp_path / "cells")
    return tmp_path / "cells"


def test_each_file_stands_in_the_record_with_its_hash_group_part_and_objects(folder):
    content = json.loads(record_of(settings_for(folder)).to_json())
    files = content["data"]["files"]
    assert sorted(file["name"] for file in files) == [f"cells{number}" for number in range(8)]
    for file in files:
        assert file["sha256_image"] == hashlib.sha256((folder / "images" / file["image"]).read_bytes()).hexdigest()
        assert file["sha256_labels"] == hashlib.sha256((folder / "masks" / file["labels"]).read_bytes()).hexdigest()
        assert file["group"] == f"field {int(file['name'][-1]) // 2}"
        assert (file["objects"], file["height"], file["width"]) == (2, 50, 80)
    parts = {part["part"]: part for part in content["data"]["parts"]}
    assert list(parts) == ["train", "validation", "test"]
    for name, part in parts.items():
        mine = [file for file in files if file["part"] == name]
        assert part["images"] == len(mine)
        assert part["objects"] == 2 * len(mine)
        assert part["groups"] == len({file["group"] for file in mine})


def test_the_record_begins_with_its_schema_and_its_hash_shows_edits(folder):
    content = json.loads(record_of(settings_for(folder)).to_json())
    assert next(iter(content)) == "schema"
    assert content["schema"] == "pybridge-training/1"
    assert content["record_sha256"] == record_sha256(content)
    content["scores"][0]["mean_ap"] = 0.99
    assert content["record_sha256"] != record_sha256(content)


def test_no_absolute_path_of_the_machine_is_in_the_record(folder):
    config = settings_for(folder, fine_tune={"model": str(folder / "earlier-model")})
    text = record_of(config, start=start_model(), folds=fold_scores()).to_json()
    assert str(folder) not in text
    assert str(folder.parent) not in text
    content = json.loads(text)
    assert content["config"]["data"]["images"] == ["images"]
    assert content["config"]["fine_tune"]["model"] == "earlier-model"
    assert any("absolute paths" in warning for warning in content["warnings"])


def test_relative_paths_are_kept_and_need_no_warning(folder):
    config = TrainingConfig(name="a", data={"images": ["../images"], "labels": "masks"})
    assert portable_config(config) == config
    assert portable_config(settings_for(folder)) != settings_for(folder)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("/home/me/images", "images"),
        ("~/images/*.tif", "*.tif"),
        (r"C:\Users\me\masks", "masks"),
        (r"\\server\share\masks", "masks"),
        ("/", "root"),
        ("images/*.tif", "images/*.tif"),
        ("../masks", "../masks"),
        ("nuclei-fluo", "nuclei-fluo"),
    ],
)
def test_only_the_last_name_of_an_absolute_path_is_kept(given, kept):
    assert portable_path(given) == kept


def test_every_setting_stands_in_the_record_and_can_be_read_back(folder):
    config = settings_for(folder, schedule={"steps": 123, "seed": 9}, augmentation={"blur": 0.1})
    content = json.loads(record_of(config).to_json())
    assert TrainingConfig.model_validate(content["config"]) == portable_config(config)
    assert content["config"]["schedule"]["steps"] == 123
    assert content["config"]["optimiser"]["ema_decay"] == 0.998  # not given: the default that was used


def test_versions_hardware_time_curves_and_choice_are_told(folder):
    record = record_of(settings_for(folder))
    content = json.loads(record.to_json())
    assert {"pybridge", "python", "numpy"} <= set(content["versions"])
    assert content["hardware"]["threads"] == 2
    assert content["hardware"]["cores"] >= 1
    assert content["hardware"]["cpu"]
    assert content["seconds"] == 241.0
    assert len(content["history"]["training"]) == 40
    assert content["history"]["validation"][2] == pytest.approx(
        {"step": 300, "loss": 0.3, "ap_50": 0.85, "ap_75": 0.75, "mean_ap": 0.65, "elapsed_s": 181.0}
    )
    assert content["overfitting"] == list(record.notes) != []
    assert content["chosen"] == {
        "checkpoint_step": 300,
        "decoder": {"name": "offsets", "probability": 0.45, "overlap": 0.3, "min_size": 16},
        "threshold_pairs_tried": 12,
    }


def test_scores_say_which_part_chose_and_have_their_intervals(folder):
    content = json.loads(record_of(settings_for(folder), start=start_model(), folds=fold_scores()).to_json())
    validation, test = content["scores"]
    assert (validation["part"], validation["chose"], test["part"], test["chose"]) == ("validation", True, "test", False)
    assert validation["pooled"]["0.50"]["ap"] == pytest.approx(36 / 42)
    low, high = validation["ci95"]["0.50"]["ap"]
    assert low <= validation["pooled"]["0.50"]["ap"] <= high
    assert test["per_image"][1]["ap_0.50"] == pytest.approx(18 / 21)
    assert content["start"]["model"]["id"] == "nuclei-fluo"
    assert content["start"]["scores"][0]["pooled"]["0.50"]["ap"] == pytest.approx(20 / 42)
    assert content["cross_validation"]["pooled"]["images"] == 4
    assert [fold["groups"] for fold in content["cross_validation"]["folds"]] == [["field 1"], ["field 2"]]


def test_numbers_that_are_not_defined_are_null(folder):
    alone = PartScores("validation", chose=True, loss=math.nan, scores=scores_of(5))
    (part,) = json.loads(record_of(settings_for(folder), scores=[alone]).to_json())["scores"]
    assert part["loss"] is None
    assert part["ci95"]["mean_ap"] == [None, None]


def test_images_without_groups_count_no_groups(folder):
    config = settings_for(folder, data={"index": None, "group_column": None})
    content = json.loads(record_of(config).to_json())
    assert {part["groups"] for part in content["data"]["parts"]} == {None}
    assert any("no groups are given" in warning for warning in content["warnings"])
