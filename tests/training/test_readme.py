"""The README of a trained model: every number is the record's, and nothing is said that was not measured."""

import re
from dataclasses import replace

import pytest

from pybridge.training.config import TrainingConfig
from pybridge.training.readme import write_readme
from pybridge.training.scores import Estimate, ap_at, mean_ap
from tests.builders.records import fold_scores, record_of, scores_of, settings_for, start_model, write_squares


@pytest.fixture
def config(tmp_path):
    write_squares(tmp_path / "cells")
    return settings_for(
        tmp_path / "cells",
        about={"title": "Squares", "limits": "Squares only.", "training_data": {"name": "Painted squares"}},
    )


def sections(text):
    parts = re.split(r"^## (.+)$", text, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def test_scores_stand_there_with_their_intervals_and_what_chose(config):
    record = record_of(config)
    scores = sections(write_readme(record))["Validation: scores"]
    for part in record.scores:
        cells = [ap_at(part.scores, 0.5), ap_at(part.scores, 0.75), mean_ap(part.scores)]
        assert f"| {part.part} | 2 | 40 | {' | '.join(map(str, cells))} |" in scores
    assert "a little too good" in scores
    assert "95 % intervals from 2 images are too narrow" in scores
    assert "The test images chose nothing." in scores


def test_without_test_images_it_says_that_none_chose_nothing(config):
    record = record_of(config)
    text = write_readme(replace(record, scores=record.scores[:1]))
    assert "There are no test images that chose nothing." in text
    assert "The test images chose nothing." not in text


def test_data_and_split_are_counted(config):
    record = record_of(config)
    data = sections(write_readme(record))["Data and split"]
    for part in record.data.parts:
        assert f"| {part.part} | {part.images} | {part.objects} | {part.groups} |" in data
    assert "Painted squares." in data
    assert "lie in one part only" in data


def test_thresholds_recipe_curves_limits_and_warnings_are_told(config):
    record = record_of(config)
    found = sections(write_readme(record))
    assert "probability 0.45, overlap 0.3, min_size 16: of 12 pair(s)" in found["Thresholds"]
    assert "400 steps of 8 crops of 256 × 256 pixels in 4 min on 2 thread(s)" in found["Recipe"]
    assert "averaged ones of step 300" in found["Recipe"]
    assert "pybridge train train.yaml -o FOLDER" in found["Recipe"]
    assert "![losses and scores over the steps](curves.png)" in found["Curves"]
    assert record.notes[0] in found["Curves"]
    assert "Squares only." in found["Limits"]
    assert "6 to 11 pixels across" in found["Limits"]
    for warning in record.warnings:
        assert f"- {warning}" in found["Warnings"]


def test_a_fine_tuned_model_shows_before_and_after_side_by_side(config):
    tuned = TrainingConfig.model_validate(
        config.model_dump() | {"fine_tune": {"model": "nuclei-fluo", "freeze_encoder": True}}
    )
    record = record_of(tuned, start=start_model())
    text = write_readme(record)
    table = sections(text)["Before and after"]
    assert f"| validation | `nuclei-fluo` before | {ap_at(start_model().scores[0].scores, 0.5)} |" in table
    assert f"| validation | `squares` after | {ap_at(record.scores[0].scores, 0.5)} |" in table
    assert "| test |" not in table  # was not measured before
    assert "probability 0.55, overlap 0.2, min_size 8" in table
    assert "trained from the weights of `nuclei-fluo` 0.2.0, the encoder kept as it was" in text


def test_who_made_it_its_licence_and_what_to_cite_are_told_when_known(config):
    assert "Licence:" not in write_readme(record_of(config))
    about = {
        "authors": ["A. Maker"],
        "license": "MIT",
        "cite": [{"text": "Nobody 2026", "doi": "10.1000/xyz123"}],
        "training_data": {"name": "Painted squares", "license": "CC0-1.0"},
    }
    text = write_readme(record_of(TrainingConfig.model_validate(config.model_dump() | {"about": about})))
    assert "Made by A. Maker." in text
    assert "Licence: MIT." in text
    assert "Painted squares. Licence of the data: CC0-1.0." in text
    assert "- Nobody 2026 https://doi.org/10.1000/xyz123" in sections(text)["Please cite"]


def test_what_was_not_done_has_no_section(config):
    found = sections(write_readme(record_of(config)))
    assert "Before and after" not in found
    assert "Cross-validation" not in found


def test_a_cross_validation_is_told_by_fold_and_pooled(config):
    folds = fold_scores()
    told = sections(write_readme(record_of(config, folds=folds)))["Cross-validation"]
    assert "2 folds over the groups" in told
    assert f"| 2 | 4 | 2 | {ap_at(folds.folds[1].scores, 0.5)} |" in told
    assert f"Pooled over all 4 images: AP 0.50 {ap_at(folds.pooled, 0.5)}" in told
    assert "the images held out chose neither." in told


def test_the_numbers_follow_the_record(config):
    record = record_of(config)
    worse = replace(record, scores=(replace(record.scores[0], scores=scores_of(1, 2)),), steps=77, parameters=10**6)
    text = write_readme(worse)
    assert str(mean_ap(worse.scores[0].scores)) in text
    assert str(mean_ap(record.scores[0].scores)) not in text
    assert "77 steps" in text
    assert "1 million parameters" in text


def test_an_undefined_score_or_interval_is_not_made_up():
    nan = float("nan")
    assert str(Estimate(nan, nan, nan)) == "not defined"
    assert str(Estimate(0.5, nan, nan)) == "0.500"
