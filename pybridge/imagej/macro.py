"""Running one ImageJ macro: on a thread of its own, one at a time, with its failure as a Python exception."""

from __future__ import annotations

import contextlib
import contextvars
import logging
import os
import threading
from collections.abc import Iterator

from pybridge.core import progress
from pybridge.core.errors import CancelledError, MacroError, PyBridgeError
from pybridge.imagej.images import close_images_since, open_ids
from pybridge.imagej.jvm import JavaObject, java_class, java_text
from pybridge.imagej.listener import START
from pybridge.imagej.macro_file import read_macro
from pybridge.imagej.output import heard_output
from pybridge.imagej.stack import call_stack, parse_stack

log = logging.getLogger("pybridge.imagej")

# ImageJ aborts a macro on IJ.error only when the thread's name ends so; its own macro threads are named like this.
_THREAD_NAME = "PyBridge_Macro$"
_SECONDS_TO_STOP = 10.0


class MacroRunner:
    """Runs macros one after the other; ImageJ's state is static, so two at once would spoil each other."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._here = threading.local()
        self._failure: PyBridgeError | None = None
        self._interpreter: JavaObject | None = None
        self._depth = 0

    def failed(self, error: PyBridgeError) -> bool:
        """Take note that a command of ours failed in a macro.

        Returns
        -------
        bool
            Whether the one who started the macro will be told, so that nothing needs to be logged.
        """
        if getattr(self._here, "running", False) and call_stack().macro_depth() == self._depth:
            self._failure = error
            return True
        return False

    def run(self, text_or_path: str | os.PathLike[str], argument: str = "") -> str | None:
        """Run a macro and wait for its end; see ``Gateway.run_macro``."""
        text, name = read_macro(text_or_path)
        if getattr(self._here, "running", False):
            # A macro called us and we call a macro: stay on this thread, which has the lock.
            return self._interpret(text, name, argument)
        with self.alone():
            return self._on_own_thread(text, name, argument)

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Keep macros from running during the block; inside a macro the block is part of it."""
        if getattr(self._here, "running", False):
            yield
            return
        with self._lock:
            yield

    def _on_own_thread(self, text: str, name: str, argument: str) -> str | None:
        outcome = _Outcome()
        cancel = threading.Event()
        callers = contextvars.copy_context()

        def tell_caller(done: int, total: int, what: str) -> None:
            callers.run(progress.report, done, total, what)

        def work() -> None:
            self._here.running = True
            thread_class = java_class("java.lang.Thread")
            outcome.java_thread = thread_class.currentThread()
            outcome.java_thread.setName(_THREAD_NAME)
            try:
                with progress.listen(tell_caller, cancel=cancel):
                    outcome.value = self._interpret(text, name, argument)
            except BaseException as error:  # noqa: BLE001 - handed to the thread that waits
                outcome.error = error
            finally:
                self._here.running = False
                outcome.done.set()
                thread_class.detach()

        thread = threading.Thread(target=work, name="pybridge-macro", daemon=True)
        thread.start()
        try:
            while not outcome.done.wait(0.2):  # with a timeout, so that Ctrl-C gets through on Windows too
                progress.check_cancelled()
        except BaseException:
            cancel.set()
            self._stop(outcome)
            raise
        thread.join(_SECONDS_TO_STOP)
        if outcome.error is not None:
            raise outcome.error
        return outcome.value

    def _stop(self, outcome: _Outcome) -> None:
        """Stop ImageJ's part of a macro; our own part hears the cancel event."""
        interpreter, java_thread = self._interpreter, outcome.java_thread
        if interpreter is not None:
            interpreter.abortMacro()  # first, or the line after a wait(…) that is ended would still run
        if java_thread is not None:
            java_thread.interrupt()
        if not outcome.done.wait(_SECONDS_TO_STOP):
            log.warning("the macro did not stop within %g s; it is left behind", _SECONDS_TO_STOP)

    def _interpret(self, text: str, name: str, argument: str) -> str | None:
        before = open_ids()
        outer = self._failure, self._interpreter, self._depth
        self._failure, self._interpreter, self._depth = None, None, call_stack().macro_depth() + 1
        running_before = java_class("ij.macro.Interpreter").getInstance()
        failed = True
        try:
            value = self._interpret_heard(text, name, argument)
            failed = False
            return value
        finally:
            self._failure, self._interpreter, self._depth = outer
            if failed:
                _reset_imagej(running_before)
            close_images_since(before)

    def _interpret_heard(self, text: str, name: str, argument: str) -> str | None:
        import jpype

        interpreter = java_class("ij.macro.Interpreter")()
        self._interpreter = interpreter
        here = java_class("java.lang.Thread").currentThread()
        with heard_output(here, depth=self._depth) as words:
            try:
                value = interpreter.run(text, argument)
            except jpype.JException as error:
                if not _is_cancel(error):
                    words.release()
                    raise self._as_error(name, java_text(error)) from error
                ended_by_exit = parse_stack(str(java_class("java.util.Arrays").toString(error.getStackTrace()))).runs(
                    "ij.macro.Functions.exit"
                )
                value = None
                if self._failure is not None or words.text or not ended_by_exit:
                    raise self._as_error(name, words.take()) from self._failure
            else:
                if interpreter.wasError():
                    raise self._as_error(name, words.take()) from self._failure
                words.release()
        return None if value is None else str(value)

    def _as_error(self, name: str, text: str) -> PyBridgeError:
        ours = self._failure
        if isinstance(ours, CancelledError):
            return ours
        if ours is not None:
            return MacroError(f"run {name}", found=f"{ours.asked}: {ours.found}", do=ours.do)
        for title in ("Macro Error: ", "No Image: "):
            text = text.removeprefix(title)
        return MacroError(
            f"run {name}", found=text or "it was aborted without a message", do="correct the macro or its input"
        )


class _Outcome:
    """What became of a macro, handed from its thread to the one that waits."""

    def __init__(self) -> None:
        self.done = threading.Event()
        self.value: str | None = None
        self.error: BaseException | None = None
        self.java_thread: JavaObject | None = None


def _is_cancel(error: JavaObject) -> bool:
    return str(error.getMessage()) == str(java_class("ij.Macro").MACRO_CANCELED)


def _reset_imagej(running_before: JavaObject | None) -> None:
    """Clear what an aborted ``run(…)`` leaves behind: stale options, "a macro is running", the dead interpreter."""
    import jpype

    interpreter_class = java_class("ij.macro.Interpreter").class_
    # Not public. Interpreter.abortMacro would do it after two seconds of waiting for a macro that has ended.
    set_instance = interpreter_class.getDeclaredMethod("setInstance", interpreter_class)
    set_instance.setAccessible(True)
    set_instance.invoke(None, jpype.JArray(jpype.JObject)([running_before]))
    java_class("ij.Macro").setOptions(None)
    java_class("ij.IJ").run(START, "after=failure")
