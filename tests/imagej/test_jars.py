"""The jar files of the embedded ImageJ."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from pybridge.core.errors import ImageJError
from pybridge.imagej.jars import embedded_jars

pytestmark = pytest.mark.jvm


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object, **more: object) -> None:
        raise OSError("no network in this test")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


def test_a_second_start_needs_no_network(gateway: object, no_network: None) -> None:
    jars = embedded_jars()
    assert any(jar.name == "ij-1.54p.jar" for jar in jars)
    assert all(jar.is_file() for jar in jars)


def test_without_network_the_first_start_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, no_network: None
) -> None:
    monkeypatch.setenv("PYBRIDGE_HOME", str(tmp_path))
    monkeypatch.setenv("M2_REPO", str(tmp_path / "empty"))
    with pytest.raises(ImageJError, match=r"from Maven Central.*check the network"):
        embedded_jars()
