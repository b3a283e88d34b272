"""Input buffers that stay on the device. The CPU stands in for the GPU: the code is the same, the place another."""

import threading
from types import SimpleNamespace

import numpy as np
import onnxruntime
import pytest

from pybridge.files.home import shipped_folder
from pybridge.runtime.binding import BindingPlace
from pybridge.runtime.onnx_backend import OnnxSession, _place_of


@pytest.fixture(scope="module")
def session():
    path = shipped_folder("models") / "nuclei-fluo" / "model.onnx"
    return onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])


def test_a_bound_run_gives_what_a_plain_run_gives_whatever_shapes_follow_each_other(session):
    plain, bound = OnnxSession(session), OnnxSession(session, place=BindingPlace("cpu"))
    rng = np.random.default_rng(0)
    for shape in ((1, 1, 64, 96), (1, 1, 64, 96), (2, 1, 96, 64), (1, 1, 64, 96)):
        feeds = {"image": rng.random(shape, np.float32)}
        np.testing.assert_array_equal(bound.run(feeds)[0], plain.run(feeds)[0])


def test_outputs_are_not_overwritten_by_the_next_run(session):
    bound = OnnxSession(session, place=BindingPlace("cpu"))
    first = bound.run({"image": np.zeros((1, 1, 64, 64), np.float32)})[0]
    kept = first.copy()
    bound.run({"image": np.ones((1, 1, 64, 64), np.float32)})
    np.testing.assert_array_equal(first, kept)


def test_inputs_that_are_views_are_taken_as_they_look(session):
    plain, bound = OnnxSession(session), OnnxSession(session, place=BindingPlace("cpu"))
    view = np.random.default_rng(1).random((1, 1, 64, 96), np.float32)[..., ::-1].transpose(0, 1, 3, 2)
    np.testing.assert_array_equal(bound.run({"image": view})[0], plain.run({"image": view})[0])


def test_threads_do_not_share_buffers(session):
    plain, bound = OnnxSession(session), OnnxSession(session, place=BindingPlace("cpu"))
    inputs = [np.full((1, 1, 64, 64), value, np.float32) for value in range(4)]
    found = {}

    def run(index):
        for _ in range(5):
            found[index] = bound.run({"image": inputs[index]})[0]

    threads = [threading.Thread(target=run, args=(index,)) for index in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for index, given in enumerate(inputs):
        np.testing.assert_array_equal(found[index], plain.run({"image": given})[0])


@pytest.mark.parametrize(
    ("providers", "settings", "place"),
    [
        (["CUDAExecutionProvider", "CPUExecutionProvider"], {"device_id": "1"}, BindingPlace("cuda", 1)),
        (["CUDAExecutionProvider", "CPUExecutionProvider"], {}, BindingPlace("cuda", 0)),
        (["CPUExecutionProvider"], {"device_id": "1"}, None),  # CUDA was asked for, but the session did not get it
    ],
)
def test_buffers_lie_on_the_gpu_that_the_session_really_got(providers, settings, place):
    session = SimpleNamespace(get_providers=lambda: providers)
    assert _place_of(session, [("CUDAExecutionProvider", settings)]) == place
