"""ImageJ's status bar shows the progress of our work, and Esc stops it."""

from __future__ import annotations

import contextlib
import contextvars
from collections.abc import Iterator

from pybridge.core import progress
from pybridge.core.errors import CancelledError
from pybridge.imagej.jvm import java_class


@contextlib.contextmanager
def shown_in_status_bar() -> Iterator[None]:
    """Show the progress of everything inside the block in ImageJ; those who listened before still hear it."""
    ij = java_class("ij.IJ")
    outside = contextvars.copy_context()
    ij.resetEscape()

    def show(done: int, total: int, what: str) -> None:
        if ij.escapePressed():
            raise CancelledError("finish the work", found="Esc was pressed", do="start it again when you like")
        ij.showStatus(what)
        ij.showProgress(done, max(total, 1))
        outside.run(progress.report, done, total, what)

    try:
        with progress.listen(show):
            yield
    finally:
        ij.showProgress(1.0)
