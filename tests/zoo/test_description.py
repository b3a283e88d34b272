import contextlib
import copy
import json
import socket
import subprocess
import sys

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pybridge import zoo
from pybridge.core.errors import ModelError
from pybridge.zoo import processing as steps
from pybridge.zoo.model import DecoderSpec, FixedSize, SteppedSize, TiedSize
from tests.builders.folders import channel, tied_axes, write_model
from tests.builders.networks import plain, unet


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("PYBRIDGE_HOME", str(tmp_path / "home"))


def test_axes_sizes_and_halos_are_read(tmp_path):
    model = zoo.find(write_model(tmp_path / "m", plain(), size={"min": 32, "step": 16}, halo=8))
    (tensor,), (output,) = model.inputs, model.outputs
    assert tensor.letters == "BCYX"
    assert tensor.axis("Y").size == SteppedSize(32, 16)
    assert tensor.axis("C").size == FixedSize(1)
    assert tensor.axis("C").channel_names == ("in0",)
    assert output.axis("X").size == TiedSize("raw", "x", 1.0, 0)
    assert output.axis("X").halo == 8
    assert tensor.axis("Z") is None


def test_an_output_at_half_the_resolution_has_scale_one_half(tmp_path):
    axes = [{"type": "batch"}, channel("a"), *tied_axes("yx", scale=0.5, offset=-4)]
    outputs = [{"id": "o", "axes": axes, "test_tensor": {"source": "test_output.npy"}}]
    model = zoo.find(write_model(tmp_path / "m", plain(), outputs=outputs))
    assert model.outputs[0].axis("Y").size == TiedSize("raw", "y", 0.5, -4)


def test_every_step_of_the_format_is_read(tmp_path):
    preprocessing = [
        {"id": "ensure_dtype", "kwargs": {"dtype": "float32"}},
        {"id": "scale_linear", "kwargs": {"gain": 2.0, "offset": 3.0}},
        {"id": "clip", "kwargs": {"min_percentile": 1.0, "max": 200.0, "axes": ["x"]}},
        {"id": "scale_range", "kwargs": {"axes": ["y", "x"], "min_percentile": 1.0, "max_percentile": 99.8}},
        {"id": "zero_mean_unit_variance", "kwargs": {"axes": ["channel", "y", "x"], "eps": 1e-3}},
        {"id": "fixed_zero_mean_unit_variance", "kwargs": {"mean": [1.0], "std": [2.0], "axis": "channel"}},
        {"id": "binarize", "kwargs": {"threshold": 0.5}},
        {"id": "softmax", "kwargs": {"axis": "channel"}},
        {"id": "sigmoid"},
    ]
    postprocessing = [{"id": "scale_mean_variance", "kwargs": {"reference_tensor": "raw"}}]
    model = zoo.find(write_model(tmp_path / "m", plain(), preprocessing=preprocessing, postprocessing=postprocessing))
    assert model.inputs[0].steps[:9] == (
        steps.EnsureDtype("float32"),
        steps.ScaleLinear((2.0,), (3.0,)),
        steps.Clip(maximum=200.0, min_percentile=1.0, axes=("x",)),
        steps.ScaleRange(("y", "x"), 1.0, 99.8, 1e-6),
        steps.ZeroMeanUnitVariance(("channel", "y", "x"), 1e-3),
        steps.FixedZeroMeanUnitVariance((1.0,), (2.0,), "channel"),
        steps.Binarize((0.5,)),
        steps.Softmax("channel"),
        steps.Sigmoid(),
    )
    assert model.outputs[0].steps[0] == steps.ScaleMeanVariance("raw", None, 1e-6)


def test_the_pybridge_block_is_read(tmp_path):
    config = {
        "task": "segment",
        "decoder": {"name": "offsets", "probability": 0.4, "overlap": 0.6, "min_size": 8, "radius": 2.5},
        "training_profile": {"percentiles": {"99": 1234}, "notes": ["a", {"b": None}]},
        "made_by": "a later version",
    }
    write_model(tmp_path / "m", unet(), channels_out=3, config=config)
    for model in (zoo.find(tmp_path / "m"), zoo.find(tmp_path / "m")):
        assert model.decoder == DecoderSpec("offsets", 0.4, 0.6, 8, (("radius", 2.5),))
        assert model.config.task == "segment"
        assert model.config.training_profile == config["training_profile"]


def test_dates_and_keys_that_are_no_text_are_kept_as_text(tmp_path):
    folder = write_model(tmp_path / "m", plain(), config={"training_profile": {"made": 0}})
    text = (folder / "bioimageio.yaml").read_text()
    (folder / "bioimageio.yaml").write_text(text.replace('"made": 0', "made: 2026-01-02, 7: [2026-01-02T03:04:05]"))
    first, from_cache = zoo.find(folder), zoo.find(folder)
    assert first.config.training_profile == {"made": "2026-01-02", "7": ["2026-01-02T03:04:05"]}
    assert first == from_cache


def test_weights_in_other_formats_only_are_named(tmp_path):
    torchscript = {"source": "model.pt", "sha256": "0" * 64, "pytorch_version": "2.0"}
    folder = write_model(tmp_path / "m", plain(), changes={"weights": {"torchscript": torchscript}})
    (folder / "model.pt").write_bytes(b"x")
    with pytest.raises(ModelError, match="weights only as torchscript, no ONNX. To do: .*pybridge export"):
        zoo.find(folder)


def test_a_wrong_value_in_the_pybridge_block_is_named(tmp_path):
    folder = write_model(tmp_path / "m", plain(), config={"decoder": {"name": "offsets", "probability": 3}})
    with pytest.raises(ModelError, match=r"config\.pybridge\.decoder\.probability.*less than or equal to 1"):
        zoo.find(folder)


def test_only_probabilities_of_one_channel_get_the_foreground_decoder(tmp_path):
    with_sigmoid = write_model(tmp_path / "a", plain(), postprocessing=[{"id": "sigmoid"}])
    assert zoo.find(with_sigmoid).decoder == DecoderSpec("foreground")
    assert zoo.find(write_model(tmp_path / "b", plain())).decoder is None
    three = write_model(tmp_path / "c", unet(), channels_out=3, postprocessing=[{"id": "sigmoid"}])
    assert zoo.find(three).decoder is None
    restoring = write_model(tmp_path / "d", plain(), postprocessing=[{"id": "sigmoid"}], config={"task": "restore"})
    assert zoo.find(restoring).decoder is None


def test_a_custom_step_is_refused_and_its_source_never_run(tmp_path):
    step = {"id": "custom", "callable": "f", "source": "evil.py", "sha256": "0" * 64}
    folder = write_model(tmp_path / "m", plain(), postprocessing=[step], changes={"format_version": "0.5.14"})
    (folder / "evil.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')")
    with pytest.raises(ModelError, match="'custom', which would run Python source"):
        zoo.find(folder)
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"inputs": []}, "inputs"),
        ({"type": "dataset"}, "type 'dataset'"),
        ({"authors": 5}, "authors"),
        ({"weights": {}}, "weights"),
        ({"format_version": None}, "format_version"),
        ({"strange_field": 1}, "strange_field"),
    ],
)
def test_what_the_validator_rejects_is_refused_with_its_reason(tmp_path, changes, reason):
    folder = write_model(tmp_path / "m", plain(), changes=changes)
    with pytest.raises(ModelError, match=reason):
        zoo.find(folder)


@pytest.mark.parametrize("text", ["", "a: b: c", "- 1", "\t", "5"])
def test_text_that_is_no_description_is_refused(tmp_path, text):
    folder = write_model(tmp_path / "m", plain())
    (folder / "bioimageio.yaml").write_text(text)
    with pytest.raises(ModelError, match="read the model description"):
        zoo.find(folder)


@pytest.mark.parametrize("bomb", ["[" + ",".join(["*a#"] * 9) + "]", "[*a#, *self]"])
def test_a_few_lines_that_mean_billions_of_values_are_refused(tmp_path, bomb):
    folder = write_model(tmp_path / "m", plain(), config={"training_profile": {"bomb": 0}})
    lines = ["&a0 [x]"] + [f"&a{number} {bomb.replace('#', str(number - 1))}" for number in range(1, 12)]
    grown = "[" + ", ".join(lines) + "]"
    text = (folder / "bioimageio.yaml").read_text().replace('"bomb": 0', f"bomb: &self {grown}")
    (folder / "bioimageio.yaml").write_text(text)
    with pytest.raises(ModelError, match="more than 100000 values"):
        zoo.find(folder)


def test_bytes_that_are_no_text_are_refused(tmp_path):
    folder = write_model(tmp_path / "m", plain())
    (folder / "bioimageio.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ModelError, match="no UTF-8 text"):
        zoo.find(folder)


def test_nothing_is_fetched_and_remote_weights_are_refused(tmp_path, monkeypatch):
    def no_network(*_, **__):
        raise AssertionError("tried the network")

    monkeypatch.setattr(socket, "create_connection", no_network)
    monkeypatch.setattr(socket.socket, "connect", no_network)
    changes = {
        "documentation": "https://example.com/README.md",
        "covers": ["https://example.com/cover.png"],
        "attachments": [{"source": "https://example.com/notes.txt"}],
    }
    assert zoo.find(write_model(tmp_path / "a", plain(), changes=changes)).id == "a"
    remote = write_model(tmp_path / "b", plain(), weights={"source": "https://example.com/model.onnx"})
    with pytest.raises(ModelError, match=r"lie at https://example\.com/model\.onnx"):
        zoo.find(remote)


def places(value, path=()):
    """List the paths of everything inside a description."""
    if path:
        yield path
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in children:
        yield from places(child, (*path, key))


STRANGE = [None, -1, 0, 1e308, 3.7, "", "x", [], {}, [1], {"a": 1}, True, "../x", "http://a/b", 10**20, "2026-01-01"]


@given(st.data())
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_damage_to_a_description_ends_in_another_error_than_ours(shared_folder, data):
    folder, whole = shared_folder
    content = copy.deepcopy(whole)
    *parents, last = data.draw(st.sampled_from(list(places(content))))
    target = content
    for key in parents:
        target = target[key]
    if data.draw(st.booleans()):
        target[last] = data.draw(st.sampled_from(STRANGE))
    else:
        del target[last]
    (folder / "bioimageio.yaml").write_text(json.dumps(content))
    with contextlib.suppress(ModelError):
        model = zoo.find(folder)
        assert model.used().id == model.id
        assert model.spatial == "YX"


@pytest.fixture(scope="module")
def shared_folder(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYBRIDGE_HOME", str(tmp_path_factory.mktemp("home")))
        folder = write_model(
            tmp_path_factory.mktemp("folder") / "m",
            plain(),
            size={"min": 16, "step": 8},
            halo=4,
            preprocessing=[{"id": "scale_range", "kwargs": {"axes": ["y", "x"], "max_percentile": 99}}],
            postprocessing=[{"id": "sigmoid"}, {"id": "clip", "kwargs": {"min": 0, "max": 1}}],
            config={"task": "segment", "decoder": {"name": "foreground"}},
        )
        yield folder, json.loads((folder / "bioimageio.yaml").read_text())


def test_importing_the_zoo_loads_neither_the_validator_nor_onnxruntime():
    code = (
        "import sys, pybridge.zoo; print(any(m in sys.modules for m in ('bioimageio.spec', 'pydantic', 'onnxruntime')))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
