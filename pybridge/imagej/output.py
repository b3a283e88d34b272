"""What a macro writes to Java's System.out and System.err: passed on to Python, its last words kept for the error."""

from __future__ import annotations

import contextlib
import logging
import sys
from collections.abc import Callable, Iterator
from typing import TextIO

from pybridge.imagej.boxes import heard_boxes
from pybridge.imagej.jvm import JavaObject, java_class
from pybridge.imagej.stack import FATAL, CallStack, call_stack

log = logging.getLogger("pybridge.imagej")


class LastWords:
    """The text with which ImageJ ends a macro, kept back so that it is told once, in the error.

    Text that turns out to have ended nothing (an error that a plugin survived) is passed on after all.

    Parameters
    ----------
    depth : int
        How many macros run inside each other when ours runs; what an inner one says is no end of ours.
    """

    def __init__(self, depth: int) -> None:
        self.text = ""
        self._depth = depth
        self._passed_on: Callable[[str], None] | None = None

    def are(self, stack: CallStack) -> bool:
        """Say whether what is being printed ends our macro, not one that another macro called."""
        return stack.macro_depth() == self._depth and any(map(stack.runs, FATAL))

    def keep(self, text: str, *, pass_on: Callable[[str], None]) -> None:
        """Keep a text that may be the last; an earlier one was not."""
        self.release()
        self.text = text
        self._passed_on = pass_on

    def extend(self, text: str) -> None:
        """Add the rest of the same message (Java 11 writes the line end by itself)."""
        self.text += text

    def release(self) -> None:
        """Pass on what was kept: the macro went on."""
        if self._passed_on is not None:
            self._passed_on(self.text)
        self.text, self._passed_on = "", None

    def take(self) -> str:
        """Hand over what was kept, as one line."""
        lines = [line.strip() for line in self.text.splitlines()]
        self.text, self._passed_on = "", None
        return " ".join(line for line in lines if line)


class JavaStream:
    """Takes what Java writes to one stream and hands it to a Python stream, at once."""

    def __init__(self, target: TextIO, words: LastWords, thread: JavaObject) -> None:
        self._target = target
        self._words = words
        self._thread = thread
        self._read = True

    def write(self, buffer: JavaObject) -> int:
        """Take the bytes of a Java buffer (this is ``WritableByteChannel.write``)."""
        import jpype

        count = int(buffer.remaining())
        data = jpype.JArray(jpype.JByte)(count)
        buffer.get(data)
        try:
            self._take(bytes(memoryview(data)).decode("utf-8", errors="replace"))
        except BrokenPipeError:
            # Whoever read it, `head` for example, has had enough; the macro's work goes on, as its files are wanted.
            self._read = False
            log.warning("nobody reads what the macro prints any more; it is dropped from here on")
        except Exception:  # an error here would surface as a Java error inside a print statement
            log.warning("a line that Java printed was lost", exc_info=True)
        return count

    def _take(self, text: str) -> None:
        if java_class("java.lang.Thread").currentThread() == self._thread:
            if self._words.are(call_stack()):
                if text.strip():
                    self._words.keep(text, pass_on=self._pass_on)
                else:
                    self._words.extend(text)
                return
            self._words.release()
        self._pass_on(text)

    def _pass_on(self, text: str) -> None:
        if not self._read:
            return
        self._target.write(text)
        self._target.flush()


@contextlib.contextmanager
def heard_output(thread: JavaObject, *, depth: int) -> Iterator[LastWords]:
    """Hear what Java prints inside the block, and what the boxes say that would end the macro.

    Parameters
    ----------
    thread : java.lang.Thread
        The thread that runs the macro; what other threads print is passed on as it comes.
    depth : int
        1 for a macro that no other macro called.

    Yields
    ------
    LastWords
        Holds the text that ended the macro, if anything did.
    """
    words = LastWords(depth)
    with heard_boxes(thread, words), _heard_streams(words, thread):
        yield words


@contextlib.contextmanager
def _heard_streams(words: LastWords, thread: JavaObject) -> Iterator[None]:
    system = java_class("java.lang.System")
    before = system.out, system.err
    system.setOut(_print_stream(JavaStream(sys.stdout, words, thread)))
    system.setErr(_print_stream(JavaStream(sys.stderr, words, thread)))
    try:
        yield
    finally:
        system.setOut(before[0])
        system.setErr(before[1])


def _print_stream(stream: JavaStream) -> JavaObject:
    import jpype

    channel = jpype.JProxy(
        "java.nio.channels.WritableByteChannel",
        dict={"write": stream.write, "isOpen": lambda: True, "close": lambda: None},
    )
    out = java_class("java.nio.channels.Channels").newOutputStream(channel)
    return java_class("java.io.PrintStream")(out, True, "UTF-8")
