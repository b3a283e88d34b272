import logging

import numpy as np
import pytest

from pybridge.core.errors import DeviceError, DeviceMemoryError, ModelError, UsageError
from pybridge.runtime.backend import CPU, CUDA, NetworkError, Port
from pybridge.runtime.devices import open_verified, parse_device
from pybridge.runtime.gpus import Gpu

GPU = Gpu(0, "Tesla Testing")


class FakeSession:
    inputs = (Port("x", "float32", (1, 1, None, None)),)
    outputs = (Port("y", "float32", (1, 1, None, None)),)

    def __init__(self, backend, providers):
        self.backend = backend
        self.given = providers

    def providers(self):
        return self.given

    def run(self, feeds, *, release=False):
        self.backend.runs.append(self.given[0])
        if self.given[0] in self.backend.failing:
            raise NetworkError("Fail", self.backend.failing[self.given[0]])
        return [np.zeros((1, 1, 4, 4), np.float32)]


class FakeBackend:
    """A machine that is made up: what was built in, what loads, what fails."""

    def __init__(self, *, built=(CUDA, CPU), loads=(CUDA, CPU), gpus=(GPU,), failing=None, raising=None, missing=""):
        self.built, self.loads, self.listed, self.missing = built, loads, gpus, missing
        self.failing, self.raising = failing or {}, raising or {}
        self.runs, self.opened = [], []

    def available_providers(self):
        return self.built

    def preload(self):
        return ("Failed to load libcudart.so.13: no such file",) if self.missing else ()

    def missing_library(self):
        return self.missing

    def gpus(self):
        return self.listed

    def driver(self):
        return "570.1" if self.listed else ""

    def open(self, path, providers):
        self.opened.append(providers)
        first = providers[0][0]
        assert first in self.built, "asked for a provider that this onnxruntime does not know"
        if first in self.raising:
            raise NetworkError(*self.raising[first])
        return FakeSession(self, tuple(name for name, _ in providers if name in self.loads))


def opened(device, backend, tmp_path):
    return open_verified(
        tmp_path / "m.onnx", parse_device(device), backend=backend, probe=lambda session: session.run({})
    )


@pytest.mark.parametrize("text", ["gpu", "", "cuda:", "cuda:x", "cuda:-1", "mps", "cpu:0"])
def test_an_unknown_device_is_a_usage_error(text):
    with pytest.raises(UsageError, match="choose one of 'auto', 'cpu', 'cuda', 'cuda:N'"):
        parse_device(text)


def test_cuda_that_loads_and_runs_is_recorded_as_what_ran(tmp_path):
    backend = FakeBackend(gpus=(GPU, Gpu(1, "Second")))
    used = opened("cuda:1", backend, tmp_path).device
    assert (used.asked, used.used, used.provider, used.name, used.driver) == (
        "cuda:1",
        "cuda:1",
        CUDA,
        "Second",
        "570.1",
    )
    assert backend.runs == [CUDA]
    assert dict(backend.opened[0])[CUDA]["device_id"] == "1"


def test_cuda_that_silently_became_cpu_is_an_error_that_says_what_is_missing(tmp_path):
    backend = FakeBackend(loads=(CPU,), missing="libcublasLt.so.13: cannot open shared object file")
    with pytest.raises(DeviceError, match=r"only load CPUExecutionProvider.*libcublasLt\.so\.13") as caught:
        opened("cuda", backend, tmp_path)
    assert "pip install 'pybridge[cuda]'" in str(caught.value)
    assert caught.value.exit_code == 3


def test_an_onnxruntime_without_cuda_is_never_asked_for_it(tmp_path):
    backend = FakeBackend(built=(CPU,), loads=(CPU,))
    with pytest.raises(DeviceError, match="this onnxruntime has only CPUExecutionProvider"):
        opened("cuda", backend, tmp_path)
    assert backend.opened == []


def test_a_gpu_number_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(DeviceError, match=r"no GPU 3, only cuda:0 \(Tesla Testing\)"):
        opened("cuda:3", FakeBackend(), tmp_path)


def test_a_first_inference_that_fails_on_cuda_is_an_error(tmp_path):
    with pytest.raises(DeviceError, match="first inference failed: no kernel image"):
        opened("cuda", FakeBackend(failing={CUDA: "no kernel image"}), tmp_path)
    with pytest.raises(DeviceMemoryError, match="too little memory"):
        opened("cuda", FakeBackend(failing={CUDA: "CUDA out of memory"}), tmp_path)


@pytest.mark.parametrize(
    "backend",
    [
        FakeBackend(loads=(CPU,), missing="libcudnn.so.9: not found"),
        FakeBackend(failing={CUDA: "no kernel image"}),
        FakeBackend(raising={CUDA: ("RuntimeError", "driver too old")}),
    ],
)
def test_auto_falls_back_and_says_so_when_there_is_a_gpu(tmp_path, caplog, backend):
    with caplog.at_level(logging.WARNING, "pybridge.runtime"):
        found = opened("auto", backend, tmp_path)
    assert (found.device.asked, found.device.used, found.device.provider) == ("auto", "cpu", CPU)
    assert "took the CPU although there is a GPU" in found.warnings[0]
    assert "took the CPU although there is a GPU" in caplog.text


def test_auto_without_a_gpu_is_quiet(tmp_path, caplog):
    with caplog.at_level(logging.WARNING, "pybridge.runtime"):
        found = opened("auto", FakeBackend(gpus=(), loads=(CPU,)), tmp_path)
    assert (found.device.used, found.warnings, caplog.text) == ("cpu", (), "")


def test_auto_takes_a_gpu_that_works(tmp_path):
    assert opened("auto", FakeBackend(), tmp_path).device.used == "cuda:0"


def test_cpu_never_touches_cuda(tmp_path):
    backend = FakeBackend()
    assert opened("cpu", backend, tmp_path).device.used == "cpu"
    assert [name for providers in backend.opened for name, _ in providers] == [CPU]


@pytest.mark.parametrize(
    ("kind", "text", "reason"),
    [
        ("Fail", "Opset 99 is under development", "newer than this onnxruntime"),
        ("Fail", "Unsupported model IR version: 99", "newer than this onnxruntime"),
        ("NotImplemented", "Could not find an implementation for Foo(1)", "operator that onnxruntime lacks"),
        ("InvalidProtobuf", "protobuf parsing failed", "truncated or no ONNX"),
    ],
)
def test_a_network_that_cannot_run_is_the_models_fault_on_any_device(tmp_path, kind, text, reason):
    for device in ("cpu", "cuda", "auto"):
        backend = FakeBackend(raising={CPU: (kind, text), CUDA: (kind, text)})
        with pytest.raises(ModelError, match=reason):
            opened(device, backend, tmp_path)
