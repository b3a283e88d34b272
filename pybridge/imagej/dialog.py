"""The dialog of a command, made from its declaration, for an ImageJ that Python started with a window."""

from __future__ import annotations

from pybridge.commands.choices import choices_here, dialog_parameters, label_of, preset_of
from pybridge.commands.declaration import Command, Parameter
from pybridge.commands.macro_options import quote_value
from pybridge.imagej.jvm import JavaObject, java_class
from pybridge.imagej.recorder import recorder_paused

_COLUMNS = 24


def ask_options(command: type[Command]) -> str | None:
    """Ask the user for the parameters of a command.

    Parameters
    ----------
    command : type of Command
        The declaration. Fields left empty stay as the model or the image says.

    Returns
    -------
    str or None
        The options as a macro writes them; None when the dialog was cancelled.
    """
    declared, choices = dialog_parameters(command), choices_here()
    with recorder_paused():
        dialog = java_class("ij.gui.GenericDialog")(command.macro_name)
        for each in declared:
            _add_field(dialog, each, choices.offered(each, command))
        dialog.addHelp(_help(command, declared))
        dialog.showDialog()
        if bool(dialog.wasCanceled()):
            return None
        answers = [(each, _answer(dialog, each, choices.offered(each, command))) for each in declared]
    return " ".join(_option(each, answer) for each, answer in answers if _is_given(each, answer))


def _add_field(dialog: JavaObject, each: Parameter, offered: tuple[str, ...]) -> None:
    label, preset = label_of(each), preset_of(each, offered)
    if each.kind is bool:
        dialog.addCheckbox(label, bool(each.default))
    elif offered:
        dialog.addChoice(label, list(offered), preset)
    elif each.path == "directory":
        dialog.addDirectoryField(label, preset, _COLUMNS)
    elif each.path == "open":
        dialog.addFileField(label, preset, _COLUMNS)
    else:
        dialog.addStringField(label, preset, _COLUMNS)


def _answer(dialog: JavaObject, each: Parameter, offered: tuple[str, ...]) -> str:
    if each.kind is bool:
        return str(bool(dialog.getNextBoolean())).lower()
    if offered:
        return str(dialog.getNextChoice())
    return str(dialog.getNextString()).strip()


def _is_given(each: Parameter, answer: str) -> bool:
    return each.kind is bool or (answer != "" and answer != str(each.default))


def _option(each: Parameter, answer: str) -> str:
    return f"{each.key}={quote_value(answer)}"


def _help(command: type[Command], declared: tuple[Parameter, ...]) -> str:
    rows = "".join(f"<tr><td><b>{each.key}</b></td><td>{each.help}</td></tr>" for each in declared)
    return f"<html><h3>{command.macro_name}</h3><p>{command.summary}</p><table>{rows}</table></html>"
