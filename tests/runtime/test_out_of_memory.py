"""Batches, and what happens when the memory is too small for them, for a tile, for the GPU at all."""

import contextlib
import dataclasses

import numpy as np
import pytest

from pybridge.core.errors import DeviceMemoryError
from pybridge.runtime import Gather, open_predictor, session
from pybridge.runtime.backend import CPU, CUDA, NetworkError
from pybridge.runtime.batches import MOST_AT_ONCE
from pybridge.runtime.gpus import Gpu
from pybridge.runtime.onnx_backend import OnnxBackend


def predict(predictor, pixels, axes, **options):
    sink = Gather([pixels.shape[axes.index(letter)] for letter in "TZYX" if letter in axes])
    predictor.predict(pixels, axes, sink=sink, **options)
    return sink.arrays


class _Failing:
    """A session that has too little memory for large tiles, from its n-th run on."""

    def __init__(self, inner, backend):
        self.inner, self.backend = inner, backend
        self.inputs, self.outputs = inner.inputs, inner.outputs
        self.used = CPU

    def providers(self):
        return (self.used, CPU)

    def run(self, feeds, *, release=False):
        self.backend.runs += 1
        pixels = next(iter(feeds.values())).size
        if self.used == CUDA and (pixels > self.backend.most or self.backend.runs > self.backend.after):
            raise NetworkError("Fail", "Failed to allocate memory for requested buffer of size 12345")
        return self.inner.run(feeds, release=release)


class SmallGpu(OnnxBackend):
    """The real CPU, dressed as a GPU with little memory."""

    def __init__(self, *, most=1 << 40, after=1 << 40):
        self.most, self.after, self.runs = most, after, 0

    def available_providers(self):
        return (CUDA, CPU)

    def preload(self):
        return ()

    def gpus(self):
        return (Gpu(0, "Small"),)

    def driver(self):
        return "1"

    def open(self, path, providers):
        session = _Failing(super().open(path, ((CPU, {}),)), self)
        session.used = providers[0][0]
        return session


@pytest.fixture
def pixels():
    return np.random.default_rng(0).normal(size=(200, 230)).astype(np.float32)


def test_a_gpu_out_of_memory_gets_smaller_tiles_and_the_same_result(built, pixels):
    expected = predict(open_predictor(built("unet"), device="cpu"), pixels, "YX")
    predictor = open_predictor(built("unet"), device="cuda", backend=SmallGpu(most=100 * 100))
    assert predict(predictor, pixels, "YX")[0] == pytest.approx(expected[0], abs=1e-5)
    assert any("ran out of memory on tiles of (200, 232)" in warning for warning in predictor.warnings)
    assert predictor.device.used == "cuda:0"


def test_tiles_run_in_batches_where_the_network_takes_them(built, pixels):
    predictor = open_predictor(built("batches"), device="cpu")
    seen = []

    class Watched:
        def run(self, feeds, *, release=False):
            seen.append(next(iter(feeds.values())).shape[0])
            return inner.run(feeds, release=release)

    inner = predictor.session
    verified = dataclasses.replace(predictor._opened.verified, session=Watched())
    predictor._opened = dataclasses.replace(predictor._opened, verified=verified)
    parts = predict(predictor, pixels, "YX", tile=64)
    assert max(seen) == MOST_AT_ONCE
    assert sum(seen) == len(predictor.plan(pixels.shape, tile=64))
    (whole,) = predict(open_predictor(built("batches"), device="cpu"), pixels, "YX", tile="none")
    assert parts[0] == pytest.approx(whole, abs=1e-5)
    augmented = predict(predictor, pixels, "YX", tile=64, augment=True)
    (expected,) = predict(predictor, pixels, "YX", tile="none", augment=True)
    assert augmented[0] == pytest.approx(expected, abs=1e-5)


def test_a_network_of_one_item_at_a_time_gets_one(built, pixels):
    predictor = open_predictor(built("unet"), device="cpu")
    assert predictor._batch(predictor.plan(pixels.shape, tile=64)) == 1


def test_out_of_memory_means_fewer_tiles_then_smaller_ones_then_the_cpu(built, pixels):
    expected = predict(open_predictor(built("batches"), device="cpu"), pixels, "YX", tile=64)
    backend = SmallGpu()
    predictor = open_predictor(built("batches"), device="auto", backend=backend)
    backend.most = 64 * 64 * 2
    assert predict(predictor, pixels, "YX", tile=64)[0] == pytest.approx(expected[0], abs=1e-5)
    assert predictor.warnings == ("cuda:0 ran out of memory on 4 tiles at once; took 2",)
    assert predictor.device.used == "cuda:0"
    backend.most = 60
    assert predict(predictor, pixels, "YX", tile=64)[0] == pytest.approx(expected[0], abs=1e-5)
    said = " ".join(predictor.warnings)
    steps = ["on 4 tiles at once", "on 2 tiles at once", "on tiles of (64", "the rest ran on the CPU"]
    assert [said.index(step) for step in steps] == sorted(said.index(step) for step in steps)
    assert (predictor.device.asked, predictor.device.used) == ("auto", "cpu")


def test_auto_goes_to_the_cpu_when_even_small_tiles_fail(built, pixels):
    expected = predict(open_predictor(built("unet"), device="cpu"), pixels, "YX")
    backend = SmallGpu()
    predictor = open_predictor(built("unet"), device="auto", backend=backend)
    assert predictor.device.used == "cuda:0"
    backend.most = 20 * 20
    assert predict(predictor, pixels, "YX")[0] == pytest.approx(expected[0], abs=1e-5)
    assert (predictor.device.asked, predictor.device.used) == ("auto", "cpu")
    assert any("the rest ran on the CPU" in warning for warning in predictor.warnings)


@pytest.mark.parametrize("device", ["auto", "cuda"])
def test_a_session_that_ran_out_of_memory_is_not_kept_warm(built, pixels, monkeypatch, device):
    backend = SmallGpu()
    session.close_all()
    monkeypatch.setattr(session, "OnnxBackend", lambda: backend)
    predictor = open_predictor(built("unet"), device=device)
    assert predictor.session in [warm.verified.session for warm in session._warm.values()]
    full, backend.most = predictor.session, 20 * 20
    with contextlib.suppress(DeviceMemoryError):
        predict(predictor, pixels, "YX")
    assert full not in [warm.verified.session for warm in session._warm.values()]
    session.close_all()


def test_cuda_by_name_never_goes_to_the_cpu(built, pixels):
    backend = SmallGpu()
    predictor = open_predictor(built("unet"), device="cuda", backend=backend)
    backend.most = 20 * 20
    with pytest.raises(DeviceMemoryError, match="or device=cpu"):
        predict(predictor, pixels, "YX")


def test_tiles_that_were_handed_on_are_not_handed_on_again(built, pixels):
    backend = SmallGpu()
    predictor = open_predictor(built("unet"), device="auto", backend=backend)
    backend.after = backend.runs + 5
    regions = []

    class Notes(Gather):
        def write(self, outputs, region):
            regions.append(tuple((part.start, part.stop) for part in region))
            super().write(outputs, region)

    sink = Notes(pixels.shape)
    predictor.predict(pixels, "YX", tile=64, sink=sink)
    assert len(regions) == len(set(regions)) > 5
    expected = predict(open_predictor(built("unet"), device="cpu"), pixels, "YX")
    assert sink.arrays[0] == pytest.approx(expected[0], abs=1e-5)
