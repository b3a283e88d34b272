"""Asking before the work whether an output can be written."""

from __future__ import annotations

from pathlib import Path

import pytest

from pybridge.commands.evaluate import Evaluate
from pybridge.commands.model_command import check_record_path
from pybridge.commands.segment import Segment
from pybridge.commands.segment_files import segment_files
from pybridge.core.errors import OutputError, OutputExistsError
from pybridge.core.record import RunRecord, now
from pybridge.files.places import check_place
from pybridge.imagej.record import write_record_last as write_record_in_imagej
from pybridge.worker.work import write_record_last as write_record_in_worker


def test_asking_leaves_nothing_behind(tmp_path: Path) -> None:
    check_place(tmp_path / "a" / "b" / "record.json")
    check_place(tmp_path / "record.json")
    assert list(tmp_path.iterdir()) == []


def test_folders_that_are_there_stay(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    check_place(tmp_path / "empty" / "record.json")
    assert (tmp_path / "empty").is_dir()


def test_a_file_that_is_there_or_in_the_way_is_named(tmp_path: Path) -> None:
    (tmp_path / "record.json").touch()
    with pytest.raises(OutputExistsError, match=r"record\.json': the file exists"):
        check_place(tmp_path / "record.json")
    with pytest.raises(OutputExistsError, match=r"record\.json/more': a file stands where the folder should be"):
        check_place(tmp_path / "record.json" / "more" / "record.json")


def test_a_place_that_takes_no_file_is_an_error() -> None:
    with pytest.raises(OutputError, match="write '/proc/x.json'.*To do: check the folder's permissions"):
        check_place(Path("/proc/x.json"))


def test_a_name_that_is_too_long_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="File name too long"):
        check_place(tmp_path / ("a" * 300))
    with pytest.raises(OutputError, match="File name too long"):
        check_place(tmp_path / "missing" / ("a" * 300))
    assert list(tmp_path.iterdir()) == []


def test_an_empty_record_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    record = RunRecord("1", "PyBridge Predict", {}, now())
    check_record_path("")
    write_record_in_imagej(record, "", images=[])
    assert write_record_in_worker(record, "") is None
    assert list(tmp_path.iterdir()) == []


def test_every_command_asks_for_its_record(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    wrong = str(tmp_path / "file" / "record.json")
    check_record_path(None)
    with pytest.raises(OutputExistsError, match="a file stands where the folder should be"):
        check_record_path(Evaluate(record=wrong).record)
    with pytest.raises(OutputExistsError, match="a file stands where the folder should be"):
        segment_files(Segment(model="m", record=wrong), title="a", short_title="a", folder="", headless=True)
