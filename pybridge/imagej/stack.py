"""Where on the Java call stack we are: whose macro runs, and what in ImageJ is speaking."""

from __future__ import annotations

from dataclasses import dataclass

from pybridge.imagej.jvm import java_class

_INTERPRETER = "ij.macro.Interpreter."
_MACRO_STARTS = (_INTERPRETER + "run", _INTERPRETER + "eval", _INTERPRETER + "runMacro")

FATAL = ("ij.macro.Functions.exit", "ij.macro.Interpreter.showError", "ij.IJ.error")
"""The methods that tell the text with which a macro ends: in a message box, or printed when there is no display."""


@dataclass(frozen=True, slots=True)
class CallStack:
    """The Java methods that are running on this thread, innermost first, as ``class.method``."""

    methods: tuple[str, ...]

    def macro_depth(self) -> int:
        """Count the macros that run inside each other here: 0 is none, 1 is the outermost."""
        callers = (*self.methods[1:], "")
        return sum(
            1
            for method, caller in zip(self.methods, callers, strict=True)
            if method in _MACRO_STARTS and not caller.startswith(_INTERPRETER)
        )

    def runs(self, method: str) -> bool:
        """Say whether a method, such as ``ij.IJ.error``, is running."""
        return method in self.methods


def call_stack() -> CallStack:
    """Read the Java call stack of this thread, in one call because each call into Java costs microseconds."""
    elements = java_class("java.lang.Thread").currentThread().getStackTrace()
    text = str(java_class("java.util.Arrays").toString(elements))
    return parse_stack(text)


def parse_stack(text: str) -> CallStack:
    """Read what ``Arrays.toString`` makes of stack trace elements.

    Examples
    --------
    >>> parse_stack("[java.base/java.lang.Thread.run(Thread.java:1583), ij.IJ.error(IJ.java:82)]").methods
    ('java.lang.Thread.run', 'ij.IJ.error')
    """
    frames = text.strip("[]").split(", ")
    return CallStack(tuple(frame.split("(", 1)[0].rsplit("/", 1)[-1] for frame in frames))
