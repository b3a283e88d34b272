"""Running macros: what counts as a failure, and with which message."""

from __future__ import annotations

import io
import threading
from pathlib import Path
from typing import Any

import pytest

from pybridge.core.errors import CancelledError, MacroError
from pybridge.core.progress import listen
from pybridge.imagej import Gateway
from pybridge.imagej.images import open_ids
from pybridge.imagej.stack import parse_stack

pytestmark = pytest.mark.jvm


def test_a_macro_reads_its_argument_and_returns_text(gateway: Gateway) -> None:
    assert gateway.run_macro('return "got " + getArgument();', "é|ü x") == "got é|ü x"


def test_a_macro_that_returns_nothing_gives_none(gateway: Gateway) -> None:
    assert gateway.run_macro("a = 1;") is None


def test_a_macro_file_is_read_as_utf8(gateway: Gateway, tmp_path: Path) -> None:
    path = tmp_path / "my macro è.ijm"
    path.write_text('// µ\nreturn "naïve";', encoding="utf-8")
    assert gateway.run_macro(path) == "naïve"
    assert gateway.run_macro(str(path)) == "naïve"


def test_an_old_macro_file_is_read_as_latin1(gateway: Gateway, tmp_path: Path) -> None:
    path = tmp_path / "old.txt"
    path.write_bytes('return "naïve";'.encode("latin-1"))
    assert gateway.run_macro(path) == "naïve"


def test_a_missing_file_is_named(gateway: Gateway) -> None:
    with pytest.raises(MacroError, match=r"'nowhere/no\.ijm'.*No such file.*check the path"):
        gateway.run_macro("nowhere/no.ijm")


def test_a_script_is_no_macro(gateway: Gateway) -> None:
    with pytest.raises(MacroError, match=r"a \.py script.*give an ImageJ macro"):
        gateway.run_macro("script.py")


def test_a_plain_exit_is_a_normal_end(gateway: Gateway, capsys: pytest.CaptureFixture[str]) -> None:
    assert gateway.run_macro('print("before"); exit(); print("after");') is None
    assert capsys.readouterr().out == "before\n"


@pytest.mark.parametrize(
    ("macro", "message"),
    [
        ('exit("too\\nbad");', "too bad"),
        ('print("some line"); exit("too bad");', "too bad"),
        ('function f() { exit("too bad"); } f();', "too bad"),
        ('macro "named" { exit("too bad"); }', "too bad"),
        ('eval("exit(\'inner\');"); exit("too bad");', "too bad"),
        ("x = ;", "Number or numeric function expected in line 1"),
        ('run("Nope");', 'Unrecognized command: "Nope" in line 1'),
        ('run("Invert");', "There are no images open in line 1"),
        ("getPixel(1, 1);", "There are no images open"),
        ('selectImage("nope");', '"nope" not found'),
        ('open("/no/such/file.tif");', "File not found"),
        ('run("PyBridge Nope", "a=1");', 'run\\("PyBridge Nope", …\\): there is no such command'),
        ('run("PyBridge Sgment");', "did you mean 'PyBridge Segment'"),
    ],
)
def test_a_failure_raises_with_the_macros_own_message(
    gateway: Gateway, capsys: pytest.CaptureFixture[str], macro: str, message: str
) -> None:
    with pytest.raises(MacroError, match=message) as caught:
        gateway.run_macro(macro + ' print("goes on");')
    assert caught.value.exit_code == 1
    told = capsys.readouterr()
    assert "goes on" not in told.out
    assert "too bad" not in told.out + told.err  # said once, in the error


def test_the_message_of_a_failure_does_not_hold_what_was_printed_before(gateway: Gateway) -> None:
    with pytest.raises(MacroError) as caught:
        gateway.run_macro('print("an ordinary line"); exit("too bad");')
    assert caught.value.found == "too bad"


def test_an_inner_failure_that_the_macro_survives_is_told_and_is_no_failure(
    gateway: Gateway, capsys: pytest.CaptureFixture[str]
) -> None:
    assert (
        gateway.run_macro('r = eval("exit(\'inner\');"); return "came back with " + r;') == "came back with [aborted]"
    )
    assert "inner" in capsys.readouterr().out


def test_after_an_inner_failure_ours_still_stops_the_outer_macro(
    gateway: Gateway, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(MacroError, match="no such command"):
        gateway.run_macro('eval("exit(\'inner\');"); run("PyBridge Nope", "a=1"); print("goes on");')
    assert "goes on" not in capsys.readouterr().out


def test_after_a_failure_the_next_macro_runs_as_if_nothing_had_been(gateway: Gateway, java: Any) -> None:
    with pytest.raises(MacroError):
        gateway.run_macro('run("PyBridge Nope", "a=1");')
    assert not java("ij.IJ").isMacro()
    assert java("ij.macro.Interpreter").getInstance() is None
    assert gateway.run_macro('newImage("a", "8-bit", 9, 9, 1); run("Invert"); return getTitle();') == "a"


def test_printed_lines_come_out_on_pythons_stdout(gateway: Gateway, capsys: pytest.CaptureFixture[str]) -> None:
    gateway.run_macro('print("first, é"); IJ.log("second");')
    assert capsys.readouterr().out == "first, é\nsecond\n"


def test_a_reader_that_goes_away_does_not_stop_the_macro(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    class Closed(io.StringIO):
        """A pipe whose reader has had enough, as that of ``pybridge macro … | head``."""

        def write(self, text: str) -> int:
            raise BrokenPipeError

    monkeypatch.setattr("sys.stdout", Closed())
    kept = tmp_path / "kept.txt"
    assert (
        gateway.run_macro(
            f'for (i = 0; i < 5; i++) print(i); File.saveString("done", "{kept.as_posix()}"); return "7";'
        )
        == "7"
    )
    assert kept.read_text() == "done"
    assert [each.getMessage() for each in caplog.records if each.name == "pybridge.imagej"] == [
        "nobody reads what the macro prints any more; it is dropped from here on"
    ]


def test_images_that_a_macro_leaves_open_are_closed(gateway: Gateway) -> None:
    before = open_ids()
    assert gateway.run_macro('newImage("a", "8-bit", 9, 9, 1); newImage("b", "8-bit", 9, 9, 1); return "" + nImages;')
    assert open_ids() == before


def test_images_that_were_open_before_stay_open(gateway: Gateway, java: Any) -> None:
    imp = java("ij.IJ").createImage("mine", "8-bit", 9, 9, 1)
    imp.show()
    try:
        assert gateway.run_macro('newImage("a", "8-bit", 9, 9, 1); return "" + nImages;') == "2"
        assert open_ids() == {imp.getID()}
    finally:
        imp.close()


def test_a_filter_that_needs_a_dialog_runs_headless(gateway: Gateway) -> None:
    macro = """
        newImage("a", "32-bit black", 11, 7, 1);
        setPixel(5, 3, 1);
        run("Gaussian Blur...", "sigma=1");
        return "" + (getPixel(5, 3) < 0.2);
    """
    assert gateway.run_macro(macro) == "1"


def test_macros_from_several_threads_run_one_after_the_other(gateway: Gateway) -> None:
    macro = 'newImage(getArgument(), "8-bit", 9, 9, 1); wait(20); return getTitle() + nImages;'
    answers: dict[int, str | None] = {}

    def run(number: int) -> None:
        answers[number] = gateway.run_macro(macro, f"image{number}-")

    threads = [threading.Thread(target=run, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert answers == {number: f"image{number}-1" for number in range(4)}


def test_a_stopped_task_stops_the_macro_as_cancelled(gateway: Gateway, nuclei_model: str) -> None:
    stop = threading.Event()
    stop.set()
    macro = f'newImage("a", "8-bit ramp", 64, 64, 1); run("PyBridge Segment", "model=[{nuclei_model}]");'
    with listen(None, cancel=stop), pytest.raises(CancelledError):
        gateway.run_macro(macro)


def test_macro_depth_counts_macros_not_frames() -> None:
    inner = (
        "ij.macro.Interpreter.error(I.java:1), ij.macro.Interpreter.run(I.java:2), ij.macro.Interpreter.run(I.java:3)"
    )
    outer = "ij.IJ.runMacro(IJ.java:4), ij.macro.Functions.eval(F.java:5), ij.macro.Interpreter.run(I.java:6)"
    assert parse_stack(f"[{inner}, {outer}]").macro_depth() == 2
    assert parse_stack("[ij.macro.Interpreter.error(I.java:1), ij.IJ.run(IJ.java:3)]").macro_depth() == 0
