"""A Fiji folder in small, and Jython with our client in it: what scripts of a Fiji that a person started see."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from pybridge.files.home import shipped_folder


def make_fiji(folder: Path, **settings: object) -> Path:
    """Put the client and its settings into a folder, as ``pybridge fiji install`` does.

    Parameters
    ----------
    folder : Path
        The Fiji folder; made.
    **settings
        Further keys of the settings file; they win.
    """
    client = folder / "config" / "pybridge"
    shutil.copytree(
        shipped_folder("fiji-scripts") / "config" / "pybridge", client, ignore=shutil.ignore_patterns("*.class")
    )
    checkout = str(Path(__file__).resolve().parents[2])
    # The worker must find the package also where it is not installed, and keep the folders of the tests.
    environment = {"PYTHONPATH": checkout} | {
        name: os.environ[name] for name in ("PYBRIDGE_HOME", "NUMBA_CACHE_DIR") if name in os.environ
    }
    content = {"python": sys.executable, "pybridge": "test", "environment": environment} | settings
    (client / "settings.json").write_text(json.dumps(content), encoding="utf-8")
    return folder


@contextmanager
def training_fiji(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Jython, Path]]:
    """Open a script in a Fiji with settings of its own, with ``segment`` and ``train``; gives also its user's models.

    Parameters
    ----------
    folder : Path
        Gets the Fiji and the user's folder. ImageJ runs.
    monkeypatch : pytest.MonkeyPatch
        Sets the user's folder.
    """
    from pybridge.imagej.jvm import java_class

    monkeypatch.setenv("PYBRIDGE_HOME", str(folder / "home"))
    system = java_class("java.lang.System")
    before = system.clearProperty("pybridge.python")  # the worker's Python is that of the settings
    script = Jython(make_fiji(folder / "Fiji d'été"))
    script.run("from pybridge_client import segment, train, worker\nworker.stop()")
    yield script, folder / "home" / "models"
    script.run("worker.stop()")
    if before is not None:
        system.setProperty("pybridge.python", before)


def add_jython_and_appose() -> None:
    """Let the running JVM know Jython and Appose, which a Fiji has."""
    import jpype

    from pybridge.imagej.jars import APPOSE, SCRIPTING, embedded_jars
    from pybridge.imagej.jvm import has_class

    for name, endpoints in (("org.python.util.PythonInterpreter", SCRIPTING), ("org.apposed.appose.Service", APPOSE)):
        if not has_class(name):
            for jar in embedded_jars(endpoints):
                jpype.addClassPath(str(jar))


class Jython:
    """One run of a Jython script: modules of its own, like each script in Fiji's editor and menu.

    Parameters
    ----------
    fiji : Path
        A folder of ``make_fiji``.
    """

    def __init__(self, fiji: Path) -> None:
        from pybridge.imagej.jvm import java_class

        add_jython_and_appose()
        state = java_class("org.python.core.PySystemState")()
        self._interpreter = java_class("org.python.util.PythonInterpreter")(None, state)
        self["client_folder"] = str(fiji / "config" / "pybridge")
        self.run("import sys; sys.path.append(client_folder)")

    def run(self, text: str) -> None:
        """Run some lines."""
        import jpype

        # Text with accents would be read as Latin-1.
        code = java_unicode(text)
        try:
            self._interpreter.exec_(code)
        except jpype.JException as error:
            raise JythonError(str(error.getMessage() or error.toString())) from error

    def __getitem__(self, name: str) -> Any:
        import jpype

        return self._interpreter.get(name, jpype.JClass("java.lang.Object"))

    def __setitem__(self, name: str, value: Any) -> None:
        self._interpreter.set(name, value)


class JythonError(Exception):
    """A script failed; the text is that of its error."""


def java_unicode(text: str) -> str:
    """Write letters beyond ASCII as escapes, inside strings."""
    return text.encode("ascii", "backslashreplace").decode("ascii")
