"""The dialog of a command, made from its declaration, for an ImageJ that Python started with a window."""

from __future__ import annotations

from collections.abc import Sequence

from pybridge.commands.choices import choices_here
from pybridge.commands.declaration import Command
from pybridge.commands.dialog_fields import Field, dialog_fields, preset_image
from pybridge.commands.macro_options import quote_value
from pybridge.imagej.images import open_images
from pybridge.imagej.jvm import JavaObject, java_class
from pybridge.imagej.recorder import recorder_paused

_COLUMNS, _MOST_COLUMNS = 24, 48


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
    fields = dialog_fields(command, choices_here())
    with recorder_paused():
        opened, active = open_images(), java_class("ij.WindowManager").getCurrentImage()
        titles = [str(imp.getTitle()) for imp in opened]
        place = next((number for number, imp in enumerate(opened) if imp == active), None)
        dialog = java_class("ij.gui.GenericDialog")(command.macro_name)
        for field in fields:
            _add_field(dialog, field, titles, place)
        dialog.addHelp(_help(command, fields))
        dialog.showDialog()
        if bool(dialog.wasCanceled()):
            return None
        answers = [(field, _answer(dialog, field, titles)) for field in fields]
    return " ".join(f"{field.key}={quote_value(answer)}" for field, answer in answers if _is_given(field, answer))


def _add_field(dialog: JavaObject, field: Field, titles: Sequence[str], active: int | None) -> None:
    if field.kind == "boolean":
        dialog.addCheckbox(field.label, field.preset == "true")
    elif field.kind == "choice":
        dialog.addChoice(field.label, list(field.offered), field.preset)
    elif field.kind == "image":
        listed = [field.nothing, *titles]
        dialog.addChoice(field.label, listed, listed[preset_image(field, titles, active)])
        _add_path(dialog, field.below, "", field.browse)
    else:
        _add_path(dialog, field.label, field.preset, field.kind)


def _add_path(dialog: JavaObject, label: str, preset: str, kind: str) -> None:
    columns = max(_COLUMNS, min(len(preset), _MOST_COLUMNS))
    if kind == "directory":
        dialog.addDirectoryField(label, preset, columns)
    elif kind == "open":
        dialog.addFileField(label, preset, columns)
    else:
        dialog.addStringField(label, preset, columns)


def _answer(dialog: JavaObject, field: Field, titles: Sequence[str]) -> str:
    if field.kind == "boolean":
        return str(bool(dialog.getNextBoolean())).lower()
    if field.kind == "choice":
        return str(dialog.getNextChoice())
    if field.kind == "image":
        chosen = int(dialog.getNextChoiceIndex())
        path = str(dialog.getNextString()).strip()
        return path or (titles[chosen - 1] if chosen else "")
    return str(dialog.getNextString()).strip()


def _is_given(field: Field, answer: str) -> bool:
    return field.kind == "boolean" or answer not in ("", field.default)


def _help(command: type[Command], fields: Sequence[Field]) -> str:
    rows = "".join(f"<tr><td><b>{field.key}</b></td><td>{field.help}</td></tr>" for field in fields)
    return f"<html><h3>{command.macro_name}</h3><p>{command.summary}</p><table>{rows}</table></html>"
