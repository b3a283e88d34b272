"""The listener in Jython: which calls of a macro it takes, how an error stops the macro, and what it leaves alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pybridge.core.image import Image
from pybridge.files.write import write_imagej_tiff
from pybridge.imagej.convert import image_to_imageplus
from pybridge.imagej.jvm import java_class
from tests.builders.jython import Jython
from tests.builders.macros import SEGMENT, run_macro

pytestmark = [pytest.mark.jvm, pytest.mark.usefixtures("clean")]


def test_our_error_stops_the_macro_and_is_told_once(on_screen: Any, log: Callable[[], str]) -> None:
    text = 'run("PyBridge Segment", "model=nuclei-flou"); print("went on");'
    assert run_macro(text) == "[aborted]"
    told = log()
    assert told.count("did you mean 'nuclei-fluo'") == 1
    assert "went on" not in told
    assert java_class("ij.Macro").getOptions() is None
    inner = "run('PyBridge Segment', 'model=nuclei-flou');"
    assert run_macro(f'r = eval("{inner}"); return "seen " + r;') == "seen [aborted]"
    assert run_macro(f"{SEGMENT} return getTitle();") == "mycells-labels"


def test_without_an_image_the_macro_stops(log: Callable[[], str]) -> None:
    assert run_macro(SEGMENT) == "[aborted]"
    assert "no image is open" in log()


def test_variables_of_the_macro_are_filled_in(on_screen: Any) -> None:
    assert (
        int(
            run_macro(
                'm = "nuclei-fluo"; n = 20; run("PyBridge Segment", "model=&m min_size=&n"); return "" + nResults;'
            )
        )
        > 5
    )


def test_a_click_in_the_menu_is_left_to_the_script(client: Jython) -> None:
    client.run('left = listener.Listener().commandExecuting("PyBridge Segment")')
    assert str(client["left"]) == "PyBridge Segment"
    client.run('other = listener.Listener().commandExecuting("Invert")')
    assert str(client["other"]) == "Invert"


def test_installing_twice_is_once(client: Jython, fiji: Path, on_screen: Any) -> None:
    Jython(fiji).run("from pybridge_client import listener; listener.install()")
    run_macro(SEGMENT)
    assert int(java_class("ij.measure.ResultsTable").getResultsTable().size()) < 20


def test_start_is_a_line_that_does_nothing_more(log: Callable[[], str]) -> None:
    assert run_macro('run("PyBridge Start"); return "on";') == "on"


def test_the_doctor_writes_to_the_log(log: Callable[[], str]) -> None:
    assert run_macro('run("PyBridge Doctor"); return "on";') == "on"
    assert "device cpu" in log()


def test_open_takes_whole_files_only(log: Callable[[], str], tmp_path: Path, cells: Image) -> None:
    path = tmp_path / "à voir.tif"
    write_imagej_tiff(path, cells)
    assert run_macro(f'run("PyBridge Open", "path=[{path}]"); return getTitle();') == "à voir.tif"
    path.write_bytes(path.read_bytes()[:-900])
    assert run_macro(f'run("PyBridge Open", "path=[{path}]"); return getTitle();') == "[aborted]"
    assert "To do" in log()


AFTER_A_FAILURE = """if True:
    from ij import IJ
    from java.lang import RuntimeException
    try:
        IJ.run(wrong, "PyBridge Segment", "model=nuclei-flou")
        told = "nothing"
    except RuntimeException as error:
        told = error.getMessage()
    IJ.run(right, "PyBridge Segment", "model=baseline:otsu-watershed")
    title = IJ.getImage().getTitle()
"""


def test_after_a_call_that_failed_the_next_result_is_the_current_image(
    client: Jython, cells: Image, log: Callable[[], str]
) -> None:
    client["wrong"], client["right"] = image_to_imageplus(cells), image_to_imageplus(cells)
    client.run(AFTER_A_FAILURE)
    assert "did you mean 'nuclei-fluo'" in str(client["told"])
    assert str(client["title"]) == "mycells-labels"
