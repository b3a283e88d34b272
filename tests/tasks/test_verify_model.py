from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from pybridge import zoo
from pybridge.core.errors import ModelError
from pybridge.tasks.verify_model import verify_model
from tests.builders.folders import channel, tied_axes, write_model
from tests.builders.networks import half_resolution, plain, unet, whole_image, without_padding


@pytest.fixture(scope="module", autouse=True)
def home(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYBRIDGE_HOME", str(tmp_path_factory.mktemp("home")))
        yield


def with_test_tensors(folder, *, seed=0, shape=(1, 1, 16, 16)):
    """Fill in what the network really gives."""
    pixels = np.random.default_rng(seed).random(shape, np.float32)
    session = onnxruntime.InferenceSession(folder / "model.onnx", providers=["CPUExecutionProvider"])
    np.save(folder / "test_input.npy", pixels)
    np.save(folder / "test_output.npy", session.run(None, {"x": pixels})[0])
    return folder


def rows(folder):
    done = verify_model(zoo.find(folder), devices=("cpu",))
    return done, {check.how: check for check in done.checks}


def outputs_of(*axes):
    return [{"id": "o", "axes": [{"type": "batch"}, *axes], "test_tensor": {"source": "test_output.npy"}}]


@pytest.mark.parametrize(
    ("network", "options"),
    [
        (plain(), {}),
        (unet(), {"size": {"min": 8, "step": 4}, "channels_out": 3}),
        (
            half_resolution(),
            {"size": {"min": 2, "step": 2}, "outputs": outputs_of(channel("a", "b"), *tied_axes("yx", scale=0.5))},
        ),
        (
            without_padding(),
            {"size": {"min": 8, "step": 1}, "outputs": outputs_of(channel("a", "b"), *tied_axes("yx", offset=-4))},
        ),
    ],
)
def test_a_model_that_gives_what_it_says_passes_as_given_and_tiled(tmp_path, network, options):
    done, found = rows(with_test_tensors(write_model(tmp_path / "m", network, **options)))
    assert done.passed
    assert found["as given"].verdict == found["tiled"].verdict == "passed"
    assert found["as given"].difference < 1e-5
    assert found["as given"].used.used == "cpu"


def test_a_model_that_gives_something_else_fails_with_the_difference(tmp_path):
    folder = with_test_tensors(write_model(tmp_path / "m", plain()))
    np.save(folder / "test_output.npy", np.load(folder / "test_output.npy") + 0.5)
    done, found = rows(folder)
    assert not done.passed
    assert found["as given"].verdict == "failed"
    assert found["as given"].difference > 0.1


def test_an_output_of_another_shape_fails(tmp_path):
    folder = with_test_tensors(write_model(tmp_path / "m", plain()))
    np.save(folder / "test_output.npy", np.zeros((1, 1, 16, 24), np.float32))
    assert rows(folder)[1]["as given"].verdict == "failed"


def test_every_item_of_a_batch_is_compared(tmp_path):
    folder = with_test_tensors(write_model(tmp_path / "m", plain()))
    pixels, right = np.load(folder / "test_input.npy"), np.load(folder / "test_output.npy")
    np.save(folder / "test_input.npy", np.concatenate([pixels, pixels]))
    np.save(folder / "test_output.npy", np.concatenate([right, right]))
    assert rows(folder)[0].passed
    np.save(folder / "test_output.npy", np.concatenate([right, right + 1]))
    assert not rows(folder)[0].passed


def test_a_network_of_one_size_cannot_be_tiled_and_still_passes(tmp_path):
    network = unet(fixed=(16, 16))
    done, found = rows(with_test_tensors(write_model(tmp_path / "m", network, size=16, channels_out=3)))
    assert done.passed
    assert (found["tiled"].verdict, "takes exactly 16" in found["tiled"].note) == ("not possible", True)


def test_a_network_that_sees_everything_is_not_failed_for_its_tiles(tmp_path):
    done, found = rows(with_test_tensors(write_model(tmp_path / "m", whole_image())))
    assert done.passed
    assert found["tiled"].verdict == "not possible"


@pytest.mark.parametrize("content", [b"", b"no array", b"\x93NUMPY\x01\x00"])
def test_damaged_test_tensors_are_refused(tmp_path, content):
    folder = write_model(tmp_path / "m", plain())
    (folder / "test_output.npy").write_bytes(content)
    with pytest.raises(ModelError, match=r"no \.npy array"):
        verify_model(zoo.find(folder), devices=("cpu",))


def test_pickled_test_tensors_are_never_loaded(tmp_path):
    folder = write_model(tmp_path / "m", plain())
    np.save(folder / "test_output.npy", np.array([{"a": 1}], dtype=object), allow_pickle=True)
    with pytest.raises(ModelError, match=r"no \.npy array"):
        verify_model(zoo.find(folder), devices=("cpu",))


def test_a_device_that_is_not_there_is_a_failed_row(tmp_path):
    folder = with_test_tensors(write_model(tmp_path / "m", plain()))
    done = verify_model(zoo.find(folder), devices=("cpu", "cuda:77"))
    assert [check.verdict for check in done.checks] == ["passed", "passed", "failed"]
    assert not done.passed


@pytest.mark.parametrize("name", ["bioimageio.yaml", "v0_4_9.bioimageio.yaml", "v0_4_0.bioimageio.yaml"])
def test_unet2d_nuclei_broad_passes(shared_data, name):
    folder = Path(shared_data) / "bioimageio_models" / "unet2d_nuclei_broad"
    done, found = rows(folder / name)
    assert done.passed
    assert found["as given"].difference < 1e-5
