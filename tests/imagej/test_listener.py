"""How ``run("PyBridge …")`` reaches Python, and how it fails; with commands of the test's own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from pybridge.core.errors import ImageError, MacroError, PyBridgeError
from pybridge.imagej import Gateway
from pybridge.imagej.listener import CommandListener

pytestmark = pytest.mark.jvm


class Commands:
    """Commands that note how they were called."""

    def __init__(self) -> None:
        self.calls: list[str | None] = []
        self.table = {"PyBridge Note": self.calls.append, "PyBridge Fail": self.fail, "PyBridge Crash": self.crash}

    def fail(self, options: str | None) -> None:
        raise ImageError("do the impossible", found="it is impossible", do="ask for less")

    def crash(self, options: str | None) -> None:
        raise ZeroDivisionError("a fault of ours")


@pytest.fixture
def commands(gateway: Gateway) -> Iterator[Commands]:
    """These commands in the place of the real ones."""
    commands = Commands()
    listener = CommandListener(commands.table, failed=gateway._macros.failed)
    gateway._listener.unregister()
    listener.register()
    listener.register()  # twice must be as once
    yield commands
    listener.unregister()
    gateway._listener.register()


@pytest.mark.parametrize(
    ("call", "options"),
    [
        ('run("PyBridge Note")', None),
        ('run("PyBridge Note", "")', None),
        ('run("PyBridge Note", "model=a b")', "model=a b"),
        ('run("PyBridge Note...", "model=[a b]")', "model=[a b]"),
    ],
)
def test_a_call_arrives_once_with_its_options(
    gateway: Gateway, commands: Commands, call: str, options: str | None
) -> None:
    gateway.run_macro(call)
    assert commands.calls == [options]


def test_a_call_without_macro_but_with_options_is_taken(commands: Commands, java: Callable[[str], Any]) -> None:
    java("ij.IJ").run("PyBridge Note", "from=python")
    assert commands.calls == ["from=python"]


def test_other_commands_go_their_way(gateway: Gateway, commands: Commands) -> None:
    assert gateway.run_macro('newImage("a", "8-bit", 9, 9, 1); run("Invert"); return "" + getPixel(1, 1);') == "0"
    assert commands.calls == []


def test_our_error_stops_the_macro_with_its_message(gateway: Gateway, commands: Commands) -> None:
    with pytest.raises(MacroError, match=r"do the impossible: it is impossible\. To do: ask for less") as caught:
        gateway.run_macro('run("PyBridge Fail"); run("PyBridge Note");')
    assert commands.calls == []
    assert isinstance(caught.value.__cause__, ImageError)


def test_an_error_in_an_inner_macro_is_logged_once_and_seen_by_eval(
    gateway: Gateway, commands: Commands, capsys: pytest.CaptureFixture[str]
) -> None:
    assert gateway.run_macro("r = eval(\"run('PyBridge Fail');\"); return r;".replace("return r", 'return "" + r')) == (
        "[aborted]"
    )
    told = capsys.readouterr()
    assert (told.out + told.err).count("it is impossible") == 1
    assert "Exception" not in told.out + told.err


def test_a_fault_of_ours_stops_the_macro_too(
    gateway: Gateway, commands: Commands, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(MacroError, match="ZeroDivisionError: a fault of ours"):
        gateway.run_macro('run("PyBridge Crash"); run("PyBridge Note");')
    assert commands.calls == []
    assert "Traceback" in caplog.text


def test_outside_a_macro_the_message_is_that_of_the_java_exception(
    commands: Commands, java: Callable[[str], Any]
) -> None:
    import jpype

    with pytest.raises(jpype.JException, match="do the impossible: it is impossible"):
        java("ij.IJ").run("PyBridge Fail", "x=1")
    assert java("ij.Macro").getOptions() is None
    java("ij.IJ").run("PyBridge Note", "x=1")  # clears ImageJ's "a macro is running"
    assert not java("ij.IJ").isMacro()


def test_a_call_on_an_image_that_fails_does_not_leave_that_image_as_the_current_one(
    commands: Commands, java: Callable[[str], Any]
) -> None:
    import jpype

    failed, shown = (java("ij.IJ").createImage(title, "8-bit", 7, 5, 1) for title in ("failed", "shown"))
    shown.show()
    try:
        with pytest.raises(jpype.JException, match="do the impossible"):
            java("ij.IJ").run(failed, "PyBridge Fail", "x=1")
        assert str(java("ij.IJ").getImage().getTitle()) == "shown"
    finally:
        shown.close()


def test_an_error_in_an_inner_macro_leaves_the_image_that_the_outer_one_selected(
    gateway: Gateway, commands: Commands
) -> None:
    selected = 'setBatchMode(true); newImage("a", "8-bit", 7, 5, 1); newImage("b", "8-bit", 7, 5, 1); selectImage("a");'
    failing = "eval(\"run('PyBridge Fail');\");"
    current = gateway.run_macro(f'{selected} {failing} return "" + call("ij.WindowManager.getTempCurrentImage");')
    assert (current or "").startswith('img["a"')


def test_a_click_in_the_menu_is_left_to_imagej(commands: Commands, java: Callable[[str], Any]) -> None:
    heard: list[PyBridgeError] = []
    listener = CommandListener(commands.table, failed=lambda error: not heard.append(error))
    command = java("java.lang.String")("PyBridge Note")
    assert listener.command_executing(command) == command
    assert (commands.calls, heard) == ([], [])
