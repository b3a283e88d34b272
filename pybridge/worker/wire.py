"""The wire: one JSON object a line, in and out. Imports nothing but the standard library."""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Iterator
from typing import Any, BinaryIO


class Wire:
    """Reads requests and writes responses; writing is safe from several threads.

    Parameters
    ----------
    source, target : binary file
        What Fiji writes to us, and where it reads.

    Examples
    --------
    >>> import io
    >>> wire = Wire(io.BytesIO(b'{"task": "a"}\\n'), io.BytesIO())
    >>> list(wire.requests())
    [{'task': 'a'}]
    """

    def __init__(self, source: BinaryIO, target: BinaryIO) -> None:
        self._source = source
        self._target = target
        self._lock = threading.Lock()

    def requests(self) -> Iterator[dict[str, Any]]:
        """Give what comes in until the other side closes the wire."""
        for line in self._source:
            if line.strip():
                yield json.loads(line)

    def respond(self, response: dict[str, Any]) -> None:
        """Write one object; a wire that the other side has closed is of no matter here, reading it ends too."""
        # Plain ASCII: the reader decodes with whatever encoding its Java has.
        data = json.dumps(response, ensure_ascii=True).encode("ascii") + b"\n"
        with self._lock:
            try:
                self._target.write(data)
                self._target.flush()
            except OSError:
                return


def take_wire() -> Wire:
    """Keep stdin and stdout for the wire, and give everybody else in this process /dev/null and stderr.

    Whatever prints from now on, Python or a native library, lands on stderr; whatever reads stdin gets nothing.
    """
    source, target = os.dup(0), os.dup(1)
    os.dup2(2, 1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - as long as the process
    return Wire(open(source, "rb"), open(target, "wb"))
