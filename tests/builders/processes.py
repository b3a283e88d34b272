"""Processes of the command line that a test can interrupt."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

_AS_A_PERSON_STARTS_IT = (
    "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); from pybridge.cli import entry; entry()"
)


@contextmanager
def running_pybridge(*words: str) -> Iterator[subprocess.Popen[str]]:
    """Run ``pybridge`` with these words until the block ends; whatever happens, no process is left behind.

    A shell starts background jobs with SIGINT ignored, and children inherit that: a test run started so could never
    be interrupted. The process gets the default back, as one that a person starts has it.
    """
    process = subprocess.Popen(
        [sys.executable, "-c", _AS_A_PERSON_STARTS_IT, *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        with process:
            yield process
    finally:
        process.kill()
        process.wait()
