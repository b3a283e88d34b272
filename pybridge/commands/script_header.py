"""The script commands for Fiji's menu: ``#@`` headers, and the lines below them that call the client.

Each script is written from the declaration of its command, so that a dialog has the parameters that macros and the
shell have. The variables are named like the macro keys: that is what the Macro Recorder writes down. Commands that are
told open images by their titles have no ``#@`` lines, whose lists of values are fixed: the client asks, with the images
that are open then. Imports core only.
"""

from __future__ import annotations

import json

from pybridge.commands.choices import SHIPPED, Choices, dialog_parameters, label_of, preset_of
from pybridge.commands.compare import Compare
from pybridge.commands.declaration import Command, Parameter
from pybridge.commands.dialog_fields import dialog_fields
from pybridge.commands.evaluate import Evaluate
from pybridge.commands.open_image import OpenImage
from pybridge.commands.predict import Predict
from pybridge.commands.report import Report
from pybridge.commands.segment import Segment
from pybridge.commands.train import Train

START = "PyBridge Start"
DOCTOR = "PyBridge Doctor"
SCRIPTED: tuple[type[Command], ...] = (Segment, Predict, Evaluate, Compare, Report, Train, OpenImage)
"""The commands with parameters that Fiji's menu has."""

CLIENT = 'import sys; from ij import IJ\nsys.path.append(IJ.getDirectory("imagej") + "config/pybridge")'
"""The two lines with which a Jython script in Fiji begins: each run of a script has its own module path."""


def scripts(choices: Choices = SHIPPED) -> dict[str, str]:
    """Write all script commands.

    Parameters
    ----------
    choices : Choices
        Models and devices to choose from.

    Returns
    -------
    dict of str to str
        File name, such as ``PyBridge_Segment.py``, and text.

    Examples
    --------
    >>> print(scripts()["PyBridge_Open.py"].splitlines()[0])
    #@ File (label="Image file", style="open", persist=false, description="the image file") path
    """
    texts = {_file_name(command.macro_name): script_text(command, choices) for command in SCRIPTED}
    texts[_file_name(DOCTOR)] = _body(DOCTOR, "run_from_dialog", 'globals(), ""')
    texts[_file_name(START)] = (
        f"# {START}: macros can call PyBridge from here on. Written by PyBridge, do not edit.\n"
        f"{CLIENT}\nfrom pybridge_client import listener\nlistener.install()\n"
    )
    return texts


def script_text(command: type[Command], choices: Choices = SHIPPED) -> str:
    """Write the script of one command: its header, and the lines that call the client."""
    if is_asked_by_client(command):
        fields = ",\n".join(json.dumps(field.to_plain()) for field in dialog_fields(command, choices))
        return _body(command.macro_name, "ask_and_run", f"r'''[\n{fields}\n]'''")
    header = "".join(f"{line}\n" for line in header_lines(command, choices))
    keys = " ".join(each.key for each in dialog_parameters(command))
    return header + _body(command.macro_name, "run_from_dialog", f'globals(), "{keys}"')


def is_asked_by_client(command: type[Command]) -> bool:
    """Say whether the dialog of a command offers the open images, so that it is not made from ``#@`` lines."""
    return any(each.image for each in dialog_parameters(command))


def header_lines(command: type[Command], choices: Choices = SHIPPED) -> list[str]:
    """Write the ``#@`` lines of a command, one for each parameter; none when the client asks.

    Examples
    --------
    >>> from pybridge.commands.segment import Segment
    >>> [line for line in header_lines(Segment) if line.endswith(" table")]
    ['#@ Boolean (label="Table", value=true, persist=false, description="make the table of objects") table']
    """
    if is_asked_by_client(command):
        return []
    return [_header_line(each, command, choices) for each in dialog_parameters(command)]


def _header_line(declared: Parameter, command: type[Command], choices: Choices) -> str:
    kind, attributes = _widget(declared, command, choices)
    # Fiji keeps what was typed last, even over a restart and for other scripts with a parameter of that name.
    written = [
        f"label={_quoted(label_of(declared))}",
        *attributes,
        "persist=false",
        f"description={_quoted(declared.help)}",
    ]
    return f"#@ {kind} ({', '.join(written)}) {declared.key}"


def _widget(declared: Parameter, command: type[Command], choices: Choices) -> tuple[str, list[str]]:
    """Choose the type and the attributes of a parameter in the dialog."""
    if declared.kind is bool:
        return "Boolean", [f"value={'true' if declared.default else 'false'}"]
    optional = [] if declared.required else ["required=false"]
    if declared.path:
        return "File", [f"style={_quoted(declared.path)}", *optional]
    offered = choices.offered(declared, command)
    if offered:
        listed = ", ".join(map(_quoted, offered))
        return "String", [f"choices={{{listed}}}", f"value={_quoted(preset_of(declared, offered))}"]
    if declared.kind in (int, float) and declared.default is not None:
        ends = [("min", declared.minimum), ("max", declared.maximum)]
        return (
            "Integer" if declared.kind is int else "Double",
            [f"value={declared.default}", *(f"{name}={end:g}" for name, end in ends if end is not None)],
        )
    preset = preset_of(declared, ())
    return "String", [f"value={_quoted(preset)}", *([] if preset else optional)]


def _body(name: str, function: str, arguments: str) -> str:
    return (
        f"# {name}: written by PyBridge from the declaration of the command, do not edit.\n"
        f"{CLIENT}\n"
        f"from pybridge_client.dialog import {function}\n"
        f'{function}("{name}", {arguments})\n'
    )


def _file_name(name: str) -> str:
    return name.replace(" ", "_") + ".py"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "/").replace('"', "'") + '"'
