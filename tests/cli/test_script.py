"""`pybridge script`: a process of its own, its output and its exit code."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from pybridge.imagej import Gateway

pytestmark = pytest.mark.jvm


def run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "pybridge", "script", *words], capture_output=True, text=True)


def test_outputs_are_printed_and_the_process_ends(gateway: Gateway, tmp_path: Path) -> None:
    path = tmp_path / "double.py"
    path.write_text("#@ Integer n\n#@output Integer k\nk = n * 2\n")
    done = run(str(path), "n=4")
    assert (done.returncode, done.stdout) == (0, "k=8\n"), done.stderr


def test_a_script_that_fails_gives_one_with_its_message(gateway: Gateway, tmp_path: Path) -> None:
    path = tmp_path / "bad.py"
    path.write_text("raise ValueError('no')\n")
    done = run(str(path))
    assert done.returncode == 1
    assert "ValueError: no (line 1)" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_wrong_value_gives_two(gateway: Gateway, tmp_path: Path) -> None:
    path = tmp_path / "double.groovy"
    path.write_text("#@ Integer n\n")
    assert run(str(path), "n=x").returncode == 2
