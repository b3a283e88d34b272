"""Processes of their own: code, and the command line, which a test can interrupt."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_AS_A_PERSON_STARTS_IT = (
    "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); from pybridge.cli import entry; entry()"
)


def python(code: str, *, timeout_s: float = 60) -> subprocess.CompletedProcess[str]:
    """Run code in a Python of its own: Java starts once in a process only."""
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=timeout_s, check=False)


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


def interrupt(process: subprocess.Popen[str], *, once: Callable[[], object], timeout_s: float = 60) -> str:
    """Send SIGINT once something is true, and wait for the end; gives what was said on stderr."""
    end = time.monotonic() + timeout_s
    while not once() and time.monotonic() < end:
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    return process.communicate(timeout=timeout_s)[1]
