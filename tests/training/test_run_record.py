"""A training is also a run: its record has the form of every other command's."""

import json
from pathlib import Path

from pybridge.core.record import ModelUsed
from pybridge.reporting.stored_record import parse_record
from pybridge.training.run_record import run_of_training
from tests.builders.records import record_of, settings_for, write_squares

MODEL = ModelUsed("squares", "0.1.0", "ab" * 32, "MIT", (), "")


def test_a_training_has_the_record_of_a_run(tmp_path):
    write_squares(tmp_path / "cells")
    training = record_of(settings_for(tmp_path / "cells"))
    run = run_of_training(training, MODEL, started="2026-11-22T12:00:00+00:00")
    stored = parse_record(json.loads(run.to_json()), path=Path("run-record.json"))
    assert stored.problems == ()
    assert (stored.command, stored.model.id) == ("PyBridge Train", "squares")
    assert len(stored.images) == len(stored.truths) == 8
    assert stored.images[0].sha256_file == training.data.files[0].sha256_image
    assert stored.truths[0].name == training.data.files[0].labels
    assert stored.parameters["schedule"]["steps"] == training.config.schedule.steps
    assert set(stored.scores) == {"validation", "test"}
    assert stored.scores["validation"]["mean_ap"] == training.scores[0].to_json()["mean_ap"]
    assert stored.device.provider == f"torch, {training.hardware.precision}"
    assert stored.versions == training.versions


def test_no_path_of_the_machine_goes_into_it(tmp_path):
    write_squares(tmp_path / "cells")
    run = run_of_training(record_of(settings_for(tmp_path / "cells")), MODEL, started="2026")
    assert str(tmp_path) not in run.to_json()
