"""The worker as the Jython client sees it: shared, interrupted by Esc, killed, not startable."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pybridge.core.image import Image
from pybridge.imagej import Gateway
from pybridge.imagej.convert import image_to_imageplus, imageplus_to_image
from pybridge.imagej.jvm import java_class
from tests.builders.jython import Jython, JythonError, make_fiji
from tests.builders.macros import SEGMENT, run_macro

pytestmark = [pytest.mark.jvm, pytest.mark.usefixtures("clean")]


def pid_of_worker(script: Jython) -> int:
    script.run("""if True:
        from pybridge_client.worker import PROTOCOL, worker as get
        pid = get().ask("hello", {"protocol": PROTOCOL}).get("pid")""")
    return int(script["pid"])


@contextlib.contextmanager
def pressing_esc(*, after_s: float) -> Iterator[list[float]]:
    """Press Esc some time after the block began; gives when that was."""
    pressed: list[float] = []

    def press() -> None:
        pressed.append(time.monotonic())
        java_class("ij.IJ").setKeyDown(27)

    timer = threading.Timer(after_s, press)
    timer.start()
    try:
        yield pressed
    finally:
        timer.join()
        java_class("ij.IJ").setKeyUp(27)


def test_scripts_share_one_worker(client: Jython, fiji: Path) -> None:
    assert pid_of_worker(client) == pid_of_worker(Jython(fiji))


def test_esc_stops_within_a_second_and_the_next_call_works(client: Jython, slow: Path, echo: Path) -> None:
    pixels = np.random.default_rng(0).random((700, 700)).astype(np.float32)
    client["imp"] = image_to_imageplus(Image(pixels, "YX", "big.tif"))
    client.run(f"predict(imp, model=u'{echo}')")
    before = pid_of_worker(client)
    with pressing_esc(after_s=3.0) as pressed, pytest.raises(JythonError, match="Macro canceled"):
        client.run(f"predict(imp, model=u'{slow}', tile='none')")
    took = time.monotonic() - pressed[0]
    client.run(f"out = predict(imp, model=u'{echo}').outputs[0]")
    assert np.array_equal(imageplus_to_image(client["out"]).array, pixels)
    assert pid_of_worker(client) == before, "onnxruntime was stopped, the process lives"
    assert took < 1.0


def test_esc_ends_the_macro_without_a_message(client: Jython, slow: Path, echo: Path, log: Callable[[], str]) -> None:
    image_to_imageplus(Image(np.random.default_rng(0).random((700, 700)).astype(np.float32), "YX", "big.tif")).show()
    assert run_macro(f'run("PyBridge Predict", "model=[{echo}]"); return "warm";') == "warm"
    image_to_imageplus(Image(np.random.default_rng(0).random((700, 700)).astype(np.float32), "YX", "big.tif")).show()
    with pressing_esc(after_s=3.0):
        found = run_macro(f'run("PyBridge Predict", "model=[{slow}] tile=none"); return "went on";')
    assert found == "[aborted]"
    assert log() == ""


@pytest.mark.skipif(os.name != "posix", reason="SIGKILL is POSIX")
def test_a_worker_that_died_is_started_anew_and_said_so(client: Jython, on_screen: Any, log: Callable[[], str]) -> None:
    before = pid_of_worker(client)
    os.kill(before, signal.SIGKILL)
    time.sleep(0.5)
    title = run_macro(f"{SEGMENT} return getTitle();")
    assert (title, "its Python process had ended" in log()) == ("mycells-labels", True), log()
    assert pid_of_worker(client) != before


@pytest.mark.skipif(os.name != "posix", reason="SIGKILL is POSIX")
def test_a_worker_killed_in_the_middle_is_an_error_and_the_next_call_works(
    client: Jython, slow: Path, echo: Path, log: Callable[[], str]
) -> None:
    image_to_imageplus(Image(np.random.default_rng(0).random((700, 700)).astype(np.float32), "YX", "big.tif")).show()
    threading.Timer(3.0, os.kill, (pid_of_worker(client), signal.SIGKILL)).start()
    assert run_macro(f'run("PyBridge Predict", "model=[{slow}] tile=none"); return "went on";') == "[aborted]"
    assert "it ended in the middle" in log()
    assert run_macro(f'run("PyBridge Predict", "model=[{echo}]"); return "went on";') == "went on"


def test_an_environment_that_moved_is_a_message(client: Jython, fiji: Path, tmp_path: Path) -> None:
    moved = make_fiji(tmp_path / "Fiji", python=str(tmp_path / "gone" / "bin" / "python"))
    script = Jython(moved)
    script["imp"] = image_to_imageplus(Image(np.zeros((5, 7), np.uint8), "YX"))
    with pytest.raises(JythonError, match="gone/bin/python is not there.*pybridge fiji install"):
        script.run("from pybridge_client import segment; segment(imp, model='nuclei-fluo')")
    assert pid_of_worker(client), "the worker of the others lives on"


def test_missing_settings_are_a_message(client: Jython, tmp_path: Path) -> None:
    folder = make_fiji(tmp_path / "Fiji d'été")
    (folder / "config" / "pybridge" / "settings.json").unlink()
    script = Jython(folder)
    script["imp"] = image_to_imageplus(Image(np.zeros((5, 7), np.uint8), "YX"))
    with pytest.raises(JythonError, match="no usable .*d'été.*settings.json.*pybridge fiji install"):
        script.run("from pybridge_client import segment; segment(imp, model='nuclei-fluo')")


def test_an_environment_without_pybridge_is_a_message(gateway: Gateway, client: Jython, tmp_path: Path) -> None:
    empty = Jython(make_fiji(tmp_path / "Fiji", environment={"PYTHONPATH": str(tmp_path), "PYTHONHOME": str(tmp_path)}))
    empty["imp"] = image_to_imageplus(Image(np.zeros((5, 7), np.uint8), "YX"))
    client.run("worker.stop()")
    with pytest.raises(JythonError, match=r"start PyBridge's Python: .* ended .*To do: run `pybridge fiji install"):
        empty.run("from pybridge_client import segment; segment(imp, model='nuclei-fluo')")


def test_nothing_is_left_in_shared_memory(client: Jython) -> None:
    pid_of_worker(client)
    memory = Path("/dev/shm")
    if not memory.is_dir():
        pytest.skip("this system has no /dev/shm")
    assert not list(memory.glob(f"pybridge-{pid_of_worker(client)}-*"))
