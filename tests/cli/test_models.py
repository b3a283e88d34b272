"""`pybridge models`: what is there, adding, testing and removing, with the exit codes that scripts rely on."""

import numpy as np
import pytest

from pybridge.cli import main
from pybridge.files.home import user_models_folder
from tests.builders.folders import write_model
from tests.builders.networks import copy


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("PYBRIDGE_HOME", str(tmp_path / "home"))


@pytest.fixture
def folder(tmp_path):
    """A network that gives back what it takes, and test tensors that say so."""
    path = write_model(tmp_path / "écho 1", copy())
    np.save(path / "test_output.npy", np.load(path / "test_input.npy"))
    return path


def test_a_model_is_added_listed_shown_tested_and_removed(folder, capsys):
    assert main(["models", "add", str(folder), "--id", "echo"]) == 0
    assert main(["models", "list"]) == 0
    listed = capsys.readouterr().out
    row = next(line for line in listed.splitlines() if line.startswith("echo"))
    assert row.split() == ["echo", "predict", "MIT", "0.0", "MiB", "none", "stated", "user"]
    assert main(["models", "show", "echo"]) == 0
    shown = capsys.readouterr().out
    assert "cite:     Nobody 2026 https://doi.org/10.1000/xyz123" in shown
    assert "raw BCYX" in shown
    assert main(["models", "test", "echo", "--device", "cpu"]) == 0
    rows = [line.split() for line in capsys.readouterr().out.splitlines() if line.startswith("cpu ")]
    assert [row[1:5] for row in rows] == [["as", "given", "0", "passed"], ["tiled", "0", "passed", "cpu"]]
    assert main(["models", "remove", "echo"]) == 0
    assert not list(user_models_folder().iterdir())


def test_a_model_that_does_not_give_its_test_output_fails_with_1(folder, capsys):
    np.save(folder / "test_output.npy", np.load(folder / "test_input.npy") + np.float32(0.01))
    assert main(["models", "test", str(folder), "--device", "cpu"]) == 1
    assert "the outputs are not the author's" in capsys.readouterr().out


def test_a_broken_model_is_listed_with_its_reason_and_the_code_1(folder, capsys):
    assert main(["models", "add", str(folder), "--id", "echo"]) == 0
    (user_models_folder() / "echo" / "model.onnx").write_bytes(b"changed")
    assert main(["models", "list"]) == 1
    said = capsys.readouterr()
    assert "not usable, see below" in said.out
    assert "echo: open the model" in said.err
    assert "has SHA-256" in said.err
    assert main(["models", "remove", "echo"]) == 0


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["add", "gone"], 2, "no such file or folder"),
        (["show", "nuclei-flou"], 2, "did you mean 'nuclei-fluo'"),
        (["remove", "nuclei-fluo"], 2, "it came with PyBridge"),
        (["remove", "nothing"], 2, "no model of that id"),
    ],
)
def test_what_cannot_be_done_is_refused_with_a_reason(capsys, words, code, message):
    assert main(["models", *words]) == code
    assert message in capsys.readouterr().err
