"""The Jython client in a real ImageJ with the real worker: macros, scripts, Esc, and everything that can go wrong."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import pybridge
from pybridge.core.image import Calibration, Image
from pybridge.imagej import Gateway
from pybridge.imagej.convert import image_to_imageplus, imageplus_to_image
from pybridge.imagej.images import close_images_since, open_ids
from pybridge.imagej.jvm import java_class
from tests.builders.folders import write_model
from tests.builders.jython import Jython, JythonError, make_fiji
from tests.builders.networks import Graph, copy

pytestmark = pytest.mark.jvm

SEGMENT = 'run("PyBridge Segment", "model=nuclei-fluo");'


@pytest.fixture(scope="module")
def fiji(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_fiji(tmp_path_factory.mktemp("a fiji") / "Fiji d'été")


@pytest.fixture(scope="module")
def client(gateway: Gateway, fiji: Path, nuclei_model: str) -> Iterator[Jython]:
    """A script that installed the listener, in an ImageJ to which Python does not listen."""
    gateway._listener.unregister()
    script = Jython(fiji)
    script.run("from pybridge_client import evaluate, listener, worker, segment, predict\nlistener.install()")
    yield script
    script.run("listener.remove(); worker.stop()")
    gateway._listener.register()


@pytest.fixture(scope="module")
def cells() -> Image:
    image = pybridge.samples.simulate_nuclei(shape=(110, 154), count=12)[0]
    return Image(image.array, "YX", "my cells.tif", Calibration(x=0.5, y=0.25, unit="µm", origin_x=3))


@pytest.fixture(scope="module")
def echo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_model(tmp_path_factory.mktemp("models") / "echo", copy())


@pytest.fixture(scope="module")
def slow(tmp_path_factory: pytest.TempPathFactory) -> Path:
    graph = Graph()
    x = graph.relu(graph.conv("x", 1, 32))
    for _ in range(200):
        x = graph.relu(graph.conv(x, 32, 32))
    return write_model(tmp_path_factory.mktemp("models") / "slow", graph.finish(graph.conv(x, 32, 1)))


@pytest.fixture(autouse=True)
def clean(client: Jython) -> Iterator[None]:
    """No image and no row is left of a test."""
    close_images_since(frozenset())
    table = java_class("ij.measure.ResultsTable").getResultsTable()
    table.reset()
    yield
    table.reset()
    close_images_since(frozenset())


@pytest.fixture
def on_screen(cells: Image) -> Any:
    imp = image_to_imageplus(cells)
    imp.show()
    return imp


@pytest.fixture
def log() -> Iterator[Callable[[], str]]:
    """What ImageJ writes to its Log, which is System.out without a window."""
    system = java_class("java.lang.System")
    stream = java_class("java.io.ByteArrayOutputStream")()
    before = system.out
    system.setOut(java_class("java.io.PrintStream")(stream, True))
    yield lambda: str(stream.toString())
    system.setOut(before)


def run_macro(text: str) -> str:
    """Run a macro as ImageJ does; ``[aborted]`` when it was stopped."""
    found = java_class("ij.IJ").runMacro(text)
    return "" if found is None else str(found)


def active() -> Any:
    return java_class("ij.WindowManager").getCurrentImage()


def pid_of_worker(script: Jython) -> int:
    script.run('from pybridge_client.worker import worker as get; pid = get().ask("hello", {"protocol": 1}).get("pid")')
    return int(script["pid"])


@pytest.mark.parametrize("batch", ["true", "false"])
def test_the_next_line_of_a_macro_sees_the_labels(on_screen: Any, batch: str) -> None:
    text = f"setBatchMode({batch}); {SEGMENT} getStatistics(a, m, min, max); "
    text += 'return getTitle() + "|" + max + "|" + nResults;'
    title, highest, rows = run_macro(text).split("|")
    assert title == "mycells-labels"
    assert int(highest) == int(rows) > 5


def test_all_is_as_in_the_imagej_that_python_starts(gateway: Gateway, on_screen: Any) -> None:
    run_macro(SEGMENT)
    found, table = active(), java_class("ij.measure.ResultsTable").getResultsTable()
    rows = str(table.getColumnHeadings()), [str(table.getRowAsString(row)) for row in range(int(table.size()))]
    table.reset()
    expected = gateway.segment(on_screen, model="nuclei-fluo")
    assert rows[0] == str(table.getColumnHeadings())
    assert rows[1] == [str(table.getRowAsString(row)) for row in range(int(table.size()))]
    assert np.array_equal(imageplus_to_image(found).array, imageplus_to_image(expected).array)
    assert imageplus_to_image(found).calibration == imageplus_to_image(expected).calibration
    assert found.getBitDepth() == expected.getBitDepth() == 16
    assert (found.getDisplayRangeMin(), found.getDisplayRangeMax()) == (
        expected.getDisplayRangeMin(),
        expected.getDisplayRangeMax(),
    )
    colours = [bytes(imp.getProcessor().getLut().getBytes()) for imp in (found, expected)]
    assert colours[0] == colours[1]
    records = [json.loads(str(imp.getProperty("Info"))) for imp in (found, expected)]
    for record in records:
        for key in ("id", "started", "timing_s", "record_sha256"):
            del record[key]
        record["outputs"][0].pop("name")  # two images of one title are told apart
    assert records[0] == records[1]


def test_a_hyperstack_keeps_its_planes_and_its_shape(client: Jython, echo: Path) -> None:
    pixels = np.arange(2 * 3 * 5 * 7).reshape(2, 3, 5, 7).astype(np.uint16)
    client["imp"] = image_to_imageplus(Image(pixels, "TZYX", "stack.tif", Calibration(z=2.0, frame_interval=1.5)))
    client.run(f"result = predict(imp, model=u'{echo}'); out = result.outputs[0]; tensors = len(result.outputs)")
    out = imageplus_to_image(client["out"])
    assert (out.axes, out.array.dtype) == ("TZYX", np.float32)
    assert np.array_equal(out.array, pixels)
    assert (out.calibration.z, out.calibration.frame_interval) == (2.0, 1.5)


def test_a_stack_larger_than_a_portion_arrives_whole(client: Jython, echo: Path) -> None:
    pixels = np.random.default_rng(0).integers(0, 60000, (9, 1100, 2048), dtype=np.uint16)
    client["imp"] = image_to_imageplus(Image(pixels, "ZYX", "large.tif"))
    client.run(f"out = predict(imp, model=u'{echo}', tile=512).outputs[0]")
    assert np.array_equal(imageplus_to_image(client["out"]).array, pixels.astype(np.float32))


def test_a_script_gets_labels_table_and_record(client: Jython, on_screen: Any, cells: Image) -> None:
    before = open_ids()
    client["imp"] = on_screen
    client.run("""if True:
        result = segment(imp, model="nuclei-fluo", rois="overlay", show_probability=True)
        labels, rows, device = result.labels, result.table.size(), result.record["device"]["used"]
        names = [roi.getName() for roi in labels.getOverlay().toArray()]
        limits = [result.probability.getDisplayRangeMin(), result.probability.getDisplayRangeMax()]
    """)
    expected = pybridge.segment(cells, model="nuclei-fluo")
    assert np.array_equal(imageplus_to_image(client["labels"]).array, expected.labels.array)
    assert int(client["rows"]) == len(expected.objects)
    assert [str(name) for name in client["names"]] == [str(label) for label in range(1, int(client["rows"]) + 1)]
    assert str(client["device"]) == "cpu"
    assert [float(each) for each in client["limits"]] == [0.0, 1.0]
    assert open_ids() == before, "nothing is shown unasked"
    assert int(java_class("ij.measure.ResultsTable").getResultsTable().size()) == 0


def test_outlines_cover_the_pixels_of_their_labels(client: Jython, on_screen: Any) -> None:
    client["imp"] = on_screen
    client.run('labels = segment(imp, model="nuclei-fluo", rois="overlay").labels')
    labels, painted = client["labels"], np.zeros((110, 154), np.uint16)
    for roi in labels.getOverlay().toArray():
        box, mask = roi.getBounds(), roi.getMask()
        for y in range(int(box.height)):
            for x in range(int(box.width)):
                if mask is None or mask.get(x, y):
                    painted[int(box.y) + y, int(box.x) + x] = int(str(roi.getName()))
    assert np.array_equal(painted, imageplus_to_image(labels).array)


def test_a_truth_is_an_open_image_first(client: Jython, on_screen: Any, cells: Image) -> None:
    labels = pybridge.segment(cells, model="nuclei-fluo").labels
    truth = image_to_imageplus(Image(labels.array, "YX", "the truth"))
    truth.show()
    client["imp"] = on_screen
    client.run('scores = segment(imp, model="nuclei-fluo", truth="the truth").record["scores"]["pooled"]["0.50"]["ap"]')
    assert float(client["scores"]) == 1.0


def test_two_open_images_are_scored_as_in_the_imagej_that_python_starts(
    gateway: Gateway, client: Jython, on_screen: Any, cells: Image
) -> None:
    labels = pybridge.segment(cells, model="nuclei-fluo").labels
    array = np.asarray(labels.array)
    for name, pixels in (("the truth", array), ("mine", array * (array != 2))):
        image_to_imageplus(Image(pixels, "YX", name, cells.calibration)).show()
    table = java_class("ij.measure.ResultsTable").getResultsTable()
    table.setValue("Area", 0, 7.0)
    call = 'run("PyBridge Evaluate", "truth=[the truth] result=mine show_errors");'
    told = run_macro(f'{call} return getTitle() + "|" + bitDepth + "|" + getResultString("Image", 1);')
    assert told == "mine-errors|24|mine"
    found = imageplus_to_image(active())
    row = str(table.getColumnHeadings()), str(table.getRowAsString(1)), str(table.getRowAsString(0))
    client.run('again = evaluate("mine", "the truth"); rows = again.table.size(); record = again.record["command"]')
    assert (int(client["rows"]), str(client["record"])) == (1, "PyBridge Evaluate")
    table.reset()
    table.setValue("Area", 0, 7.0)
    gateway._listener.register()
    try:
        gateway.run_macro(call)
        expected = imageplus_to_image(active())
    finally:
        gateway._listener.unregister()
    assert row == (str(table.getColumnHeadings()), str(table.getRowAsString(1)), str(table.getRowAsString(0)))
    np.testing.assert_array_equal(found.array, expected.array)
    assert found.calibration == expected.calibration


def test_scripts_share_one_worker(client: Jython, fiji: Path) -> None:
    assert pid_of_worker(client) == pid_of_worker(Jython(fiji))


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
    from pybridge.files.write import write_imagej_tiff

    path = tmp_path / "à voir.tif"
    write_imagej_tiff(path, cells)
    assert run_macro(f'run("PyBridge Open", "path=[{path}]"); return getTitle();') == "à voir.tif"
    path.write_bytes(path.read_bytes()[:-900])
    assert run_macro(f'run("PyBridge Open", "path=[{path}]"); return getTitle();') == "[aborted]"
    assert "To do" in log()


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


def test_a_comparison_is_a_labelled_stack_and_rows_of_text(client: Jython, on_screen: Any) -> None:
    macro = """run("PyBridge Compare", "model=[baseline:otsu-watershed,baseline:otsu-watershed:max_size=150]");
        text = getTitle() + "|" + nSlices + "|" + bitDepth;
        for (i = 1; i <= nSlices; i++) { setSlice(i); text = text + "|" + getInfo("slice.label"); }
        for (i = 0; i < nResults; i++) text = text + "|" + getResultString("Method", i);
        getPixelSize(unit, width, height);
        return text + "|" + unit + "|" + width;"""
    title, slices, bits, first, second, *methods, unit, width = run_macro(macro).split("|")
    assert (title, slices, bits, unit, width) == ("mycells-comparison", "2", "24", "µm", "0.5")
    assert [first.rpartition(": ")[0], second.rpartition(": ")[0]] == methods
    assert set(methods) == {"baseline:otsu-watershed", "baseline:otsu-watershed:max_size=150"}
