"""Cross-validation: each image is held out once, by a network that did not see its group."""

from pathlib import Path

import pytest

from pybridge.training import crossval, fitting
from pybridge.training.config import TrainingConfig
from pybridge.training.crossval import cross_validate
from pybridge.training.data import load_data
from pybridge.training.loop import LAST


@pytest.fixture
def folded(tiny):
    tiny["data"] |= {"folds": 2}
    tiny["schedule"] |= {"steps": 4, "validate_every": 2}
    config = TrainingConfig.model_validate(tiny)
    return config, load_data(config, base=Path())


def test_each_training_image_is_held_out_once_and_the_scores_are_pooled(folded, tmp_path):
    config, data = folded
    found = cross_validate(config, data, tmp_path)
    assert sorted(image.name for image in found.pooled.per_image) == sorted(image.name for image in data.training)
    assert sum(fold.held_out_images for fold in found.folds) == len(data.training)
    for fold in found.folds:
        assert fold.training_images + fold.held_out_images == len(data.training)
        assert fold.steps == 4
    counts = [sum(fold.scores.pooled.counts[0].fn for fold in found.folds), found.pooled.pooled.counts[0].fn]
    assert counts[0] == counts[1]
    assert (found.decoder.probability, found.decoder.overlap, found.decoder.min_size) == (0.5, 0.3, 8)


def test_no_network_learns_from_the_groups_that_it_is_scored_on(folded, tmp_path, monkeypatch):
    config, data = folded
    seen = []

    def watch(config, data, work, *, resume):
        seen.append(data)
        return fit(config, data, work, resume=resume)

    fit = fitting.fit_model
    monkeypatch.setattr(fitting, "fit_model", watch)
    cross_validate(config, data, tmp_path)
    validation = {image.name for image in data.validation}
    for each in seen:
        learnt, held_out = ({image.pair.name for image in part} for part in (each.training, each.validation))
        assert not learnt & held_out
        assert not (learnt | held_out) & validation


def test_a_second_call_goes_on_where_the_first_was_stopped(folded, tmp_path, monkeypatch):
    config, data = folded
    once = cross_validate(config, data, tmp_path)
    (tmp_path / "fold-2" / LAST).unlink()
    first = (tmp_path / "fold-1" / LAST).stat().st_mtime_ns
    again = cross_validate(config, data, tmp_path)
    assert (tmp_path / "fold-1" / LAST).stat().st_mtime_ns == first
    assert again.pooled == once.pooled
    assert crossval.RESAMPLES == 2000
