"""ImageJ's window, when it was started with one: opening it, and Plugins > PyBridge."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable

from pybridge.core.errors import CancelledError, PyBridgeError
from pybridge.imagej.commands import declarations, macro_commands
from pybridge.imagej.dialog import ask_options
from pybridge.imagej.ending import COMMAND_THREADS
from pybridge.imagej.jvm import java_class, java_errors, java_text
from pybridge.imagej.listener import CommandListener
from pybridge.imagej.recorder import record_command, recorder_paused

_TITLE = "PyBridge"
# Executer asks the listeners first, so that this is never run; a command without a class is not found by its name.
_STAND_IN = 'ij.plugin.SimpleCommands("pybridge")'

log = logging.getLogger("pybridge.imagej")


def open_window() -> None:
    """Show ImageJ's window. Closing it does not end Python.

    Raises
    ------
    ImageJError
        If there is no display that Java can use.
    """
    with java_errors("open ImageJ's window"):
        imagej = java_class("ij.ImageJ")
        imagej(imagej.EMBEDDED)


def add_menu(
    listener: CommandListener, *, alone: Callable[[], contextlib.AbstractContextManager[None]]
) -> Callable[[], None]:
    """Put the commands into Plugins > PyBridge and let clicks open their dialogs.

    Parameters
    ----------
    listener : CommandListener
        It hears of clicks.
    alone : callable
        Gives a block during which no macro of Python's runs.

    Returns
    -------
    callable
        Takes the menu away again.
    """
    menus, window = java_class("ij.Menus"), java_class("ij.IJ").getInstance()
    plugins, known = menus.getImageJMenu("Plugins"), menus.getCommands()
    names = list(macro_commands())
    if plugins is None or any(known.get(name) is not None for name in names):
        return lambda: None  # a Fiji with PyBridge's own scripts in its menus
    menu = java_class("java.awt.Menu")(_TITLE)
    for name in names:
        item = java_class("java.awt.MenuItem")(name)
        item.addActionListener(window)
        menu.add(item)
        known.put(name, _STAND_IN)
    plugins.add(menu)
    listener.clicked = lambda name: _start(name, alone)

    def remove() -> None:
        listener.clicked = None
        plugins.remove(menu)
        for name in names:
            known.remove(name)

    return remove


def _start(name: str, alone: Callable[[], contextlib.AbstractContextManager[None]]) -> None:
    """Do a clicked command on a thread of its own: ImageJ's holds a lock that other commands need."""
    threading.Thread(target=_do, args=(name, alone), name=f"{COMMAND_THREADS}{name}", daemon=True).start()


def _do(name: str, alone: Callable[[], contextlib.AbstractContextManager[None]]) -> None:
    import jpype

    try:
        command = declarations().get(name)
        options = None if command is None else ask_options(command)
        if command is not None and options is None:
            return  # the dialog was cancelled
        with alone(), recorder_paused():  # windows that come to the front would be recorded before our own line
            macro_commands()[name](options)
        if options is not None:
            record_command(name, options)
    except CancelledError:
        java_class("ij.IJ").showStatus(f"{name}: stopped")
    except PyBridgeError as error:
        _tell(name, f"{error.asked}:\n{error.found}.\nTo do: {error.do}")
    except jpype.JException as error:
        _tell(name, java_text(error))
    except Exception as error:
        log.exception("%s failed", name)
        _tell(name, f"{type(error).__name__}: {error}\nTo do: report this with the log (it is a fault of PyBridge)")
    finally:
        java_class("java.lang.Thread").detach()


def _tell(title: str, text: str) -> None:
    java_class("ij.IJ").showMessage(title, text)
