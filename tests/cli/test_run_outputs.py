"""Writing the files of a run: what is lacking is told once, and only while it is lacking."""

from __future__ import annotations

from pathlib import Path

import pytest

from pybridge.cli import run_outputs
from pybridge.cli.run_outputs import RunWriter
from pybridge.files.write import unwritable_output


def test_a_file_that_fails_twice_is_told_once_and_none_that_succeeds_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_text, is_full = run_outputs.write_text, True

    def write(path: Path, text: str, *, overwrite: bool) -> None:
        if is_full:
            raise unwritable_output(path, OSError(28, "No space left on device"))
        write_text(path, text, overwrite=overwrite)

    monkeypatch.setattr(run_outputs, "write_text", write)
    record, table = tmp_path / "record.json", tmp_path / "table.csv"
    writer = RunWriter(overwrite=False)
    assert [writer.write(each, "a") for each in (record, table, record)] == [False] * 3
    assert len(writer.unwritten) == 2
    (warning,) = writer.warnings_in(record)
    assert "table.csv" in warning
    is_full = False
    assert writer.write(record, "b")
    assert writer.has_written(record)
    assert not writer.has_written(table)
    assert len(writer.unwritten) == 1


def test_a_file_of_an_earlier_run_is_none_of_this_one(tmp_path: Path) -> None:
    old = tmp_path / "record.json"
    old.write_text("old")
    assert not RunWriter(overwrite=True).has_written(old)
