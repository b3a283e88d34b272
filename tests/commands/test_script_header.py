"""One declaration, one set of names: `#@` headers, macro keys, shell options and Python signatures."""

from __future__ import annotations

import ast
import inspect
import json
import re
from collections.abc import Callable
from typing import Any

import pytest

import pybridge
from pybridge.cli.parser import build_parser
from pybridge.commands.choices import SHIPPED, Choices, dialog_parameters
from pybridge.commands.compare import Compare
from pybridge.commands.declaration import Command
from pybridge.commands.evaluate import Evaluate
from pybridge.commands.macro_options import parse_macro_options
from pybridge.commands.open_image import OpenImage
from pybridge.commands.predict import Predict
from pybridge.commands.report import Report
from pybridge.commands.script_header import SCRIPTED, header_lines, is_asked_by_client, script_text, scripts
from pybridge.commands.segment import Segment
from pybridge.commands.train import Train
from pybridge.files.home import shipped_folder

FOLDER = shipped_folder("fiji-scripts") / "scripts" / "Plugins" / "PyBridge"
LINE = re.compile(r"#@ (?P<kind>\w+) \((?P<attributes>.*)\) (?P<name>\w+)")
PYTHON: dict[type[Command], Callable[..., Any]] = {
    Segment: pybridge.segment,
    Predict: pybridge.predict,
    Evaluate: pybridge.evaluate,
    Compare: pybridge.compare,
    Report: pybridge.report,
}


def names(command: type[Command]) -> list[str]:
    if is_asked_by_client(command):
        return [field["key"] for field in asked_fields(command)]
    return [LINE.fullmatch(line)["name"] for line in header_lines(command)]  # type: ignore[index]


def asked_fields(command: type[Command]) -> list[dict[str, Any]]:
    """What a script of the menu tells the client to ask for; read as Jython reads it."""
    call = ast.parse(script_text(command)).body[-1]
    assert isinstance(call, ast.Expr)
    assert isinstance(call.value, ast.Call)
    name, described = map(ast.literal_eval, call.value.args)
    assert name == command.macro_name
    fields: list[dict[str, Any]] = json.loads(described)
    return fields


def test_the_committed_scripts_are_what_the_declarations_give() -> None:
    assert {path.name: path.read_text(encoding="utf-8") for path in FOLDER.iterdir()} == scripts()


def test_every_command_of_the_shell_that_macros_have_is_in_the_menu() -> None:
    subclasses = [Segment, Predict, Evaluate, Compare, Report, Train, OpenImage]
    assert list(SCRIPTED) == subclasses
    assert {f"{command.macro_name.replace(' ', '_')}.py" for command in SCRIPTED} < set(scripts())


@pytest.mark.parametrize("command", SCRIPTED, ids=lambda each: each.macro_name)
def test_a_dialog_asks_for_the_keys_of_the_macro(command: type[Command]) -> None:
    keys = [each.key for each in command.parameters() if "macro" in each.doors]
    assert names(command) == keys
    if is_asked_by_client(command):
        return
    text = scripts()[f"{command.macro_name.replace(' ', '_')}.py"]
    assert f'run_from_dialog("{command.macro_name}", globals(), "{" ".join(keys)}")' in text
    assert text.count("persist=false") == len(keys)


@pytest.mark.parametrize("command", [each for each in SCRIPTED if each.shell_name], ids=lambda each: each.macro_name)
def test_the_shell_has_the_same_names(command: type[Command]) -> None:
    subparsers = next(action for action in build_parser()._actions if hasattr(action, "choices") and action.choices)
    options = {name for action in subparsers.choices[command.shell_name]._actions for name in action.option_strings}  # type: ignore[index, union-attr, call-overload]
    declared = {each.key: each for each in command.parameters()}
    for name in names(command):
        if "shell" in declared[name].doors:
            assert "--" + name.replace("_", "-") in options


@pytest.mark.parametrize("command", PYTHON, ids=lambda each: each.macro_name)
def test_the_python_function_has_the_same_names_and_defaults(command: type[Command]) -> None:
    given = {
        name: each.default
        for name, each in inspect.signature(PYTHON[command]).parameters.items()
        if each.kind is inspect.Parameter.KEYWORD_ONLY
    }
    declared = {each.name: each for each in command.parameters() if "python" in each.doors}
    assert list(given) == list(declared)
    for name, default in given.items():
        assert (default is inspect.Parameter.empty) == declared[name].required
        assert declared[name].required or default == declared[name].default


@pytest.mark.parametrize("command", [Segment, Predict], ids=lambda each: each.macro_name)
def test_ok_without_a_change_is_the_call_with_its_defaults(command: type[Command]) -> None:
    answers = []
    for line in header_lines(command):
        found = LINE.fullmatch(line)
        assert found is not None
        value = re.search(r"value=(\"(.*?)\"|\w+)", found["attributes"])
        text = "" if value is None else (value[2] if value[2] is not None else value[1])
        # The Macro Recorder writes empty texts too.
        answers.append(f"{found['name']}={text}")
    recorded = parse_macro_options(command, " ".join(answers))
    assert recorded == command(model="nuclei-fluo")  # type: ignore[call-arg]


def test_commands_that_name_open_images_offer_them_in_their_dialog() -> None:
    assert [each for each in SCRIPTED if is_asked_by_client(each)] == [Evaluate, Compare]
    fields = {field["key"]: field for field in asked_fields(Evaluate)}
    shown = {key: (field["kind"], field.get("preset"), field.get("browse")) for key, field in fields.items()}
    assert shown["truth"] == ("image", "other", "open")
    assert shown["result"] == ("image", "active", "open")
    assert fields["result"]["nothing"] == "the active image"
    assert shown["task"] == ("choice", "auto", None)
    assert fields["task"]["offered"] == list(Evaluate.parameter_of("task").choices)
    assert (shown["table"][:2], shown["record"]) == (("boolean", "true"), ("save", None, None))
    truth = {field["key"]: field for field in asked_fields(Compare)}["truth"]
    assert (truth["preset"], truth["browse"], truth["below"]) == ("none", "directory", "… or its folder or file")


def test_the_fields_of_a_script_are_plain_letters_for_jython() -> None:
    for command in (Evaluate, Compare):
        assert script_text(command).isascii()
        assert script_text(command).count("'''") == 2


def test_an_installation_offers_its_own_models_and_presets_the_first() -> None:
    mine = Choices(segmenting=("b", "a"), predicting=("c",), trainable=(), devices=("cpu",))
    assert re.search(r'choices=\{"b", "a", "baseline:.*\}, value="b"', header_lines(Segment, mine)[0])
    assert re.search(r'choices=\{"c", "baseline:.*\}, value="c"', header_lines(Predict, mine)[0])
    assert 'choices={"auto", "cpu"}, value="auto"' in header_lines(Predict, mine)[1]
    (start,) = (line for line in header_lines(Train, mine) if line.endswith(" from"))
    assert 'choices={"baseline:pixel-forest", ""}' in start  # where no network can be trained, a forest can


def test_helps_cannot_break_a_header() -> None:
    for command in SCRIPTED:
        for declared in dialog_parameters(command):
            assert "\n" not in declared.help
        for line in header_lines(command, SHIPPED):
            assert line.count('"') % 2 == 0
            assert LINE.fullmatch(line)
