"""A record of an earlier version becomes a command of this one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pybridge.commands.again import lines_to_repeat
from pybridge.core.record import InputUsed, RunRecord, now
from pybridge.reporting.stored_record import parse_record


@pytest.mark.parametrize(("task", "is_named"), [("classify", False), ("segment", True)])
def test_show_errors_is_named_where_it_is_still_taken(task: str, is_named: bool) -> None:
    inputs = tuple(
        InputUsed(f"{role}.csv", f"{role}.csv", "", None, "YX", (5, 7), "uint8", (1.0, 1.0, 1.0), "pixel", role=role)
        for role in ("result", "truth")
    )
    record = RunRecord("1", "PyBridge Evaluate", {"task": task, "show_errors": True}, now(), inputs=inputs)
    again = lines_to_repeat(parse_record(json.loads(record.to_json()), path=Path("run-record.json")))
    for line in (again.macro, again.shell.replace("-", "_"), again.python):
        assert ("show_errors" in line) == is_named
        assert task in line
