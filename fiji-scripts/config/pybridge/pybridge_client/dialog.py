"""What the script commands of the menu do once their dialog was answered. Jython 2.7, inside Fiji."""

from __future__ import absolute_import

from ij import IJ
from ij.macro import Interpreter
from java.io import File
from java.lang import Boolean, RuntimeException

from pybridge_client import commands, listener
from pybridge_client.failures import is_cancel


def run_from_dialog(name, variables, keys):
    """Run a command with what its dialog gave.

    A macro's call arrives here only when nothing listens to macros: then the macro is stopped, since it would go on
    with the wrong image active. An error is shown; without a window it is raised.

    name: the command, such as "PyBridge Segment". variables: the script's variables. keys: those that are options.
    """
    if listener.is_in_macro() and not listener.is_installed():
        _stop_macro(name)
        return
    try:
        commands.run_command(name, options_of(variables, keys))
    except RuntimeException as error:  # what the client raises
        if is_cancel(error):
            return
        if IJ.getInstance() is None:
            raise
        IJ.error(name, error.getMessage())


def options_of(variables, keys):
    """Write the variables of a script as the options of a macro call; those left empty are left out."""
    options = []
    for key in keys.split():
        value = variables.get(key)
        if value is None or value == "":
            continue
        if isinstance(value, (bool, Boolean)):
            text = "true" if value else "false"
        elif isinstance(value, File):
            text = value.getAbsolutePath()
        else:
            text = unicode(value)  # noqa: F821 - Jython is Python 2
        options.append(key + "=" + _quoted(text))
    return " ".join(options)


def _quoted(text):
    return "[" + text + "]" if any(letter.isspace() or letter in "[]" for letter in text) else text


def _stop_macro(name):
    IJ.log(
        'run("%s", ...): PyBridge does not listen to macros yet. '
        'To do: put run("PyBridge Start"); as the first line of the macro.' % name
    )
    Interpreter.abort()
