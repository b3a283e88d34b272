"""On a real GPU: the device that ran is proven, and its numbers are the CPU's. ``make test-cuda`` demands one."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest

from pybridge import zoo
from pybridge.core.errors import DeviceError
from pybridge.runtime import Gather, open_predictor
from pybridge.runtime.backend import CUDA
from tests.builders.folders import write_model
from tests.builders.networks import unet
from tests.conftest import missing

TOLERANCE = 1e-4


@pytest.fixture(scope="module")
def on_cuda(request):
    """Open a model on CUDA and on the CPU."""

    def opened(reference):
        model = zoo.find(reference)
        try:
            return open_predictor(model, device="cuda"), open_predictor(model, device="cpu")
        except DeviceError as error:
            return missing("cuda", str(error), request.config)

    return opened


def predict(predictor, pixels, *, tile="auto"):
    sink = Gather(pixels.shape[1:])
    predictor.predict(pixels, "CYX", sink=sink, tile=tile)
    return sink.arrays


def compare(pair, shape, *, tile="auto"):
    cuda, cpu = pair
    assert (cuda.device.used, cuda.device.provider) == ("cuda:0", CUDA)
    assert cuda.session.providers()[0] == CUDA
    assert cuda.device.name
    assert cuda.device.driver
    pixels = np.random.default_rng(0).gamma(2, 300, shape).astype(np.uint16)
    for found, expected in zip(predict(cuda, pixels, tile=tile), predict(cpu, pixels, tile=tile), strict=True):
        difference = np.abs(found - expected) / np.maximum(1.0, np.abs(expected))
        assert difference.max() < TOLERANCE


@pytest.mark.parametrize("tile", ["auto", 256])
def test_nuclei_fluo_gives_the_numbers_of_the_cpu(on_cuda, nuclei_model, tile):
    compare(on_cuda(nuclei_model), (1, 700, 1100), tile=tile)


def test_unet2d_nuclei_broad_gives_the_numbers_of_the_cpu(on_cuda, shared_data):
    compare(on_cuda(shared_data / "bioimageio_models" / "unet2d_nuclei_broad"), (1, 700, 1100))


def test_auto_takes_the_gpu(on_cuda, nuclei_model):
    on_cuda(nuclei_model)
    predictor = open_predictor(zoo.find(nuclei_model), device="auto")
    assert (predictor.device.asked, predictor.device.used) == ("auto", "cuda:0")


def test_tiles_on_the_gpu_equal_an_untiled_run_on_it(on_cuda, tmp_path):
    model = write_model(tmp_path / "m", unet(), size={"min": 4, "step": 4}, channels_out=3)
    cuda, _ = on_cuda(model)
    pixels = np.random.default_rng(0).normal(size=(1, 300, 410)).astype(np.float32)
    (whole,), (parts,) = predict(cuda, pixels, tile="none"), predict(cuda, pixels, tile=96)
    assert np.abs(whole - parts).max() < TOLERANCE * max(1.0, float(np.abs(whole).max()))


def test_the_benchmark_runs_on_the_gpu(on_cuda, nuclei_model):
    on_cuda(nuclei_model)
    words = ["--device", "cuda", "--sizes", "512,2048", "--volumes", "64", "--json"]
    command = [sys.executable, "-m", "tests.benchmarks.engine", "--model", nuclei_model, *words]
    rows = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    assert [row["device"] for row in rows] == ["cuda:0"] * 3
