"""Every command is in every door: menu scripts, the listener in Python, its dialogs, the worker and Jython's client."""

from __future__ import annotations

import ast
import inspect

import pytest

from pybridge.commands.compare import Compare
from pybridge.commands.declaration import Command
from pybridge.commands.evaluate import Evaluate
from pybridge.commands.open_image import OpenImage
from pybridge.commands.predict import Predict
from pybridge.commands.script_header import DOCTOR, SCRIPTED
from pybridge.commands.segment import Segment
from pybridge.commands.train import Train
from pybridge.core.errors import PyBridgeError
from pybridge.files.home import shipped_folder
from pybridge.imagej.commands import declarations, macro_commands
from pybridge.imagej.gateway_commands import GatewayCommands
from pybridge.training import train
from pybridge.worker.work import CallOptions, Fiji, open_work

CLIENT = shipped_folder("fiji-scripts") / "config" / "pybridge" / "pybridge_client"
NAMES = [*(command.macro_name for command in SCRIPTED), DOCTOR]


def test_the_listener_and_its_dialogs_know_every_command() -> None:
    assert set(macro_commands()) == set(NAMES)
    assert set(declarations().items()) == {(command.macro_name, command) for command in SCRIPTED}


@pytest.mark.parametrize("name", NAMES)
def test_the_worker_knows_every_command(name: str) -> None:
    here = Fiji(imagej="1.54p", java="21", headless=True, titles=[])
    told = ""
    try:
        open_work(name, CallOptions(None, {}), None, here)
    except PyBridgeError as error:  # most want an option or an image
        told = str(error)
    assert "there is no such command" not in told


def test_the_client_has_a_function_for_every_command_but_open() -> None:
    module = ast.parse((CLIENT / "functions.py").read_text(encoding="utf-8"))
    called = {
        node.name: inner.args[0].value
        for node in module.body
        if isinstance(node, ast.FunctionDef)
        for inner in ast.walk(node)
        if isinstance(inner, ast.Call)
        and getattr(inner.func, "id", "") in ("call", "_call")
        and isinstance(inner.args[0], ast.Constant)
    }
    assert set(called.values()) == set(NAMES) - {OpenImage.macro_name}
    assert {f"PyBridge {name.capitalize()}" for name in called} == set(called.values())
    exported = ast.parse((CLIENT / "__init__.py").read_text(encoding="utf-8")).body[-1]
    assert isinstance(exported, ast.Assign)
    assert set(ast.literal_eval(exported.value)) == set(called)


@pytest.mark.parametrize("command", [Segment, Predict, Evaluate, Compare], ids=lambda each: each.shell_name)
def test_the_gateway_has_the_names_and_defaults_of_the_declaration(command: type[Command]) -> None:
    signature = inspect.signature(getattr(GatewayCommands, command.shell_name))
    given = {name: each for name, each in signature.parameters.items() if each.kind is inspect.Parameter.KEYWORD_ONLY}
    declared = {each.name: each for each in command.parameters()}
    # What is positional in Python, and a folder of images, are not keywords here.
    assert {each.name for each in command.parameters() if "python" in each.doors} <= set(given)
    for name, each in given.items():
        assert "macro" in declared[name].doors
        assert (each.default is inspect.Parameter.empty) == declared[name].required
        assert declared[name].required or each.default == declared[name].default


def test_a_training_has_the_names_and_defaults_of_its_declaration() -> None:
    signature = inspect.signature(train)
    declared = {each.name: each for each in Train.parameters() if "python" in each.doors}
    given = {name: each for name, each in signature.parameters.items() if name != "overwrite"}  # as --overwrite
    assert list(given) == list(declared)
    assert {name: each.default for name, each in given.items()} == {
        name: each.default for name, each in declared.items()
    }
    for name, each in given.items():
        kinds = str(each.annotation).replace("os.PathLike[str]", "str").replace("TrainingConfig", "str").split(" | ")
        assert set(kinds) - {"None"} == {declared[name].kind.__name__}
