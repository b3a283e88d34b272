"""Message boxes that end a macro, in an ImageJ with a window: their text goes into the error, and nobody has to click.

Boxes that a macro shows on purpose (``showMessage``, dialogs) stay.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from pybridge.imagej.jvm import JavaObject, java_class
from pybridge.imagej.stack import FATAL, parse_stack

if TYPE_CHECKING:
    from pybridge.imagej.output import LastWords

_WINDOW_OPENED = 200

log = logging.getLogger("pybridge.imagej")


@contextlib.contextmanager
def heard_boxes(thread: JavaObject, words: LastWords) -> Iterator[None]:
    """Close the boxes with which ImageJ would end the macro that runs on a thread, and keep their text.

    Parameters
    ----------
    thread : java.lang.Thread
        The thread of the macro.
    words : LastWords
        Gets the text.
    """
    import jpype

    if bool(java_class("java.awt.GraphicsEnvironment").isHeadless()):
        yield
        return

    def dispatched(event: Any) -> None:
        try:
            if int(event.getID()) == _WINDOW_OPENED:
                _opened(event.getSource(), thread, words)
        except Exception:  # an error here would surface as a Java error on the thread of the windows
            log.warning("a message box was not understood", exc_info=True)

    listener = jpype.JProxy("java.awt.event.AWTEventListener", dict={"eventDispatched": dispatched})
    toolkit = java_class("java.awt.Toolkit").getDefaultToolkit()
    toolkit.addAWTEventListener(listener, java_class("java.awt.AWTEvent").WINDOW_EVENT_MASK)
    try:
        yield
    finally:
        toolkit.removeAWTEventListener(listener)


def _opened(window: JavaObject, thread: JavaObject, words: LastWords) -> None:
    if not isinstance(window, java_class("java.awt.Dialog")):
        return
    stack = parse_stack(str(java_class("java.util.Arrays").toString(thread.getStackTrace())))
    if not any(map(stack.runs, FATAL)):
        return
    text = "\n".join(line for line in _lines(window) if line.strip())
    if words.are(stack):
        words.keep(text, pass_on=_pass_on)
    else:
        _pass_on(text)  # of a macro that another macro called, and that it may survive
    window.dispose()


def _pass_on(text: str) -> None:
    java_class("ij.IJ").log(text)


def _lines(part: JavaObject) -> list[str]:
    """Gather the text of a box."""
    if isinstance(part, java_class("ij.gui.MultiLineLabel")):
        field = part.getClass().getDeclaredField("lines")
        field.setAccessible(True)
        return [str(line) for line in field.get(part)]
    if isinstance(part, java_class("java.awt.Label")):
        return [str(part.getText())]
    if isinstance(part, java_class("java.awt.Container")):
        return [line for child in part.getComponents() for line in _lines(child)]
    return []
