"""Whole Fijis as processes with their workers: two at once, one that is killed, one without a network."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import pybridge
from pybridge.core.image import Image
from pybridge.files.write import write_imagej_tiff
from pybridge.imagej import Gateway
from tests.builders.fiji_process import FijiError, FijiProcess
from tests.builders.folders import write_model
from tests.builders.jython import make_fiji
from tests.builders.networks import many_layers

pytestmark = [
    pytest.mark.jvm,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc and /dev/shm"),
]

START = """
from ij import IJ
from java.lang import System
from pybridge_client import predict, segment
from pybridge_client.worker import PROTOCOL, worker
imp = IJ.openImage(u"{path}")
answer = worker().ask("hello", {{"protocol": PROTOCOL}}).get("pid")
"""
SEGMENT = """
began = System.currentTimeMillis()
for _ in range({rounds}):
    result = segment(imp, model="nuclei-fluo")
pixels = [value & 0xffff for value in result.labels.getProcessor().getPixels()]
answer = [began, System.currentTimeMillis(), pixels, result.table.size()]
"""


@pytest.fixture(scope="module")
def fiji(gateway: Gateway, nuclei_model: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_fiji(tmp_path_factory.mktemp("fiji") / "Fiji d'été")


@pytest.fixture(scope="module")
def cells(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("cells") / "cells.tif"
    write_imagej_tiff(path, pybridge.samples.simulate_nuclei(shape=(110, 154), count=12)[0])
    return path


@pytest.fixture(scope="module")
def labels(cells: Path) -> Image:
    return pybridge.segment(cells, model="nuclei-fluo").labels


@pytest.fixture(scope="module")
def slow(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model whose one run takes many seconds, on any image."""
    return write_model(tmp_path_factory.mktemp("models") / "slow", many_layers(count=400))


@pytest.fixture
def two(fiji: Path, cells: Path) -> Iterator[tuple[FijiProcess, FijiProcess, list[int]]]:
    """Two Fijis of one installation, and the processes of their workers."""
    with FijiProcess(fiji) as one, FijiProcess(fiji) as other:
        for each in (one, other):
            each.start(START.format(path=cells))
        yield one, other, [one.answer(), other.answer()]


def is_alive(pid: int) -> bool:
    """Whether a process runs; one that ended and was not waited for does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def wait_for_end(pid: int, *, timeout_s: float) -> bool:
    end = time.monotonic() + timeout_s
    while is_alive(pid) and time.monotonic() < end:
        time.sleep(0.1)
    return not is_alive(pid)


def shared_files(pids: list[int]) -> list[Path]:
    return [path for pid in pids for path in Path("/dev/shm").glob(f"pybridge-{pid}-*")]


def sockets_of(pid: int) -> set[str]:
    """The open sockets of a process that belong to a network: TCP and UDP, of IP 4 and 6."""
    inodes = set()
    for name in ("tcp", "tcp6", "udp", "udp6"):
        path = Path(f"/proc/{pid}/net/{name}")
        if path.exists():
            inodes |= {line.split()[9] for line in path.read_text().splitlines()[1:]}
    opened = [os.readlink(file) for file in Path(f"/proc/{pid}/fd").iterdir() if file.exists() or file.is_symlink()]
    return {name for name in opened if name.startswith("socket:[") and name[8:-1] in inodes}


def test_two_fijis_work_at_the_same_moment_each_with_its_worker(two, labels: Image) -> None:
    one, other, workers = two
    assert workers[0] != workers[1]
    for each in (one, other):
        each.ask(SEGMENT.format(rounds=1))  # the model is loaded
    for each in (one, other):
        each.start(SEGMENT.format(rounds=5))
    (began, ended, *first), (began_too, ended_too, *second) = one.answer(), other.answer()
    assert max(began, began_too) < min(ended, ended_too), "they did not work at the same time"
    assert first == second
    assert np.array_equal(np.array(first[0]).reshape(110, 154), labels.array)
    assert first[1] == labels.array.max()
    for pid in (*workers, one.process.pid, other.process.pid):
        assert not sockets_of(pid), "no port, no connection"
    assert one.close() == other.close() == 0
    assert all(wait_for_end(pid, timeout_s=10) for pid in workers)
    assert not shared_files(workers)


def test_a_fiji_that_is_killed_takes_its_worker_along_and_no_other(two, slow: Path, labels: Image) -> None:
    one, other, workers = two
    one.start(f"predict(imp.resize(700, 700, 'none'), model=u'{slow}', tile='none')")
    time.sleep(4)  # the network is running
    assert is_alive(workers[0])
    one.process.kill()
    assert wait_for_end(workers[0], timeout_s=15)
    assert not shared_files(workers[:1])
    _, _, pixels, _ = other.ask(SEGMENT.format(rounds=1))
    assert np.array_equal(np.array(pixels).reshape(110, 154), labels.array)


def test_no_network_is_needed(fiji: Path, cells: Path, labels: Image) -> None:
    alone = ["unshare", "--user", "--map-root-user", "--net"]
    try:
        possible = subprocess.run([*alone, "true"], capture_output=True, timeout=10, check=False).returncode == 0
    except OSError:
        possible = False
    if not possible:
        pytest.skip("this system gives no network of its own to a process; tests/worker refuses sockets instead")
    with FijiProcess(fiji, prefix=alone) as each:
        each.ask(START.format(path=cells))
        # Not even the computer's own address: a port there would be refused as well.
        with pytest.raises(FijiError, match="Network is unreachable|ConnectException|connect"):
            each.ask("from java.net import Socket\nSocket('127.0.0.1', 9)")
        _, _, pixels, _ = each.ask(SEGMENT.format(rounds=1))
    assert np.array_equal(np.array(pixels).reshape(110, 154), labels.array)
