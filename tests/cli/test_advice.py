"""What to do fits the door: the shell names its options, the other doors read of none that they do not have."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import pybridge
from pybridge.cli import main
from pybridge.cli.advice import in_shell_words
from pybridge.core import advice
from pybridge.core.errors import OutputExistsError, PyBridgeError
from pybridge.files.write import write_text
from tests.builders.reported_runs import write_run

NEUTRAL = [text for name, text in vars(advice).items() if name.isupper()]


@pytest.mark.parametrize("text", NEUTRAL)
def test_advice_for_every_door_names_no_option_of_the_shell(text: str) -> None:
    assert "-" not in text
    assert in_shell_words(PyBridgeError("do it", found="it cannot be done", do=text)).startswith(
        "do it: it cannot be done. To do: "
    )


def test_in_python_an_existing_record_is_answered_without_options_of_the_shell(tmp_path: Path) -> None:
    write_text(tmp_path / "record.json", "{}")
    with pytest.raises(
        OutputExistsError, match=r"the file exists\. To do: choose another name or folder, or remove it"
    ):
        pybridge.evaluate(np.eye(5, dtype=int), np.eye(5, dtype=int), record=tmp_path / "record.json")


def test_in_the_shell_the_same_is_answered_with_its_options(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    record = write_run(tmp_path / "run", truth=False)
    assert [main(["report", str(record)]) for _ in range(2)] == [0, 1]
    assert "To do: choose another output folder with -o, or allow it with --overwrite" in capsys.readouterr().err


def test_facts_are_written_with_what_the_door_has(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    record = write_run(tmp_path / "run", truth=False)
    (tmp_path / "facts.yaml").write_text("- a list\n")
    with pytest.raises(PyBridgeError, match="To do: write the file with the option template"):
        pybridge.report(record, facts=tmp_path / "facts.yaml")
    assert main(["report", str(record), "--facts", str(tmp_path / "facts.yaml")]) == 2
    assert "pybridge report RECORD --template facts.yaml" in capsys.readouterr().err
