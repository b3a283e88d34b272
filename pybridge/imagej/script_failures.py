"""What ended a ``#@`` script: the exception that SciJava only logs, and what it says to people."""

from __future__ import annotations

import itertools
import logging
import re

from pybridge.core.errors import MacroError
from pybridge.imagej.jvm import JavaObject, java_class
from pybridge.imagej.stack import call_stack

_NORMAL_END = re.compile(r"^SystemExit(: (0|None))?$", re.MULTILINE)

log = logging.getLogger("pybridge.imagej")


class Failures:
    """Hears what SciJava only logs: the exception that ended a script."""

    def __init__(self, context: JavaObject) -> None:
        import jpype

        self.thrown: JavaObject | None = None
        self._log = context.service(java_class("org.scijava.log.LogService"))
        self._listener = jpype.JProxy("org.scijava.log.LogListener", dict={"messageLogged": self._hear})

    def __enter__(self) -> Failures:
        self._log.addLogListener(self._listener)
        return self

    def __exit__(self, *_: object) -> None:
        self._log.removeLogListener(self._listener)

    def _hear(self, message: JavaObject) -> None:
        thrown = message.throwable()
        if thrown is not None and self.thrown is None and ends_a_script():
            log.info("%s", thrown)
            if not _NORMAL_END.search(str(thrown.toString())):
                self.thrown = thrown


def ends_a_script() -> bool:
    """Say whether what is being logged here ended a script, and is not something that the script itself logs."""
    methods = iter(call_stack().methods)
    inside = itertools.dropwhile(lambda method: not method.startswith("org.scijava.log."), methods)
    callers = itertools.dropwhile(lambda method: method.startswith("org.scijava.log."), inside)
    return next(callers, "") == "org.scijava.script.ScriptModule.run"


def thrown_to_error(thrown: JavaObject, asked: str) -> MacroError:
    """Say what an exception says: of a Jython traceback the last line and the line number, of Java's its message."""
    lines = [line for line in str(thrown.toString()).splitlines() if line.strip()]
    text, place = " ".join(line.strip() for line in lines), ""
    if lines and lines[0].startswith("Traceback"):
        text = lines[-1].strip()
        kind, _, said = text.partition(": ")
        if said.startswith(f"{kind}:"):
            text = said  # Jython names a Java exception twice
        script = lines[1].split(", ")[0]
        places = [line.split(", ")[1].strip() for line in lines if line.startswith(script)]
        place = f" ({places[-1]})"
    text = text.removeprefix("java.lang.RuntimeException: ")
    if text == java_class("ij.Macro").MACRO_CANCELED:
        text = "ImageJ stopped it, for what it said above"
    # An error of ours, from the client or a command, says itself what to do.
    found, _, do = text.partition(". To do: ")
    return MacroError(asked, found=found + place, do=do or "correct the script or its input")
