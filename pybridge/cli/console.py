"""The one place that writes to the terminal: results on stdout, errors and progress on stderr."""

from __future__ import annotations

import contextlib
import logging
import sys
import time
from collections.abc import Iterator
from typing import TextIO

from pybridge.core import progress

_BAR_WIDTH = 24
_bar_shown = False


def line(text: str = "") -> None:
    """Write one line of result."""
    _clear_bar()
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def error(text: str) -> None:
    """Write one error message."""
    _clear_bar()
    sys.stderr.write(f"pybridge: {text}\n")
    sys.stderr.flush()


def use_utf8() -> None:
    """Write every letter of a file name, whatever the terminal's code page: unknown ones as escapes, never an error."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def log_to_stderr(level: int) -> None:
    """Show log records of this level and above."""
    handler = _BarAwareHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(name)s: %(message)s"))
    logger = logging.getLogger("pybridge")
    logger.handlers = [each for each in logger.handlers if not isinstance(each, _BarAwareHandler)] + [handler]
    logger.setLevel(level)
    # What it says of a damaged file in its own words would stand before our one message.
    logging.getLogger("tifffile").addHandler(logging.NullHandler())


@contextlib.contextmanager
def progress_bar(*, quiet: bool) -> Iterator[None]:
    """Draw a bar on stderr for the work inside the block, when a person is looking and it takes long."""
    if quiet or not sys.stderr.isatty():
        yield
        return
    start = time.monotonic()

    def draw(done: int, total: int, what: str) -> None:
        global _bar_shown
        if time.monotonic() - start < 0.5:  # quick work needs no bar
            return
        filled = _BAR_WIDTH * done // max(total, 1)
        bar = "█" * filled + "·" * (_BAR_WIDTH - filled)
        sys.stderr.write(f"\r\033[K{bar} {done}/{total} {what[:60]}")
        sys.stderr.flush()
        _bar_shown = True

    try:
        with progress.listen(draw):
            yield
    finally:
        _clear_bar()


class _BarAwareHandler(logging.StreamHandler[TextIO]):
    def emit(self, record: logging.LogRecord) -> None:
        _clear_bar()
        super().emit(record)


def _clear_bar() -> None:
    global _bar_shown
    if _bar_shown:
        sys.stderr.write("\r\033[K")
        _bar_shown = False
