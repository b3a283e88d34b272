"""Macros reach PyBridge here: run("PyBridge ...") arrives before ImageJ looks for a command of that name.

A script command called from a macro would leave the wrong image active, and its errors would not stop the macro. A
listener works in the macro's own thread and does both right.
"""

from __future__ import absolute_import

import traceback

from ij import CommandListener, Executer, IJ, Macro, WindowManager
from ij.macro import Interpreter
from java.lang import RuntimeException, Thread, Throwable

from pybridge_client import commands
from pybridge_client.failures import failure, is_cancel

KEY = "pybridge.listener"
PREFIX = "PyBridge "
START = "PyBridge Start"


class Listener(CommandListener):
    """Takes the calls of macros, and those with options; a click in the menu falls through to the script's dialog."""

    def commandExecuting(self, command):  # noqa: N802 - ImageJ's name
        """Do a command of ours and give None, or leave it to ImageJ."""
        name = command[:-3] if command.endswith("...") else command
        if not name.startswith(PREFIX):
            return command
        in_macro = is_in_macro()
        options = Macro.getOptions()
        if options is None and not in_macro:
            return command
        if name == START:
            return None
        try:
            commands.run_command(name, None if options is None else options.strip())
        except RuntimeException as error:
            _stop(error, in_macro)
        except Throwable as error:
            _stop(_fault(name, error.toString()), in_macro)
        except Exception as error:
            IJ.log(traceback.format_exc())
            _stop(_fault(name, "%s: %s" % (type(error).__name__, error)), in_macro)
        return None


def install():
    """Let macros call PyBridge; a second time replaces the listener of the first."""
    remove()
    listener = Listener()
    Executer.addCommandListener(listener)
    IJ.setProperty(KEY, listener)


def remove():
    """Let ImageJ forget the listener."""
    installed = IJ.getProperty(KEY)
    if installed is not None:
        Executer.removeCommandListener(installed)
        IJ.setProperty(KEY, None)


def is_installed():
    """Whether macros can call PyBridge."""
    return IJ.getProperty(KEY) is not None


def is_in_macro():
    """Whether a macro calls. IJ.isMacro() stays true after an error, and an inner macro that was aborted takes the
    Interpreter away from the outer one that goes on, hence the look at the stack."""
    if Interpreter.getInstance() is not None:
        return True
    return any(frame.getClassName() == "ij.macro.Interpreter" for frame in Thread.currentThread().getStackTrace())


def _fault(name, found):
    return failure('run("%s", ...)' % name, found, "report this with the lines of the Log (it is a fault of PyBridge)")


def _stop(error, in_macro):
    """Stop the macro with one message."""
    Macro.setOptions(None)
    if not in_macro:
        # IJ.run(imp, ...) makes its image the current one of this thread and does not take that back on an error; a
        # script that goes on would find it with IJ.getImage(). A macro's is what it selected.
        WindowManager.setTempCurrentImage(None)
    if not is_cancel(error):
        IJ.log(error.getMessage())
    raise RuntimeException(Macro.MACRO_CANCELED if in_macro else error.getMessage())
