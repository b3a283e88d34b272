"""What the script commands of the menu do once their dialog was answered, and dialogs that offer the open images.

Jython 2.7, inside Fiji.
"""

from __future__ import absolute_import

import json

from ij import IJ, WindowManager
from ij.gui import GenericDialog
from ij.macro import Interpreter
from ij.plugin.frame import Recorder
from java.awt import GraphicsEnvironment
from java.io import File
from java.lang import Boolean, RuntimeException

from pybridge_client import commands, listener
from pybridge_client.calls import open_images
from pybridge_client.failures import failure, is_cancel
from pybridge_client.recorder import recorder_paused

COLUMNS, MOST_COLUMNS = 24, 48


def run_from_dialog(name, variables, keys):
    """Run a command with what its dialog gave.

    A macro's call arrives here only when nothing listens to macros: then the macro is stopped, since it would go on
    with the wrong image active. An error is shown; without a window it is raised.

    name: the command, such as "PyBridge Segment". variables: the script's variables. keys: those that are options.
    """
    _run(name, lambda: options_of(variables, keys))


def ask_and_run(name, described):
    """Ask with a dialog that offers the open images, and run a command with the answers.

    name: the command. described: the fields as JSON, which the package writes from the declaration.
    """

    def ask():
        if GraphicsEnvironment.isHeadless():
            raise failure("ask for the options of %s" % name, "there is no window", 'use run("%s", "...")' % name)
        answers = ask_fields(name, json.loads(described))
        return None if answers is None else record_answers(answers)

    _run(name, ask)


def ask_fields(name, fields):
    """Show the dialog; gives (key, text) pairs of what was answered, or None when it was cancelled."""
    opened, active = open_images(), WindowManager.getCurrentImage()
    titles = [imp.getTitle() for imp in opened]
    place = next((at for at in range(len(opened)) if active is not None and opened[at].getID() == active.getID()), None)
    # The dialog would record its own spelling of the keys.
    with recorder_paused():
        dialog = GenericDialog(name)
        for field in fields:
            _add_field(dialog, field, titles, place)
        dialog.addHelp(_help(name, fields))
        dialog.showDialog()
        if dialog.wasCanceled():
            return None
        answers = [(field, _answer(dialog, field, titles)) for field in fields]
    return [
        (field["key"], answer)
        for field, answer in answers
        if field["kind"] == "boolean" or answer not in ("", field.get("default", ""))
    ]


def record_answers(answers):
    """Tell the macro recorder the keys and their values, as the options of the command that it is writing down."""
    if IJ.recording():
        for key, answer in answers:
            Recorder.recordOption(key, answer)
    return " ".join("%s=%s" % (key, _quoted(answer)) for key, answer in answers)


def _add_field(dialog, field, titles, active):
    kind, label, preset = field["kind"], field["label"], field.get("preset", "")
    if kind == "boolean":
        dialog.addCheckbox(label, preset == "true")
    elif kind == "choice":
        dialog.addChoice(label, field["offered"], preset)
    elif kind == "image":
        listed = [field["nothing"]] + titles
        dialog.addChoice(label, listed, listed[_preset_image(field, titles, active)])
        _add_path(dialog, field["below"], "", field["browse"])
    else:
        _add_path(dialog, label, preset, kind)


def _preset_image(field, titles, active):
    """The place of the open image that is chosen at first, from 1; 0 for none."""
    others = [at for at in range(len(titles)) if at != active]
    likely = [at for at in others if any(word in titles[at].lower() for word in field.get("likely", []))]
    return (likely + others)[0] + 1 if field.get("preset") == "other" and others else 0


def _add_path(dialog, label, preset, kind):
    columns = max(COLUMNS, min(len(preset), MOST_COLUMNS))
    if kind == "directory":
        dialog.addDirectoryField(label, preset, columns)
    elif kind == "open":
        dialog.addFileField(label, preset, columns)
    else:
        dialog.addStringField(label, preset, columns)


def _answer(dialog, field, titles):
    if field["kind"] == "boolean":
        return "true" if dialog.getNextBoolean() else "false"
    if field["kind"] == "choice":
        return dialog.getNextChoice()
    if field["kind"] == "image":
        chosen = dialog.getNextChoiceIndex()
        return dialog.getNextString().strip() or (titles[chosen - 1] if chosen else "")
    return dialog.getNextString().strip()


def _help(name, fields):
    rows = "".join("<tr><td><b>%s</b></td><td>%s</td></tr>" % (field["key"], field["help"]) for field in fields)
    return "<html><h3>%s</h3><table>%s</table></html>" % (name, rows)


def _run(name, options):
    """Run a command with what a function gives; None stands for a dialog that was cancelled."""
    if listener.is_in_macro() and not listener.is_installed():
        _stop_macro(name)
        return
    try:
        given = options()
        if given is not None:
            commands.run_command(name, given)
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
