"""A Fiji in small as a process: a JVM with ImageJ, Jython, Appose and our client, told line by line what to do."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pybridge.imagej.jars import APPOSE, EMBEDDED, SCRIPTING, embedded_jars
from pybridge.imagej.java import find_java

# Jython: runs what comes in, and writes what it left in ``answer``.
_LOOP = """\
import json, sys
from java.lang import Throwable
sys.path.append(sys.argv[1])
scope = {}
for line in iter(sys.stdin.readline, ""):
    scope["answer"] = None
    try:
        exec(compile(json.loads(line), "test", "exec"), scope)
        said = {"answer": scope["answer"]}
    except Throwable as error:
        said = {"error": error.getMessage() or error.toString()}
    except Exception as error:
        said = {"error": "%s: %s" % (type(error).__name__, error)}
    sys.stdout.write("\\n## " + json.dumps(said) + "\\n")
    sys.stdout.flush()
"""


class FijiProcess:
    """A JVM that was started, without a window.

    Parameters
    ----------
    folder : Path
        A folder of ``make_fiji``.
    prefix : sequence of str
        A program that starts it, such as ``unshare``.
    """

    def __init__(self, folder: Path, *, prefix: Sequence[str] = ()) -> None:
        java = find_java().folder / "bin" / ("java.exe" if os.name == "nt" else "java")
        jars = dict.fromkeys(jar for part in (EMBEDDED, SCRIPTING, APPOSE) for jar in embedded_jars(part))
        loop = folder / "loop.py"
        loop.write_text(_LOOP, encoding="utf-8")
        options = ["-Djava.awt.headless=true", "-Dpython.cachedir.skip=true", "-XX:TieredStopAtLevel=1", "-Xmx512m"]
        program = ["org.python.util.jython", str(loop), str(folder / "config" / "pybridge")]
        self.process = subprocess.Popen(
            [*prefix, str(java), *options, "-cp", os.pathsep.join(map(str, jars)), *program],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )
        self.said: list[str] = []

    def start(self, code: str) -> None:
        """Let it run some lines of Jython, without waiting."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(code) + "\n")
        self.process.stdin.flush()

    def answer(self) -> Any:
        """Wait for the end of the lines; give what they left in ``answer``. What ImageJ logged goes to ``said``."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if line.startswith("## "):
                found = json.loads(line[3:])
                if "error" in found:
                    raise FijiError(found["error"])
                return found["answer"]
            if line.strip():
                self.said.append(line.strip())
        assert self.process.stderr is not None
        raise EOFError(self.process.stderr.read())

    def ask(self, code: str) -> Any:
        """Let it run some lines of Jython."""
        self.start(code)
        return self.answer()

    def close(self) -> int:
        """End it as a person does, and wait."""
        assert self.process.stdin is not None
        if not self.process.stdin.closed:
            self.process.stdin.close()
        code = self.process.wait(30)
        for stream in (self.process.stdout, self.process.stderr):
            if stream is not None:
                stream.close()
        return code

    def __enter__(self) -> FijiProcess:
        return self

    def __exit__(self, *error: object) -> None:
        if error[0] is not None:
            self.process.kill()
        self.close()


class FijiError(Exception):
    """The lines failed; the text is that of their error."""
