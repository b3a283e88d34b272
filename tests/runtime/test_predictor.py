import threading
from pathlib import Path

import numpy as np
import pytest

from pybridge import zoo
from pybridge.core import progress
from pybridge.core.errors import CancelledError, ImageError, ModelError, UsageError
from pybridge.core.record import Stopwatch
from pybridge.runtime import Gather, open_predictor
from pybridge.runtime.backend import CPU
from tests.builders.folders import channel, tied_axes, write_model
from tests.builders.networks import Graph, copy, plain, unet


def predict(predictor, pixels, axes, **options):
    sink = Gather([pixels.shape[axes.index(letter)] for letter in "TZYX" if letter in axes])
    predictor.predict(pixels, axes, sink=sink, **options)
    return sink.arrays


@pytest.mark.parametrize("name", ["bioimageio.yaml", "v0_4_9.bioimageio.yaml", "v0_4_0.bioimageio.yaml"])
def test_unet2d_nuclei_broad_reproduces_its_test_output(shared_data, name):
    folder = Path(shared_data) / "bioimageio_models" / "unet2d_nuclei_broad"
    predictor = open_predictor(zoo.find(folder / name), device="cpu")
    pixels, expected = np.load(folder / "test_input.npy"), np.load(folder / "test_output.npy")
    (found,) = predict(predictor, pixels[0], "CYX")
    assert np.abs(found - expected[0]).max() < 5e-6
    assert (predictor.device.used, predictor.device.provider) == ("cpu", CPU)


def test_a_fixed_network_runs_on_small_and_large_images(built):
    predictor = open_predictor(built("fixed"), device="cpu")
    for shape in ((5, 7), (48, 64), (49, 200)):
        assert predict(predictor, np.zeros(shape, np.uint8), "YX")[0].shape == (3, *shape)
    with pytest.raises(ImageError, match="takes exactly 64"):
        predict(predictor, np.zeros((40, 200), np.uint8), "YX", tile="none")


def test_axes_in_any_order_give_the_same_and_are_never_mixed_up(tmp_path):
    predictor = open_predictor(zoo.find(write_model(tmp_path / "m", copy(channels=2), channels_in=2, channels_out=2)))
    pixels = np.random.default_rng(0).random((2, 7, 11), np.float32)
    for axes in ("CYX", "YXC", "XCY", "XYC"):
        (found,) = predict(predictor, pixels.transpose(["CYX".index(letter) for letter in axes]), axes)
        assert np.array_equal(found, pixels)


def test_a_volume_keeps_its_axes(tmp_path):
    predictor = open_predictor(zoo.find(write_model(tmp_path / "m", copy(spatial=3), letters="zyx")))
    pixels = np.random.default_rng(0).random((5, 7, 11), np.float32)
    assert np.array_equal(predict(predictor, pixels, "ZYX")[0][0], pixels)
    assert np.array_equal(predict(predictor, pixels[2], "YX")[0][0], pixels[2])


def test_what_does_not_suit_the_model_is_refused(built):
    predictor = open_predictor(built("two channels"), device="cpu")
    with pytest.raises(ImageError, match=r"1 channel\(s\), but the model takes 2"):
        predict(predictor, np.zeros((16, 16)), "YX")
    with pytest.raises(ImageError, match="axis Z of length 3"):
        predict(predictor, np.zeros((2, 3, 16, 16)), "CZYX")
    with pytest.raises(ImageError, match="NaN or infinite"):
        predict(predictor, np.full((2, 16, 16), np.nan), "CYX")
    with pytest.raises(ImageError, match="for the inputs 'raw'"):
        predictor.predict((np.zeros((2, 8, 8)),) * 2, "CYX", sink=Gather((8, 8)))
    with pytest.raises(ImageError, match="complex"):
        predict(predictor, np.zeros((2, 16, 16), complex), "CYX")
    with pytest.raises(UsageError, match="tile='big'"):
        predict(predictor, np.zeros((2, 16, 16)), "CYX", tile="big")


def test_postprocessing_is_done_on_every_tile(tmp_path):
    steps = [{"id": "sigmoid"}, {"id": "scale_linear", "kwargs": {"gain": 10.0, "offset": 1.0}}]
    predictor = open_predictor(zoo.find(write_model(tmp_path / "m", copy(), postprocessing=steps)))
    pixels = np.random.default_rng(0).normal(size=(40, 50)).astype(np.float32)
    expected = 10 / (1 + np.exp(-pixels)) + 1
    assert predict(predictor, pixels, "YX", tile=16)[0][0] == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("tile", ["none", 16])
def test_postprocessing_by_statistics_uses_the_whole_output(tmp_path, tile):
    steps = [
        {"id": "scale_linear", "kwargs": {"gain": 2.0}},
        {"id": "zero_mean_unit_variance", "kwargs": {"axes": ["y", "x"]}},
        {"id": "scale_mean_variance", "kwargs": {"reference_tensor": "raw"}},
    ]
    before = [{"id": "scale_linear", "kwargs": {"gain": 0.5}}]
    folder = write_model(tmp_path / "m", copy(), preprocessing=before, postprocessing=steps)
    pixels = np.random.default_rng(0).gamma(2, 20, (70, 50)).astype(np.float32)
    (found,) = predict(open_predictor(zoo.find(folder)), pixels, "YX", tile=tile)
    assert found[0] == pytest.approx(pixels, abs=1e-3)


def test_several_inputs_share_their_tiles(tmp_path):
    graph = Graph()
    y = graph.add("Sub", graph.conv("x", 1, 2), "other")
    network = graph.finish(y, channels_out=(2,))
    network.graph.input.extend([_input("other", 2)])
    raw = {"type": "space", "size": {"min": 1, "step": 1}}
    inputs = [
        {"id": "raw", "axes": [{"type": "batch"}, channel("a"), raw | {"id": "y"}, raw | {"id": "x"}]},
        {"id": "second", "axes": [{"type": "batch"}, channel("b", "c"), *tied_axes("yx")]},
    ]
    for each in inputs:
        each["test_tensor"] = {"source": "test_input.npy"}
    folder = write_model(tmp_path / "m", network, channels_out=2, changes={"inputs": inputs})
    predictor = open_predictor(zoo.find(folder), device="cpu")
    random = np.random.default_rng(0)
    first, second = random.random((1, 60, 70), np.float32), random.random((2, 60, 70), np.float32)
    sink, parts = Gather((60, 70)), Gather((60, 70))
    predictor.predict((first, second), "CYX", sink=sink, tile="none")
    predictor.predict((first, second), "CYX", sink=parts, tile=16)
    assert parts.arrays[0] == pytest.approx(sink.arrays[0], abs=1e-5)


def _input(name, channels):
    from onnx import TensorProto, helper

    return helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, channels, "s0", "s1"])


def test_augmenting_averages_over_flips_and_turns_vectors(built):
    predictor = open_predictor(built("folded"), device="cpu")
    pixels = np.random.default_rng(0).normal(size=(64, 96)).astype(np.float32)
    (found,) = predict(predictor, pixels, "YX", augment=True)
    expected = np.zeros_like(found)
    for flips in ((), (0,), (1,), (0, 1)):
        (part,) = predict(predictor, np.flip(pixels, flips), "YX")
        part = np.flip(part, [axis + 1 for axis in flips]).copy()
        for axis in flips:
            part[axis + 1] *= -1
        expected += part / 4
    assert found == pytest.approx(expected, abs=1e-5)
    (tiled,) = predict(predictor, pixels, "YX", augment=True, tile=80)
    assert tiled == pytest.approx(found, abs=1e-5)


def test_times_go_to_the_watch(built):
    watch = Stopwatch()
    predict(open_predictor(built("unet"), device="cpu"), np.zeros((300, 300), np.float32), "YX", tile=100, watch=watch)
    times = watch.timing()
    assert min(times.prepare, times.network, times.decode) > 0
    assert times.network < times.total


def test_progress_is_reported_and_cancelling_stops_between_tiles(built):
    predictor = open_predictor(built("unet"), device="cpu")
    heard, cancel = [], threading.Event()

    def listen(done, total, what):
        heard.append((done, total))
        if done == 3:
            cancel.set()

    with progress.listen(listen, cancel=cancel), pytest.raises(CancelledError):
        predict(predictor, np.zeros((300, 300), np.float32), "YX", tile=64)
    assert [done for done, _ in heard] == [1, 2, 3]
    assert threading.active_count() < 50


def test_a_failing_sink_is_not_swallowed(built):
    class Full:
        def write(self, outputs, region):
            raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        open_predictor(built("unet"), device="cpu").predict(np.zeros((99, 99)), "YX", tile=48, sink=Full())


def test_an_output_of_another_size_than_described_is_refused(tmp_path):
    outputs = [{"id": "o", "axes": [{"type": "batch"}, channel("a"), *tied_axes("yx", offset=-2)]}]
    outputs[0]["test_tensor"] = {"source": "test_output.npy"}
    predictor = open_predictor(zoo.find(write_model(tmp_path / "m", plain(), outputs=outputs)), device="cpu")
    with pytest.raises(ModelError, match="pixels along Y, not"):
        predict(predictor, np.zeros((20, 30)), "YX")


def test_a_size_that_the_network_cannot_take_is_a_model_error(tmp_path):
    # The description allows every size, the network only multiples of four.
    predictor = open_predictor(zoo.find(write_model(tmp_path / "m", unet(), channels_out=3)), device="cpu")
    with pytest.raises(ModelError, match="onnxruntime failed"):
        predict(predictor, np.zeros((33, 35)), "YX")
