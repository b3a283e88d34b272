"""A record becomes commands that are taken: what this version refuses, or a door cannot say, is left out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pybridge.commands.again import lines_to_repeat
from pybridge.core.record import InputUsed, RunRecord, now
from pybridge.reporting.again import Again
from pybridge.reporting.stored_record import parse_record


def again_of(command: str, parameters: dict[str, object], given: list[tuple[str, str]]) -> Again:
    inputs = tuple(
        InputUsed(Path(path).name, path, "", None, "YX", (5, 7), "uint8", (1.0, 1.0, 1.0), "pixel", role=role)
        for path, role in given
    )
    record = RunRecord("1", command, parameters, now(), inputs=inputs)
    return lines_to_repeat(parse_record(json.loads(record.to_json()), path=Path("run-record.json")))


@pytest.mark.parametrize(("task", "is_named"), [("classify", False), ("segment", True)])
def test_show_errors_is_named_where_it_is_still_taken(task: str, is_named: bool) -> None:
    given = [("p.csv", "result"), ("t.csv", "truth")]
    again = again_of("PyBridge Evaluate", {"task": task, "show_errors": True}, given)
    for line in (again.macro, again.shell.replace("-", "_"), again.python):
        assert ("show_errors" in line) == is_named
        assert task in line


def test_an_image_that_was_compared_twice_is_named_twice_in_python_which_alone_takes_it_so() -> None:
    given = [("f/a.tif", "image"), ("f/b.tif", "image"), ("f/a.tif", "image")]
    given += [("t/a.tif", "truth"), ("t/b.tif", "truth"), ("t/other.tif", "truth")]
    again = again_of("PyBridge Compare", {"model": ["baseline:li-watershed"]}, given)
    assert "pybridge.compare(['f/a.tif', 'f/b.tif', 'f/a.tif'], " in again.python
    assert "truth=['t/a.tif', 't/b.tif', 't/other.tif']" in again.python
    assert (again.macro, again.shell) == ("", "")
    assert "compared more than once" in again.note
    assert again.check
