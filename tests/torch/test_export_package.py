"""A whole model folder: read by the zoo, passing its own test, equal to torch, and a start for fine-tuning."""

import dataclasses
import importlib
import sys

import numpy as np
import pytest
import torch
from torch import nn

from pybridge import zoo
from pybridge.cli import main
from pybridge.core.errors import ModelError, OutputExistsError, UsageError
from pybridge.export.about import CitationText, DatasetText, ModelText
from pybridge.export.folder import write_package
from pybridge.export.package import Attachment, Package
from pybridge.export.parity import Comparison, ParityTable, measure_parity, require_parity
from pybridge.export.sample import image_for
from pybridge.export.state import load_weights
from pybridge.export.tensors import input_tensor, output_tensor, percentile_steps, stepped
from pybridge.networks.build import build_network, network_from_settings
from pybridge.networks.config import HeadConfig, NetworkConfig
from pybridge.samples import simulate_nuclei
from pybridge.zoo.model import DecoderSpec, FixedSize, PyBridgeConfig
from tests.torch.modules import trained_network

ABOUT = ModelText(
    title="Nuclei of a test",
    description="Made for a test.",
    license="MIT",
    authors=("A. Maker",),
    limits="Not for use.",
    cite=(CitationText(text="Nobody 2026", doi="10.1000/xyz123"),),
    training_data=DatasetText(name="Simulated nuclei", license="CC0-1.0"),
)


def package_of(network, *, text=ABOUT, **changes):
    tensor = input_tensor(["nuclei"], sizes=[stepped(network.step)] * 2, steps=percentile_steps(1.0, 99.8))
    whole = Package(
        id="tiny",
        text=text,
        input=tensor,
        output=output_tensor(network.output_names, of=tensor),
        config=PyBridgeConfig(
            "segment",
            DecoderSpec(network.head_name, probability=0.45, overlap=0.3, min_size=5),
            scores={"val": {"ap_0.50": 0.5}},
            training={"config": {"name": "tiny"}},
            training_profile={"images": 3},
        ),
        readme="# tiny\n\nFor a test.",
        test_image=image_for(tensor),
    )
    return dataclasses.replace(whole, **changes)


@pytest.fixture(scope="module")
def network():
    return trained_network()


@pytest.fixture(scope="module")
def exported(network, tmp_path_factory):
    folder = tmp_path_factory.mktemp("models") / "tiny"
    cover = np.zeros((20, 30, 3), np.uint8)
    attached = (Attachment("train.yaml", b"name: tiny\n"),)
    return write_package(network, package_of(network, cover=cover, attachments=attached), folder)


def test_the_zoo_reads_what_was_written(exported, network):
    model = zoo.find(exported.model.folder)
    assert (model.id, model.name, model.license, model.authors) == ("tiny", ABOUT.title, "MIT", ("A. Maker",))
    assert model.decoder == DecoderSpec("offsets", 0.45, 0.3, 5)
    assert model.config.scores == {"val": {"ap_0.50": 0.5}}
    assert model.config.training == {"config": {"name": "tiny"}}
    assert model.config.training_profile == {"images": 3}
    assert model.config.network == network.settings.model_dump(mode="json")
    assert (model.opset, model.torch_weights.name) == (18, "weights.pt")
    assert exported.warnings == ()
    names = {path.name for path in model.folder.iterdir()}
    assert names == {
        "bioimageio.yaml", "model.onnx", "weights.pt", "test_input.npy", "test_output.npy", "README.md", "cover.png",
        "train.yaml",
    }  # fmt: skip


def test_the_description_has_the_normalisation_of_the_shipped_model(exported):
    import ruyaml

    content = ruyaml.YAML(typ="safe").load((exported.model.folder / "bioimageio.yaml").read_text(encoding="utf-8"))
    steps = content["inputs"][0]["preprocessing"]
    assert steps[1] == {
        "id": "scale_range",
        "kwargs": {"axes": ["y", "x"], "min_percentile": 1.0, "max_percentile": 99.8, "eps": 1e-6},
    }
    assert content["weights"]["onnx"]["parent"] == "pytorch_state_dict"
    assert [each["source"] for each in content["attachments"]] == ["train.yaml"]
    assert all(len(each["sha256"]) == 64 for each in (*content["attachments"], *content["covers"]))
    readme = (exported.model.folder / "README.md").read_text(encoding="utf-8")
    assert readme.startswith("# tiny\n\nFor a test.\n\n## The ONNX file and the torch network")
    assert "Not stated" not in readme


def test_models_test_passes_on_it(exported, capsys):
    assert main(["models", "test", str(exported.model.folder), "--device", "cpu"]) == 0
    assert capsys.readouterr().out.count("passed") == 2


def test_torch_and_onnx_agree_on_one_to_three_steps_and_odd_batches(exported, network):
    table = exported.parity
    step = network.step
    sizes = {row.size for row in table.rows if row.what == "torch"}
    assert {length for size in sizes for length in size} == {step, 2 * step, 3 * step}
    assert any(height != width for height, width in sizes)
    assert {row.batch for row in table.rows} == {1, 3}
    (tiles,) = [row for row in table.rows if row.what == "tiles" and row.device == "cpu"]
    assert tiles.size[0] != tiles.size[1]
    assert all(length % 2 for length in tiles.size)
    assert table.passed
    assert 0 < table.largest < 1e-4


def test_labels_are_identical_for_torch_and_onnx(exported, network):
    from pybridge.decode import field_for
    from pybridge.runtime import Gather, open_predictor

    image, _ = simulate_nuclei(shape=(160, 224), count=18, seed=3)
    sink = Gather(image.array.shape)
    open_predictor(exported.model, device="cpu").predict(image.array, "YX", tile="none", sink=sink)
    low, high = np.percentile(image.array, (1.0, 99.8))
    x = (image.array.astype(np.float32) - np.float32(low)) / np.float32(high - low + 1e-6)
    with torch.inference_mode():
        right = network.activated().eval()(torch.from_numpy(x)[None, None]).numpy()[0]
    labels = []
    for tensor in (sink.arrays[0], right):
        field = field_for("offsets", image.array.shape)
        field.write((np.ascontiguousarray(tensor),), tuple(slice(0, length) for length in image.array.shape))
        labels.append(field.labels(probability=0.45, overlap=0.3, min_size=5).labels)
    assert labels[0].max() > 5, "a network that finds nothing proves nothing"
    np.testing.assert_array_equal(labels[0], labels[1])


def test_fine_tuning_starts_from_the_weights_of_the_folder(exported, network):
    config, head, channels, state = load_weights(zoo.find(exported.model.folder))
    assert (config, head, channels) == (network.config, network.head_config, 1)
    again = build_network(config, head, channels=channels)
    again.load_state_dict(state)
    x = torch.randn(1, 1, 16, 24)
    with torch.inference_mode():
        torch.testing.assert_close(again.eval()(x), network.eval()(x), rtol=0, atol=0)


def test_the_named_architecture_reproduces_the_outputs_in_any_program(exported):
    import ruyaml

    folder = exported.model.folder
    content = ruyaml.YAML(typ="safe").load((folder / "bioimageio.yaml").read_text(encoding="utf-8"))
    entry = content["weights"]["pytorch_state_dict"]["architecture"]
    build = getattr(importlib.import_module(entry["import_from"]), entry["callable"])
    assert build is network_from_settings
    module = build(**entry["kwargs"])
    module.load_state_dict(torch.load(folder / "weights.pt", weights_only=True))
    image = np.load(folder / "test_input.npy")
    low, high = np.percentile(image, (1.0, 99.8))
    with torch.inference_mode():
        found = module.eval()(torch.from_numpy((image - low) / (high - low + 1e-6)).float()).numpy()
    np.testing.assert_allclose(found, np.load(folder / "test_output.npy"), rtol=1e-4, atol=1e-4)


def test_weights_that_were_changed_are_refused(exported, tmp_path):
    import shutil

    folder = shutil.copytree(exported.model.folder, tmp_path / "changed")
    (folder / "weights.pt").write_bytes((folder / "weights.pt").read_bytes() + b"x")
    with pytest.raises(ModelError, match="has SHA-256"):
        load_weights(zoo.find(folder))


def test_a_model_without_torch_weights_says_where_one_could_start(tmp_path):
    from tests.builders.folders import write_model
    from tests.builders.networks import plain

    with pytest.raises(ModelError, match="no torch weights.*start from a model that `pybridge train` made"):
        load_weights(zoo.find(write_model(tmp_path / "m", plain())))


def test_what_nobody_said_is_not_made_up(network, tmp_path):
    exported = write_package(network, package_of(network, text=ModelText()), tmp_path / "silent")
    model = exported.model
    assert (model.license, model.authors, model.cite) == ("", (), ())
    (warning,) = exported.warnings
    assert "authors, licence, description, citations, training data, limits" in warning
    assert "Nobody has said yet: authors, licence" in (model.folder / "README.md").read_text(encoding="utf-8")


def test_a_licence_that_is_none_is_refused_before_the_export(network, tmp_path):
    text = ABOUT.model_copy(update={"license": "free for all"})
    with pytest.raises(ModelError, match="license"):
        write_package(network, package_of(network, text=text), tmp_path / "m")
    assert not list(tmp_path.iterdir())


def test_a_folder_is_replaced_only_when_asked_and_only_when_it_is_a_model(network, tmp_path):
    folder = tmp_path / "m"
    folder.mkdir()
    (folder / "thesis.txt").write_text("all of it")
    with pytest.raises(OutputExistsError, match="exists"):
        write_package(network, package_of(network), folder)
    with pytest.raises(OutputExistsError, match="no model folder"):
        write_package(network, package_of(network), folder, overwrite=True)
    assert (folder / "thesis.txt").read_text() == "all of it"
    (folder / "thesis.txt").rename(folder / "bioimageio.yaml")
    write_package(network, package_of(network), folder, overwrite=True)
    assert zoo.find(folder).id == "tiny"
    assert [path.name for path in tmp_path.iterdir()] == ["m"]


@pytest.mark.parametrize("name", ["model.onnx", "../escape.txt", "README.md"])
def test_an_attachment_takes_no_other_files_place(network, tmp_path, name):
    package = package_of(network, attachments=(Attachment(name, b""),))
    with pytest.raises(UsageError, match="an attachment named"):
        write_package(network, package, tmp_path / "m")
    assert not list(tmp_path.iterdir())


class Random(nn.Module):
    """Gives other numbers each time: no file can be equal to it."""

    def forward(self, x):
        return x + torch.rand_like(x)


class Halved(nn.Module):
    def forward(self, x):
        return x[..., ::2, ::2]


class OneSize(nn.Module):
    def __init__(self):
        super().__init__()
        self.picture = nn.Parameter(torch.rand(1, 1, 48, 64))

    def forward(self, x):
        return x + self.picture


def foreign(*, sizes, channels=("a",)):
    tensor = input_tensor(["image"], sizes=sizes, steps=())
    output = output_tensor(channels, of=tensor)
    config = PyBridgeConfig("predict")
    return Package("foreign", ABOUT, tensor, output, config, "# foreign", image_for(tensor))


def test_a_network_that_is_another_one_each_time_is_refused_with_the_table(tmp_path):
    with pytest.raises(ModelError, match=r"(?s)differ by more than 0.0001.*largest difference.*failed"):
        write_package(Random(), foreign(sizes=[stepped(8)] * 2), tmp_path / "m")
    assert not list(tmp_path.iterdir())


def test_a_network_of_another_form_than_described_is_refused(tmp_path):
    with pytest.raises(ModelError, match=r"gives shape \(1, 1, 96, 128\).*\(1, 1, 192, 256\) is described"):
        write_package(Halved(), foreign(sizes=[stepped(8)] * 2), tmp_path / "m")
    with pytest.raises(ModelError, match=r"\(1, 2, 192, 256\) is described"):
        write_package(nn.Identity(), foreign(sizes=[stepped(8)] * 2, channels=("a", "b")), tmp_path / "m")
    with pytest.raises(ModelError, match="the network fails on zeros"):
        write_package(OneSize(), foreign(sizes=[stepped(8)] * 2), tmp_path / "m")


def test_a_step_that_is_too_small_is_found_by_the_sizes(tmp_path):
    """A U-Net of step 4, described as taking any size."""
    module = build_network(NetworkConfig(widths=(4, 8), stem=2), HeadConfig(name="boundary")).activated()
    sizes = foreign(sizes=[stepped(2)] * 2, channels=("a", "b", "c"))
    with pytest.raises(ModelError, match="torch refuses this size|torch cannot trace it|takes"):
        write_package(module, sizes, tmp_path / "m")


def test_a_network_of_one_size_is_described_so(tmp_path):
    exported = write_package(OneSize(), foreign(sizes=[FixedSize(48), FixedSize(64)]), tmp_path / "m")
    assert [axis.size for axis in exported.model.inputs[0].axes[2:]] == [FixedSize(48), FixedSize(64)]
    (tiles,) = [row for row in exported.parity.rows if row.what == "tiles" and row.device == "cpu"]
    assert (tiles.verdict, tiles.note) == ("not possible", "the network takes one size")
    assert main(["models", "test", str(exported.model.folder), "--device", "cpu"]) == 0


def test_a_side_that_cannot_stay_open_is_a_warning(tmp_path):
    package = foreign(sizes=[stepped(16)] * 2)
    package = dataclasses.replace(package, test_image=np.random.default_rng(0).random((1, 48, 64)))
    exported = write_package(OneSize(), package, tmp_path / "m")
    assert exported.warnings[0].startswith("its network takes 48 x 64 pixels only")
    assert [axis.size for axis in exported.model.inputs[0].axes[2:]] == [FixedSize(48), FixedSize(64)]


def test_a_device_that_is_not_there_is_a_row_and_no_failure(exported, network):
    table = measure_parity(
        network.activated().eval(), exported.model, sides=[[8], [16]], batches=(1,), devices=("cpu", "cuda:77")
    )
    assert [row.verdict for row in table.rows] == ["passed", "passed", "not possible"]
    assert table.passed


def test_the_limit_is_kept():
    table = ParityTable((Comparison("cpu", "torch", 1, (8, 8), "failed", 0.01),))
    with pytest.raises(ModelError, match=r"1 x 8 x 8 +1\.0e-02"):
        require_parity(table, asked="export 'm'")
    assert not ParityTable((Comparison("cuda:0", "torch", 0, (), "not possible"),)).passed


def test_onnxruntime_is_reached_through_the_runtime_alone():
    assert "onnxruntime" not in vars(sys.modules["pybridge.export.parity"])
