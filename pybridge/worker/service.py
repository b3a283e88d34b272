"""The loop: requests to tasks, tasks to threads, progress and errors back. Appose's worker protocol.

Requests are ``EXECUTE`` (task, script, inputs) and ``CANCEL`` (task); responses ``LAUNCH``, ``UPDATE``, and one of
``COMPLETION``, ``CANCELATION`` and ``FAILURE``.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from pybridge.core import progress
from pybridge.core.errors import CancelledError, PyBridgeError, did_you_mean
from pybridge.worker.wire import Wire

Verb = Callable[[dict[str, Any]], dict[str, Any]]
"""Does one thing: inputs of the task in, outputs out. Runs under the task's progress and cancel."""

log = logging.getLogger("pybridge.worker")

_SECONDS_BETWEEN_UPDATES = 0.05
_SECONDS_TO_STOP = 5.0


class Service:
    """Serves the tasks of one Fiji.

    Parameters
    ----------
    wire : Wire
        Where they come from.
    verbs : mapping of str to callable
        What can be asked for.
    """

    def __init__(self, wire: Wire, verbs: Mapping[str, Verb]) -> None:
        self._wire = wire
        self._verbs = verbs
        self._cancels: dict[str, progress.Cancel] = {}
        self._threads: dict[str, threading.Thread] = {}

    def serve(self) -> None:
        """Serve until the other side closes the wire or dies; then stop what runs."""
        for request in self._wire.requests():
            task = str(request.get("task"))
            kind = request.get("requestType")
            if kind == "EXECUTE":
                self._start(task, str(request.get("script")), request.get("inputs") or {})
            elif kind == "CANCEL":
                cancel = self._cancels.get(task)
                if cancel is not None:
                    cancel.set()
            else:
                log.warning("no such request: %r", kind)
        self._stop_all()

    def _start(self, task: str, verb: str, inputs: dict[str, Any]) -> None:
        self._cancels[task] = progress.Cancel()
        thread = threading.Thread(target=self._run, args=(task, verb, inputs), name=f"pybridge-{verb}", daemon=True)
        self._threads[task] = thread
        thread.start()

    def _run(self, task: str, verb: str, inputs: dict[str, Any]) -> None:
        self._respond(task, "LAUNCH")
        try:
            with progress.listen(self._teller(task), cancel=self._cancels[task]):
                outputs = self._verb(verb)(inputs)
        except CancelledError:
            self._respond(task, "CANCELATION")
        except BaseException as error:  # noqa: BLE001 - the one who asked must hear of it, whatever it is
            self._respond(task, "FAILURE", {"error": _message(error, verb)})
        else:
            self._respond(task, "COMPLETION", {"outputs": outputs})
        finally:
            self._cancels.pop(task, None)
            self._threads.pop(task, None)

    def _verb(self, name: str) -> Verb:
        verb = self._verbs.get(name)
        if verb is None:
            raise PyBridgeError(
                f"the verb {name!r}", found="the worker does not know it", do=did_you_mean(name, self._verbs)
            )
        return verb

    def _teller(self, task: str) -> progress.Listener:
        last = 0.0

        def tell(done: int, total: int, what: str) -> None:
            nonlocal last
            now = time.monotonic()
            if now - last >= _SECONDS_BETWEEN_UPDATES or done == total:
                last = now
                self._respond(task, "UPDATE", {"message": what, "current": done, "maximum": max(total, 1)})

        return tell

    def _respond(self, task: str, kind: str, content: Mapping[str, Any] | None = None) -> None:
        self._wire.respond({"task": task, "responseType": kind, **(content or {})})

    def _stop_all(self) -> None:
        for cancel in list(self._cancels.values()):
            cancel.set()
        end = time.monotonic() + _SECONDS_TO_STOP
        for thread in list(self._threads.values()):
            thread.join(max(0.0, end - time.monotonic()))


def _message(error: BaseException, verb: str) -> str:
    if isinstance(error, PyBridgeError):
        return str(error)
    log.error("%s failed", verb, exc_info=error)
    if isinstance(error, MemoryError):
        return str(
            PyBridgeError(
                "do the work",
                found=f"too little memory in PyBridge's Python process ({error})".replace(" ()", ""),
                do="close other programs, or use a part of the image (Image > Duplicate...)",
            )
        )
    found = f"{type(error).__name__}: {error}".rstrip(": ")
    return str(
        PyBridgeError(
            "do the work", found=found, do="report this with the lines in Window > Console (a PyBridge fault)"
        )
    )
