"""The real worker process where something is short: memory, shared memory, the network. A message, and it works on."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import numpy as np
import pytest

from pybridge.worker.calls import PROTOCOL
from tests.builders.fiji_side import FijiSide, WorkerFailed
from tests.builders.folders import write_model
from tests.builders.networks import copy

pytestmark = pytest.mark.skipif(os.name != "posix", reason="limits of this kind are POSIX")

# Starts the worker under a limit of the operating system.
LIMITED = """
from pybridge.worker import __main__ as entry
import resource
resource.setrlimit(resource.{what}, ({limit}, {limit}))
entry.main()
"""
# Whatever asks for a network, a port or an address in this process is told that there is none.
WITHOUT_NETWORK = """
from pybridge.worker import __main__ as entry
import sys
def refuse(event, arguments):
    if event.startswith("socket."):
        raise OSError(101, "Network is unreachable: " + event)
sys.addaudithook(refuse)
import socket
try:
    socket.socket()
except OSError:
    entry.main()
"""


@pytest.fixture(scope="module")
def echo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that gives back what it gets."""
    return write_model(tmp_path_factory.mktemp("models") / "echo", copy())


def test_a_stack_that_does_not_fit_is_a_message_and_the_next_call_works(tmp_path: Path, echo: Path) -> None:
    entry = LIMITED.format(what="RLIMIT_AS", limit=6 << 30)
    with FijiSide(entry, PYBRIDGE_SHARED_MEMORY=str(tmp_path), OMP_NUM_THREADS="1") as side:
        small = np.arange(35, dtype=np.uint16).reshape(1, 1, 1, 5, 7)
        with pytest.raises(WorkerFailed, match=r"too little memory .*8\.00 GiB.*To do: .*Duplicate"):
            side.begin("PyBridge Predict", f"model=[{echo}]", small, width=1 << 16, height=1 << 16)
        assert not list(tmp_path.iterdir()), "the shared memory of the call is given back"
        found = side.call("PyBridge Predict", f"model=[{echo}]", small)
        assert np.array_equal(np.frombuffer(found["bytes"], "<f4")[:35], np.arange(35))


def test_a_large_stack_goes_through_little_shared_memory(tmp_path: Path, echo: Path) -> None:
    entry = LIMITED.format(what="RLIMIT_FSIZE", limit=3 << 19)
    pixels = np.random.default_rng(0).integers(0, 60000, (1, 7, 1, 300, 1024), dtype=np.uint16)
    with FijiSide(entry, PYBRIDGE_SHARED_MEMORY=str(tmp_path)) as side:
        begun = side.begin("PyBridge Predict", f"model=[{echo}]", pixels)
        assert begun["portion"] <= 3 << 19 < pixels.nbytes
        side.ask("end", call=begun["call"])
        found = side.call("PyBridge Predict", f"model=[{echo}] tile=none", pixels)
        assert np.array_equal(np.frombuffer(found["bytes"], "<f4").reshape(pixels.shape), pixels)


def test_shared_memory_that_is_too_small_is_a_message(tmp_path: Path, echo: Path) -> None:
    entry = LIMITED.format(what="RLIMIT_FSIZE", limit=1 << 19)
    with FijiSide(entry, PYBRIDGE_SHARED_MEMORY=str(tmp_path)) as side:
        for _ in range(2):
            with pytest.raises(WorkerFailed, match="too little shared memory.*To do: free some there"):
                side.begin("PyBridge Predict", f"model=[{echo}]", np.zeros((1, 1, 1, 5, 7), np.uint8))
        assert side.ask("hello", protocol=PROTOCOL)["pid"] == side.process.pid
        assert not list(tmp_path.iterdir())


def test_no_socket_is_opened_and_none_is_needed(echo: Path, nuclei_model: str) -> None:
    pixels = np.random.default_rng(0).integers(0, 900, (1, 1, 1, 90, 110), dtype=np.uint16)
    with FijiSide(WITHOUT_NETWORK) as side:
        for command, options in (
            ("PyBridge Predict", f"model=[{echo}]"),
            ("PyBridge Segment", f"model={nuclei_model}"),
            ("PyBridge Segment", "model=baseline:otsu-watershed"),
            ("PyBridge Doctor", None),
        ):
            side.call(command, options, pixels)
        if sys.platform.startswith("linux"):
            files = Path(f"/proc/{side.process.pid}/fd").iterdir()
            opened = [os.readlink(file) for file in files if file.is_symlink()]
            assert len(opened) > 3
            assert not [name for name in opened if name.startswith("socket:")]
