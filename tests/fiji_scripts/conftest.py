"""What the tests of the Jython client share: an ImageJ in which a script installed the listener, images and models."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import pybridge
from pybridge.core.image import Calibration, Image
from pybridge.imagej import Gateway
from pybridge.imagej.convert import image_to_imageplus
from pybridge.imagej.images import close_images_since
from pybridge.imagej.jvm import java_class
from tests.builders.folders import write_model
from tests.builders.jython import Jython, make_fiji
from tests.builders.networks import copy, many_layers


@pytest.fixture(scope="module")
def fiji(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_fiji(tmp_path_factory.mktemp("a fiji") / "Fiji d'été")


@pytest.fixture(scope="module")
def client(gateway: Gateway, fiji: Path, nuclei_model: str) -> Iterator[Jython]:
    """A script that installed the listener, in an ImageJ to which Python does not listen."""
    system = java_class("java.lang.System")
    before = system.clearProperty("pybridge.python")  # a script that Python ran before: the settings count here
    gateway._listener.unregister()
    script = Jython(fiji)
    script.run("from pybridge_client import evaluate, listener, worker, segment, predict\nlistener.install()")
    yield script
    script.run("listener.remove(); worker.stop()")
    gateway._listener.register()
    if before is not None:
        system.setProperty("pybridge.python", before)


@pytest.fixture(scope="module")
def cells() -> Image:
    image = pybridge.samples.simulate_nuclei(shape=(110, 154), count=12)[0]
    return Image(image.array, "YX", "my cells.tif", Calibration(x=0.5, y=0.25, unit="µm", origin_x=3))


@pytest.fixture(scope="module")
def echo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_model(tmp_path_factory.mktemp("models") / "echo", copy())


@pytest.fixture(scope="module")
def slow(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model whose one run takes many seconds."""
    return write_model(tmp_path_factory.mktemp("models") / "slow", many_layers())


@pytest.fixture
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
