"""The real worker process, from the other end of its wire: how it works, how it fails, and that it leaves nothing."""

from __future__ import annotations

import json
import os
import signal
import stat
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import pybridge
from pybridge.core.image import Image
from pybridge.files.write import write_imagej_tiff
from pybridge.worker.calls import PROTOCOL
from pybridge.worker.segments import MOST_BYTES
from tests.builders.fiji_side import FijiSide, WorkerCancelled, WorkerFailed, canonical, form_of
from tests.builders.folders import write_model
from tests.builders.networks import copy, many_layers

posix = pytest.mark.skipif(os.name != "posix", reason="signals and unlinking are POSIX")

# A library of the worst manners: prints, writes natively without end of line, and asks for input.
NOISY = """
from pybridge.worker import __main__ as entry
import os, sys
print("a library says hello")
os.write(1, b"native noise without an end")
assert sys.stdin.read() == "" and os.read(0, 10) == b""
entry.main()
"""


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("shared mémoire")


@pytest.fixture(scope="module")
def fiji(shared: Path) -> Iterator[FijiSide]:
    """A warm worker that the tests share."""
    with FijiSide(PYBRIDGE_SHARED_MEMORY=str(shared)) as side:
        side.ask("hello", protocol=PROTOCOL)
        yield side


@pytest.fixture(scope="module")
def cells() -> Image:
    return pybridge.samples.simulate_nuclei(shape=(110, 154), count=12)[0]


@pytest.fixture(scope="module")
def echo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that gives back what it gets."""
    return write_model(tmp_path_factory.mktemp("models") / "echo", copy())


@pytest.fixture(scope="module")
def slow(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model whose one run takes many seconds."""
    return write_model(tmp_path_factory.mktemp("models") / "slow", many_layers())


def test_labels_and_table_are_those_of_python(fiji: FijiSide, cells: Image, nuclei_model: str) -> None:
    size_px = [cells.calibration.x, cells.calibration.y, 1]
    options = f"model={nuclei_model} rois=overlay measure=[shape, intensity, neighbours]"
    found = fiji.call("PyBridge Segment", options, canonical(cells), pixel_size=size_px)
    expected = pybridge.segment(cells, model=nuclei_model, measure="all")
    labels = found["images"][-1]
    height, width = expected.labels.array.shape
    size = height * width * 2
    assert (labels["title"], labels["bits"]) == ("mycells-labels", 16)
    assert np.array_equal(
        np.frombuffer(found["bytes"][768 : 768 + size], "<u2").reshape(height, width),
        expected.labels.array.astype(np.uint16),
    )
    rows, names = found["table"]["rows"], found["table"]["names"]
    start = 768 + -(-size // 8) * 8
    columns = np.frombuffer(found["bytes"][start : start + rows * len(names) * 8], "<f8").reshape(len(names), rows)
    assert tuple(names) == expected.objects.names
    for name, column in zip(names, columns, strict=True):
        np.testing.assert_allclose(column, expected.objects[name].astype(float), err_msg=name)
    assert found["rois"]["count"] == rows
    record = json.loads(found["record"])
    assert record["outputs"][0]["sha256_pixels"] == expected.record.outputs[0].sha256_pixels
    assert record["versions"]["imagej"] == "1.54p"
    assert fiji.updates


def test_titles_that_are_taken_are_not_taken_again(fiji: FijiSide, cells: Image, echo: Path) -> None:
    begun = fiji.begin("PyBridge Predict", f"model=[{echo}]", canonical(cells), titles=["mycells-y0", "mycells-output"])
    fiji.put(begun, canonical(cells))
    titles = [image["title"] for image in fiji.ask("run", call=begun["call"])["images"]]
    fiji.ask("end", call=begun["call"])
    assert titles
    assert not {"mycells-y0", "mycells-output"} & set(titles)


def test_a_named_image_of_which_the_file_was_truncated_is_refused(fiji: FijiSide, cells: Image, tmp_path: Path) -> None:
    write_imagej_tiff(tmp_path / "cut.tif", cells)
    (tmp_path / "cut.tif").write_bytes((tmp_path / "cut.tif").read_bytes()[:-100])
    begun = fiji.begin("PyBridge Evaluate", "truth=cut.tif task=restore", canonical(cells), titles=["cut.tif"])
    described = form_of(canonical(cells), title="cut.tif", path=str(tmp_path / "cut.tif"))
    with pytest.raises(WorkerFailed, match="truncated"):
        fiji.ask("image", call=begun["call"], name="cut.tif", image=described)
    fiji.ask("end", call=begun["call"])


def test_a_stack_larger_than_the_shared_memory_goes_in_portions(fiji: FijiSide, echo: Path) -> None:
    pixels = np.random.default_rng(0).integers(0, 60000, (1, 9, 1, 1100, 2048), dtype=np.uint16)
    assert pixels.nbytes > MOST_BYTES
    found = fiji.call("PyBridge Predict", f"model=[{echo}]", pixels)
    image = found["images"][0]
    assert (image["slices"], image["height"], image["width"]) == (9, 1100, 2048)
    assert np.array_equal(np.frombuffer(found["bytes"], "<f4").reshape(pixels.shape), pixels.astype(np.float32))


@posix
def test_while_a_call_is_open_its_memory_is_private_and_later_gone(
    fiji: FijiSide, shared: Path, cells: Image, nuclei_model: str
) -> None:
    begun = fiji.begin("PyBridge Segment", f"model={nuclei_model}", canonical(cells))
    path = Path(begun["path"])
    assert path.parent == shared
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    fiji.put(begun, canonical(cells))
    assert not list(shared.iterdir())
    fiji.ask("end", call=begun["call"])
    with pytest.raises(WorkerFailed, match="go on with a call: it was ended"):
        fiji.ask("run", call=begun["call"])


@pytest.mark.parametrize(
    ("command", "options", "message"),
    [
        ("PyBridge Segmnt", None, "did you mean 'PyBridge Segment'"),
        ("PyBridge Segment", "model=nuclei-flou", "did you mean 'nuclei-fluo'"),
        ("PyBridge Segment", "modell=a", "no such key"),
        ("PyBridge Segment", "model=nuclei-fluo rois=manager", "runs without a display"),
        ("PyBridge Segment", "model=nuclei-fluo rois=zip", "was not opened from a file"),
        ("PyBridge Doctor", "all", "it takes no options"),
        ("PyBridge Open", "path=[nowhere é.tif]", "no such file"),
    ],
)
def test_a_wrong_call_is_one_message(
    fiji: FijiSide, cells: Image, shared: Path, command: str, options: str | None, message: str
) -> None:
    with pytest.raises(WorkerFailed, match=message) as caught:
        fiji.call(command, options, canonical(cells))
    assert "Traceback" not in str(caught.value)


def test_without_an_image_there_is_a_message(fiji: FijiSide) -> None:
    with pytest.raises(WorkerFailed, match="no image is open"):
        fiji.call("PyBridge Segment", "model=nuclei-fluo")


def test_macro_variables_are_filled_in(fiji: FijiSide, cells: Image) -> None:
    form = {"image": None, "fiji": {"imagej": "", "java": "", "headless": True, "titles": []}}
    begun = fiji.ask("begin", command="PyBridge Open", options="path=&file", variables={"file": "gone.tif"}, **form)
    with pytest.raises(WorkerFailed, match="'gone.tif': no such file"):
        fiji.ask("run", call=begun["call"])
    fiji.ask("end", call=begun["call"])
    with pytest.raises(WorkerFailed, match="the macro has no variable 'file'"):
        fiji.ask("begin", command="PyBridge Open", options="path=&file", variables={"file": None}, **form)


def test_the_doctor_looks_at_this_process(fiji: FijiSide) -> None:
    lines = fiji.call("PyBridge Doctor", None)["lines"]
    assert any(line.startswith("ok      worker") for line in lines)
    assert any("device cpu" in line for line in lines)


def test_cancelling_stops_within_a_second_and_the_next_call_works(fiji: FijiSide, slow: Path, echo: Path) -> None:
    pixels = np.random.default_rng(0).random((1, 1, 1, 700, 700)).astype(np.float32)
    begun = fiji.begin("PyBridge Predict", f"model=[{slow}] tile=none", pixels)
    fiji.put(begun, pixels)
    task = fiji.start("run", call=begun["call"])
    time.sleep(2.0)
    asked = time.monotonic()
    fiji.cancel(task)
    with pytest.raises(WorkerCancelled):
        fiji.answer(task)
    took = time.monotonic() - asked
    fiji.ask("end", call=begun["call"])
    found = fiji.call("PyBridge Predict", f"model=[{echo}]", pixels)
    assert np.array_equal(np.frombuffer(found["bytes"], "<f4").reshape(pixels.shape), pixels)
    assert took < 1.0


def test_two_calls_at_once_wait_for_each_other(fiji: FijiSide, echo: Path) -> None:
    stacks = [np.full((1, 3, 1, 64, 96), value, np.uint16) + np.arange(96, dtype=np.uint16) for value in (7, 90)]
    begun = [fiji.begin("PyBridge Predict", f"model=[{echo}]", stack) for stack in stacks]
    files = [open(each["path"], "rb", buffering=0) for each in begun]  # noqa: SIM115 - closed below
    for each, stack in zip(begun, stacks, strict=True):
        fiji.put(each, stack)
    fiji.answers(fiji.start("run", call=each["call"]) for each in begun)
    for file, each, stack in zip(files, begun, stacks, strict=True):
        data = np.frombuffer(file.read(stack.size * 4), "<f4").reshape(stack.shape)
        assert np.array_equal(data, stack.astype(np.float32))
        file.close()
        fiji.ask("end", call=each["call"])


def test_noise_on_stdout_does_not_reach_the_wire(cells: Image, nuclei_model: str) -> None:
    with FijiSide(entry=NOISY) as noisy:
        assert noisy.ask("hello", protocol=PROTOCOL)["pid"] == noisy.process.pid
        with pytest.raises(WorkerFailed, match="the worker does not know it"):
            noisy.ask("helo")
        assert noisy.process.stdin is not None
        noisy.process.stdin.close()
        assert noisy.process.stderr is not None
        heard = noisy.process.stderr.read()
        assert b"a library says hello" in heard
        assert b"native noise without an end" in heard


def test_files_of_another_version_are_told_so(fiji: FijiSide) -> None:
    with pytest.raises(WorkerFailed, match="speak protocol 0.*pybridge fiji install"):
        fiji.ask("hello", protocol=0)


def test_the_worker_ends_when_fiji_does(tmp_path: Path, cells: Image, nuclei_model: str) -> None:
    with FijiSide(PYBRIDGE_SHARED_MEMORY=str(tmp_path)) as side:
        side.begin("PyBridge Segment", f"model={nuclei_model}", canonical(cells))
        assert len(list(tmp_path.iterdir())) == 1
        asked = time.monotonic()
        assert side.close() == 0
        assert time.monotonic() - asked < 10
    assert not list(tmp_path.iterdir())


@posix
def test_the_worker_ends_when_fiji_is_gone_in_the_middle(tmp_path: Path, slow: Path) -> None:
    pixels = np.random.default_rng(0).random((1, 1, 1, 700, 700)).astype(np.float32)
    with FijiSide(PYBRIDGE_SHARED_MEMORY=str(tmp_path)) as side:
        begun = side.begin("PyBridge Predict", f"model=[{slow}] tile=none", pixels)
        side.put(begun, pixels)
        side.start("run", call=begun["call"])
        time.sleep(2.0)
        assert side.close() == 0
    assert not list(tmp_path.iterdir())


@posix
def test_a_worker_that_is_killed_in_the_middle_leaves_no_memory(tmp_path: Path, slow: Path) -> None:
    pixels = np.zeros((1, 1, 1, 700, 700), np.float32)
    pixels[..., 3] = 1
    with FijiSide(PYBRIDGE_SHARED_MEMORY=str(tmp_path)) as side:
        begun = side.begin("PyBridge Predict", f"model=[{slow}] tile=none", pixels)
        side.put(begun, pixels)
        side.start("run", call=begun["call"])
        side.process.send_signal(signal.SIGKILL)
        with pytest.raises(EOFError):
            side.answer("never")
    assert not list(tmp_path.iterdir())


@posix
def test_ctrl_c_in_fijis_terminal_is_not_for_the_worker(fiji: FijiSide) -> None:
    fiji.process.send_signal(signal.SIGINT)
    time.sleep(0.2)
    assert fiji.ask("hello", protocol=PROTOCOL)["pid"] == fiji.process.pid
