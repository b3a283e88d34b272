"""The other end of the worker's wire, in Python: what the Jython client does, for tests without Java."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pybridge.core.image import Image
from pybridge.worker.work import ACTIVE

_CHECKOUT = str(Path(__file__).resolve().parents[2])


class WorkerFailed(Exception):
    """The worker answered with FAILURE."""


class WorkerCancelled(Exception):
    """The worker answered with CANCELATION."""


class FijiSide:
    """A worker process, and what Fiji says to it.

    Parameters
    ----------
    entry : str, optional
        Python code to start instead of ``python -m pybridge.worker``.
    python : str or path
        The interpreter; default the one of the tests.
    **environment : str
        Further environment variables.
    """

    def __init__(
        self, entry: str | None = None, *, python: str | os.PathLike[str] = sys.executable, **environment: str
    ) -> None:
        start = ["-m", "pybridge.worker"] if entry is None else ["-c", entry]
        self.process = subprocess.Popen(
            [os.fspath(python), "-P", *start],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=os.environ | {"PYTHONPATH": _CHECKOUT} | environment,
        )
        self.updates: list[dict[str, Any]] = []
        self._tasks = 0

    def start(self, verb: str, **inputs: Any) -> str:
        """Send a task without waiting for it."""
        self._tasks += 1
        self._write({"task": str(self._tasks), "requestType": "EXECUTE", "script": verb, "inputs": inputs})
        return str(self._tasks)

    def cancel(self, task: str) -> None:
        """Ask for the end of a task."""
        self._write({"task": task, "requestType": "CANCEL"})

    def answer(self, task: str) -> dict[str, Any]:
        """Wait for the end of a task; notes its updates."""
        return self.answers([task])[0]

    def answers(self, tasks: Iterable[str]) -> list[dict[str, Any]]:
        """Wait for the end of several tasks, in whatever order they end."""
        assert self.process.stdout is not None
        wanted = list(tasks)
        found: dict[str, dict[str, Any]] = {}
        while len(found) < len(wanted):
            line = self.process.stdout.readline()
            if not line:
                raise EOFError("the worker closed the wire")
            response = json.loads(line)
            task, kind = response["task"], response["responseType"]
            if task not in wanted or kind == "LAUNCH":
                continue
            if kind == "UPDATE":
                self.updates.append(response)
            elif kind == "COMPLETION":
                found[task] = dict(response["outputs"])
            elif kind == "CANCELATION":
                raise WorkerCancelled
            else:
                raise WorkerFailed(response["error"])
        return [found[task] for task in wanted]

    def ask(self, verb: str, **inputs: Any) -> dict[str, Any]:
        """Send a task and wait for it."""
        return self.answer(self.start(verb, **inputs))

    def begin(
        self,
        command: str,
        options: str | None,
        pixels: NDArray[Any] | None = None,
        *,
        titles: Sequence[str] = (),
        **form: Any,
    ) -> dict[str, Any]:
        """Begin a call on an image (T, Z, C, Y, X)."""
        fiji = {"imagej": "1.54p", "java": "21", "headless": True, "titles": list(titles)}
        described = None if pixels is None else form_of(pixels, **form)
        return self.ask("begin", command=command, options=options, variables={}, image=described, fiji=fiji)

    def put(self, begun: dict[str, Any], pixels: NDArray[Any], *, name: str = ACTIVE) -> None:
        """Send an image in portions."""
        data, portion = pixels.astype(pixels.dtype.newbyteorder("<")).tobytes(), begun["portion"]
        with open(begun["path"], "r+b", buffering=0) as memory:
            for at in range(0, len(data), portion):
                memory.seek(0)
                part = data[at : at + portion]
                memory.write(part)
                self.ask("put", call=begun["call"], name=name, at=at, count=len(part))

    def call(
        self, command: str, options: str | None, pixels: NDArray[Any] | None = None, **form: Any
    ) -> dict[str, Any]:
        """Do a whole command; the stream of results comes as ``bytes`` in the answer."""
        begun = self.begin(command, options, pixels, **form)
        try:
            return self._call(begun, pixels)
        finally:
            self.ask("end", call=begun["call"])

    def _call(self, begun: dict[str, Any], pixels: NDArray[Any] | None) -> dict[str, Any]:
        with open(begun["path"], "rb", buffering=0) as memory:
            if pixels is not None and ACTIVE in begun["needs"]:
                self.put(begun, pixels)
            found = self.ask("run", call=begun["call"])
            data, count = b"", found["portion"]
            while True:
                memory.seek(0)
                data += memory.read(count)
                count = min(begun["portion"], found["size"] - len(data))
                if not count:
                    break
                self.ask("get", call=begun["call"], at=len(data), count=count)
        return found | {"bytes": data}

    def close(self) -> int:
        """Close the wire, as Fiji does when it ends, and wait for the process."""
        assert self.process.stdin is not None
        if not self.process.stdin.closed:
            self.process.stdin.close()
        code = self.process.wait(20)
        for stream in (self.process.stdout, self.process.stderr):
            if stream is not None:
                stream.close()
        return code

    def _write(self, request: dict[str, Any]) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(request).encode() + b"\n")
        self.process.stdin.flush()

    def __enter__(self) -> FijiSide:
        return self

    def __exit__(self, *error: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.close()


def form_of(pixels: NDArray[Any], **other: Any) -> dict[str, Any]:
    """Describe an image (T, Z, C, Y, X) as the client describes an ImagePlus."""
    frames, slices, channels, height, width = pixels.shape
    kind = {"u1": 0, "u2": 1, "f4": 2, "u4": 4}[pixels.dtype.str[1:]]
    form: dict[str, Any] = {
        "title": "my cells.tif",
        "short_title": "mycells",
        "type": kind,
        "width": width,
        "height": height,
        "channels": channels,
        "slices": slices,
        "frames": frames,
        "hyperstack": frames * slices * channels > 1,
        "signed": False,
        "pixel_size": [0.5, 0.25, 2],
        "origin": [0, 0, 0],
        "unit": "µm",
        "time_unit": "sec",
        "frame_interval": 0.0,
        "labels": [],
        "path": None,
        "folder": None,
        "info": "",
        "inverting": False,
        "selected": False,
    }
    return form | other


def canonical(image: Image) -> NDArray[Any]:
    """Give an image's pixels as (T, Z, C, Y, X)."""
    return np.asarray(image.tzcyx())
