"""The script commands of Fiji's menu, installed into a Fiji folder, under SciJava's ScriptService and with the real
worker behind."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import pybridge
from pybridge import fiji
from pybridge.commands.choices import SHIPPED, dialog_parameters
from pybridge.commands.declaration import Command
from pybridge.commands.macro_options import parse_macro_options
from pybridge.commands.script_header import SCRIPTED, is_asked_by_client
from pybridge.commands.segment import Segment
from pybridge.core.errors import MacroError
from pybridge.imagej import Gateway
from pybridge.imagej.jvm import java_class
from tests.builders.fijis import make_fiji_folder
from tests.builders.jython import Jython

pytestmark = pytest.mark.jvm
MENU = "scripts/Plugins/PyBridge"


@pytest.fixture(scope="module")
def folder(gateway: Gateway, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A Fiji folder in which PyBridge was installed, and which ImageJ takes for its own."""
    (tmp_path_factory.mktemp("scripts") / "warm.py").write_text("pass")
    gateway.run_script(tmp_path_factory.getbasetemp() / "scripts0" / "warm.py")  # SciJava's context is there now
    made = make_fiji_folder(tmp_path_factory.mktemp("fiji") / "My Fiji é")
    fiji.install(made, choices=SHIPPED)
    field = java_class("ij.Prefs").class_.getDeclaredField("ImageJDir")
    field.setAccessible(True)
    system = java_class("java.lang.System")
    before = field.get(None), system.getProperty("pybridge.python")
    field.set(None, f"{made}/")
    system.clearProperty("pybridge.python")  # the worker's Python is that of the installed settings
    yield made
    Jython(made).run("from pybridge_client import worker\nworker.stop()")
    field.set(None, before[0])
    if before[1] is not None:
        system.setProperty("pybridge.python", before[1])


@pytest.fixture
def cells(gateway: Gateway) -> Iterator[Any]:
    """An image with nuclei, active."""
    image, _ = pybridge.samples.simulate_nuclei(shape=(96, 128), count=6)
    imp = gateway.to_imageplus(image)
    imp.show()
    table = java_class("ij.measure.ResultsTable").getResultsTable()
    table.reset()
    yield imp
    table.reset()
    imp.changes = False
    imp.close()
    java_class("ij.macro.Interpreter").removeBatchModeImage(imp)


@pytest.fixture
def results() -> Any:
    return java_class("ij.measure.ResultsTable").getResultsTable()


def inputs_of(folder: Path, name: str) -> dict[str, Any]:
    from pybridge.imagej.script_context import found_by_scijava, own_context

    path = folder / MENU / name
    with found_by_scijava():
        reader = java_class("java.io.StringReader")(path.read_text(encoding="utf-8"))
        info = java_class("org.scijava.script.ScriptInfo")(own_context(), str(path), reader)
        return {str(item.getName()): item for item in info.inputs()}


@pytest.mark.parametrize(
    "command", [each for each in SCRIPTED if not is_asked_by_client(each)], ids=lambda each: each.macro_name
)
def test_scijava_reads_the_headers_as_they_are_meant(folder: Path, command: type[Command]) -> None:
    items = inputs_of(folder, f"{command.macro_name.replace(' ', '_')}.py")
    declared = dialog_parameters(command)
    assert list(items) == [each.key for each in declared]
    for each in declared:
        item = items[each.key]
        assert str(item.getDescription()) == each.help
        assert not item.isPersisted()
        if each.choices:
            assert [str(choice) for choice in item.getChoices()] == list(each.choices)
        if each.kind is bool:
            assert bool(item.getDefaultValue()) == each.default
        assert item.isRequired() <= (each.required or item.getDefaultValue() is not None)


@pytest.mark.parametrize("name", ["PyBridge_Evaluate.py", "PyBridge_Compare.py"])
def test_without_a_window_a_command_that_asks_itself_says_what_to_write(
    gateway: Gateway, folder: Path, name: str
) -> None:
    assert inputs_of(folder, name) == {}
    with pytest.raises(
        MacroError, match=r'there is no window.*To do: use run\("PyBridge (Evaluate|Compare)", "\.\.\."\)'
    ):
        gateway.run_script(folder / MENU / name)


def test_the_macro_recorder_writes_a_line_that_replays_unedited(folder: Path) -> None:
    # What imagej-legacy's recorder does: a key and a value for each input that is not null.
    recorder = java_class("ij.plugin.frame.Recorder")
    recorder.setCommand("PyBridge Segment")
    for name, item in inputs_of(folder, "PyBridge_Segment.py").items():
        if item.getDefaultValue() is not None:
            recorder.recordOption(name, item.getDefaultValue().toString())
    line = str(recorder.getCommandOptions())
    recorder.setCommand(None)
    assert "table=true" in line
    assert "exclude_border=false" in line
    assert parse_macro_options(Segment, line) == Segment(model="nuclei-fluo")


def test_ok_at_once_segments_the_active_image(
    gateway: Gateway, folder: Path, cells: Any, results: Any, nuclei_model: str
) -> None:
    assert gateway.run_script(folder / MENU / "PyBridge_Segment.py") == {}
    assert results.size() == 6


def test_a_wrong_answer_is_one_message(gateway: Gateway, folder: Path, cells: Any, nuclei_model: str) -> None:
    with pytest.raises(MacroError, match=r"probability='x': not a number.*foreground threshold"):
        gateway.run_script(folder / MENU / "PyBridge_Segment.py", {"probability": "x"})


def test_a_field_of_the_dialog_reaches_the_worker(
    gateway: Gateway, folder: Path, cells: Any, results: Any, nuclei_model: str, tmp_path: Path
) -> None:
    record = tmp_path / "a record é.json"
    gateway.run_script(
        folder / MENU / "PyBridge_Segment.py", {"min_size": "7", "table": "false", "record": str(record)}
    )
    assert json.loads(record.read_text(encoding="utf-8"))["parameters"]["min_size"] == 7
    assert results.size() == 0


@pytest.mark.parametrize("name", ["Segment_Image.py", "Segment_Image.groovy"])
def test_the_templates_find_the_objects(
    gateway: Gateway, folder: Path, cells: Any, nuclei_model: str, name: str
) -> None:
    outputs = gateway.run_script(folder / "script_templates" / "PyBridge" / name)
    assert outputs["count"] == 6
    labels = gateway.to_image(outputs["labels"])
    assert len(np.unique(labels.array)) == 7
    assert labels.calibration == gateway.to_image(cells).calibration


def test_the_doctor_of_the_menu_writes_to_the_log(
    gateway: Gateway, folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    gateway.run_script(folder / MENU / "PyBridge_Doctor.py")
    assert re.search(r"ok +worker", capfd.readouterr().out)


@pytest.fixture
def as_in_fiji(gateway: Gateway, folder: Path) -> Iterator[list[str]]:
    """Let PyBridge's commands reach the script commands, as imagej-legacy does, and not the listener of Python."""
    import jpype

    from pybridge.imagej.scripts import run_script

    called: list[str] = []

    def command_executing(command: Any) -> Any:
        name = str(command)
        if not name.startswith("PyBridge ") or java_class("ij.IJ").getProperty("pybridge.listener") is not None:
            return command
        called.append(name)
        options = str(java_class("ij.Macro").getOptions() or "")
        values = dict(word.split("=", 1) for word in options.split())
        path = folder / MENU / f"{name.replace(' ', '_')}.py"
        run_script(path, values, open_image=lambda path: None)
        return None

    gateway._listener.unregister()
    proxy = jpype.JProxy("ij.CommandListener", dict={"commandExecuting": command_executing})
    java_class("ij.Executer").addCommandListener(proxy)
    yield called
    java_class("ij.Executer").removeCommandListener(proxy)
    gateway._listener.register()


def test_a_macro_without_the_listener_is_stopped_and_told_what_to_write(
    gateway: Gateway, as_in_fiji: list[str], cells: Any, results: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    returned = java_class("ij.IJ").runMacro('run("PyBridge Segment", "model=nuclei-fluo"); return "went on";')
    assert str(returned) != "went on"
    assert as_in_fiji == ["PyBridge Segment"]
    assert results.size() == 0
    assert 'put run("PyBridge Start"); as the first line' in capfd.readouterr().out


def test_after_start_a_macro_goes_through_the_listener(
    gateway: Gateway, as_in_fiji: list[str], folder: Path, cells: Any, results: Any, nuclei_model: str
) -> None:
    gateway.run_script(folder / MENU / "PyBridge_Start.py")
    try:
        macro = (
            'run("PyBridge Start"); run("PyBridge Segment", "model=nuclei-fluo"); t = getTitle(); close(); return t;'
        )
        returned = java_class("ij.IJ").runMacro(macro)
    finally:
        Jython(folder).run("from pybridge_client import listener\nlistener.remove()")
    assert str(returned) == "simulated-nuclei-labels"
    assert as_in_fiji == []
    assert results.size() == 6


def test_the_macro_that_fiji_runs_at_its_start_waits_for_the_command_and_installs_the_listener(
    gateway: Gateway, folder: Path
) -> None:
    started: list[str] = []
    import jpype

    def command_executing(command: Any) -> Any:
        if str(command) != "PyBridge Start":
            return command
        started.append(str(command))
        return None

    table = java_class("ij.Menus").getCommands()
    proxy = jpype.JProxy("ij.CommandListener", dict={"commandExecuting": command_executing})
    text = (folder / "macros/AutoRun/PyBridge.ijm").read_text(encoding="utf-8")
    gateway._listener.unregister()
    java_class("ij.Executer").addCommandListener(proxy)
    try:
        gateway.run_macro(text.replace("i < 120", "i < 2"))
        assert started == []
        table.put("PyBridge Start", "x")
        gateway.run_macro(text)
        assert started == ["PyBridge Start"]
    finally:
        table.remove("PyBridge Start")
        java_class("ij.Executer").removeCommandListener(proxy)
        gateway._listener.register()
