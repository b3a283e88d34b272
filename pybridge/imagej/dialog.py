"""The dialog of a command, made from its declaration, for an ImageJ that Python started with a window."""

from __future__ import annotations

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
    declared = [each for each in command.parameters() if "macro" in each.doors]
    with recorder_paused():
        dialog = java_class("ij.gui.GenericDialog")(command.macro_name)
        for each in declared:
            _add_field(dialog, each)
        dialog.addHelp(_help(command, declared))
        dialog.showDialog()
        if bool(dialog.wasCanceled()):
            return None
        answers = [(each, _answer(dialog, each)) for each in declared]
    return " ".join(_option(each, answer) for each, answer in answers if _is_given(each, answer))


def _add_field(dialog: JavaObject, each: Parameter) -> None:
    label = each.key.replace("_", " ").capitalize()
    default = "" if each.default is None else str(each.default)
    choices = _choices(each)
    if each.kind is bool:
        dialog.addCheckbox(label, bool(each.default))
    elif choices:
        dialog.addChoice(label, list(choices), default if default in choices else choices[0])
    elif each.path == "directory":
        dialog.addDirectoryField(label, default, _COLUMNS)
    elif each.path == "open":
        dialog.addFileField(label, default, _COLUMNS)
    else:
        dialog.addStringField(label, default, _COLUMNS)


def _choices(each: Parameter) -> tuple[str, ...]:
    if each.name == "model":
        from pybridge.zoo.catalogue import list_models

        return tuple(model.id for model in list_models())
    return each.choices


def _answer(dialog: JavaObject, each: Parameter) -> str:
    if each.kind is bool:
        return str(bool(dialog.getNextBoolean())).lower()
    if _choices(each):
        return str(dialog.getNextChoice())
    return str(dialog.getNextString()).strip()


def _is_given(each: Parameter, answer: str) -> bool:
    return each.kind is bool or (answer != "" and answer != str(each.default))


def _option(each: Parameter, answer: str) -> str:
    return f"{each.key}={quote_value(answer)}"


def _help(command: type[Command], declared: list[Parameter]) -> str:
    rows = "".join(f"<tr><td><b>{each.key}</b></td><td>{each.help}</td></tr>" for each in declared)
    return f"<html><h3>{command.macro_name}</h3><p>{command.summary}</p><table>{rows}</table></html>"
