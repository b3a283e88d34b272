"""Progress and cancelling by context variable, so that an algorithm runs unchanged in a script, the worker and a test.

A door installs a listener with ``listen``; the algorithm calls ``report`` and never knows who hears it. Work that
starts threads must run them in ``contextvars.copy_context()``.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from contextvars import ContextVar

from pybridge.core.errors import CancelledError

Listener = Callable[[int, int, str], None]

_listener: ContextVar[Listener | None] = ContextVar("pybridge_progress_listener", default=None)
_cancel: ContextVar[threading.Event | None] = ContextVar("pybridge_cancel_event", default=None)


class Cancel(threading.Event):
    """A cancel event that also reaches native code, which cannot look for it: see ``stopping``."""

    def __init__(self) -> None:
        super().__init__()
        self._stops: list[Callable[[], None]] = []

    def set(self) -> None:
        """Cancel the work."""
        super().set()
        for stop in tuple(self._stops):
            stop()

    @contextlib.contextmanager
    def stopping(self, stop: Callable[[], None]) -> Iterator[None]:
        """Have ``stop`` called when the work is cancelled during the block."""
        self._stops.append(stop)
        try:
            if self.is_set():
                stop()
            yield
        finally:
            self._stops.remove(stop)


@contextlib.contextmanager
def listen(listener: Listener | None, *, cancel: threading.Event | None = None) -> Iterator[None]:
    """Hear the progress of everything that runs inside the block.

    Parameters
    ----------
    listener : callable or None
        Called as ``listener(done, total, what)``.
    cancel : threading.Event, optional
        When it is set, the next ``report`` or ``check_cancelled`` inside the block raises ``CancelledError``.

    Examples
    --------
    >>> heard = []
    >>> with listen(lambda done, total, what: heard.append((done, total))):
    ...     report(1, 2, "tile")
    >>> heard
    [(1, 2)]
    """
    token = _listener.set(listener)
    cancel_token = _cancel.set(cancel if cancel is not None else _cancel.get())
    try:
        yield
    finally:
        _listener.reset(token)
        _cancel.reset(cancel_token)


@contextlib.contextmanager
def stopping(stop: Callable[[], None]) -> Iterator[None]:
    """Have ``stop`` called, from another thread, when the work is cancelled by a ``Cancel`` during the block.

    Examples
    --------
    >>> cancel, heard = Cancel(), []
    >>> with listen(None, cancel=cancel), stopping(lambda: heard.append("stopped")):
    ...     cancel.set()
    >>> heard
    ['stopped']
    """
    event = _cancel.get()
    if not isinstance(event, Cancel):
        yield
        return
    with event.stopping(stop):
        yield


def report(done: int, total: int, what: str) -> None:
    """Say how far the work is; raises ``CancelledError`` when the user has stopped it."""
    check_cancelled()
    listener = _listener.get()
    if listener is not None:
        listener(done, total, what)


def check_cancelled() -> None:
    """Raise ``CancelledError`` when the user has stopped the work."""
    event = _cancel.get()
    if event is not None and event.is_set():
        raise CancelledError("finish the work", found="it was stopped by the user", do="start it again when you like")
