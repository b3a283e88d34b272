"""What the doctor sees of the engine."""

import pytest

from pybridge.tasks import examine
from pybridge.tasks.examine import examine_engine


def by_part(findings):
    return {finding.part: finding for finding in findings}


def test_the_cpu_is_proven_by_an_inference():
    findings = by_part(examine_engine())
    assert findings["device cpu"].state == "ok"
    assert "one inference by CPUExecutionProvider" in findings["device cpu"].found
    assert "nuclei-fluo" in findings["models"].found


def test_a_gpu_that_does_not_run_is_a_note_with_advice():
    findings = by_part(examine_engine())
    cuda = [finding for part, finding in findings.items() if part.startswith("device cuda")]
    assert cuda
    for finding in cuda:
        assert finding.state == "ok" or (finding.state == "note" and "device=cpu" in finding.do)


@pytest.mark.parametrize(
    ("wheels", "state", "said"),
    [
        ({"onnxruntime": "1", "onnxruntime-gpu": "2"}, "note", "overwrite each other"),
        ({"onnxruntime": "1"}, "ok", "onnxruntime 1"),
        ({}, "missing", "not installed"),
    ],
)
def test_two_onnxruntimes_in_one_environment_are_noticed(monkeypatch, wheels, state, said):
    monkeypatch.setattr(examine, "_version", wheels.get)
    finding = by_part(examine_engine())["onnxruntime"]
    assert finding.state == state
    assert said in finding.found


def test_a_home_that_cannot_be_made_is_missing(monkeypatch, tmp_path):
    (tmp_path / "file").touch()
    monkeypatch.setenv("PYBRIDGE_HOME", str(tmp_path / "file" / "home"))
    finding = by_part(examine_engine())["PYBRIDGE_HOME"]
    assert finding.state == "missing"
    assert "set PYBRIDGE_HOME" in finding.do
