"""`pybridge export`: torch files of all kinds, with their networks, through the command line."""

import pickle
import shutil
import zipfile

import numpy as np
import pytest
import torch
from torch import nn

from pybridge import zoo
from pybridge.cli import main
from tests.torch.modules import trained_network

ARCHITECTURE = """
from torch import nn

class Tiny(nn.Module):
    def __init__(self, channels=1, width=3):
        super().__init__()
        self.body = nn.Sequential(nn.Conv2d(channels, width, 3, padding=1), nn.ReLU(), nn.Conv2d(width, 1, 1))

    def forward(self, x):
        return self.body(x)

def not_a_network():
    return 5
"""

TEMPLATE = """
name: my-cells
channel_names: [membrane, nuclei]
step: 8
normalisation: {kind: linear, gain: 0.01}
output: {channel_names: [foreground], activation: sigmoid}
decoder: {name: foreground, probability: 0.4}
about: {description: Cells., authors: [A. Maker], license: CC-BY-4.0}
"""


@pytest.fixture
def place(tmp_path):
    (tmp_path / "nets.py").write_text(ARCHITECTURE)
    (tmp_path / "like.yaml").write_text(TEMPLATE)
    torch.manual_seed(0)
    torch.save(tiny(channels=2, width=4).state_dict(), tmp_path / "cells.pt")
    return tmp_path


def tiny(*, channels, width):
    return _Tiny(nn.Conv2d(channels, width, 3, padding=1), nn.Conv2d(width, 1, 1))


class _Tiny(nn.Module):
    def __init__(self, first, last):
        super().__init__()
        self.body = nn.Sequential(first, nn.ReLU(), last)

    def forward(self, x):
        return self.body(x)


def export(
    place,
    file="cells.pt",
    *more,
    template="like.yaml",
    architecture="nets.py:Tiny",
    settings="{channels: 2, width: 4}",
):
    words = ["export", str(place / file), "--template", str(place / template), "-o", str(place / "out")]
    if architecture:
        words += ["--architecture", str(place / architecture)]
    if settings:
        words += ["--settings", settings]
    return main([*words, *more])


def test_a_state_dict_and_a_file_with_its_network_become_a_model(place, capsys):
    assert export(place) == 0
    said = capsys.readouterr()
    assert "cpu     torch    3 x 24 x 32" in said.out
    assert "allowed: 0.0001" in said.out
    assert "nobody has stated its citations, training data, limits" in said.err
    model = zoo.find(place / "out")
    assert (model.id, model.channels, model.decoder.name, model.decoder.probability) == (
        "my-cells",
        2,
        "foreground",
        0.4,
    )
    assert model.license == "CC-BY-4.0"
    assert model.torch_weights is None
    assert "Made from `cells.pt` by `pybridge export`" in (place / "out" / "README.md").read_text(encoding="utf-8")
    assert main(["models", "test", str(place / "out"), "--device", "cpu"]) == 0
    # An existing folder stays unless asked.
    assert export(place) == 1
    assert "--overwrite" in capsys.readouterr().err
    assert export(place, "cells.pt", "--overwrite") == 0


def test_settings_may_be_a_file_and_the_checkpoint_a_whole_one_of_a_parallel_network(place):
    (place / "s.json").write_text('{"channels": 2, "width": 4}')
    state = {f"module.{name}": tensor for name, tensor in torch.load(place / "cells.pt").items()}
    torch.save({"epoch": 7, "state_dict": state, "optimizer": {"lr": 0.1}}, place / "whole.ckpt")
    assert export(place, "whole.ckpt", settings=str(place / "s.json")) == 0


def test_wrong_weights_are_refused_with_the_names(place, capsys):
    state = torch.load(place / "cells.pt")
    state["body.9.weight"] = state.pop("body.0.weight")
    torch.save(state, place / "other.pt")
    assert export(place, "other.pt") == 1
    said = capsys.readouterr().err
    assert "missing body.0.weight; unexpected body.9.weight" in said
    assert export(place, settings="{channels: 2, width: 5}") == 1
    assert "body.0.weight is (4, 2, 3, 3) in the file and (5, 2, 3, 3) in the network" in capsys.readouterr().err
    assert not (place / "out").exists()


@pytest.mark.parametrize(
    ("architecture", "settings", "message"),
    [
        ("nets.py:Tinny", "{}", "did you mean 'Tiny'"),
        ("nets.py:Tiny", "{colour: red}", "unexpected keyword argument 'colour'"),
        ("nets.py:not_a_network", "", "it gave int, no torch.nn.Module"),
        ("gone.py:Tiny", "", "no such file"),
        ("nets.py", "", "no MODULE:CALLABLE"),
        ("nets.py:Tiny", "[1, 2]", "list, not names with values"),
    ],
)
def test_a_wrong_architecture_or_setting_is_a_wrong_usage(place, capsys, architecture, settings, message):
    assert export(place, architecture=architecture, settings=settings) == 2
    assert message in capsys.readouterr().err


class Evil:
    """Leaves a file behind when it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return (open, (str(self.path), "w"))


def test_pickled_code_runs_only_when_trusted(place, capsys):
    torch.save({"state_dict": Evil(place / "ran")}, place / "evil.pt")
    assert export(place, "evil.pt") == 1
    assert "say --trust if it is your own" in capsys.readouterr().err
    assert not (place / "ran").exists()
    torch.save(nn.Sequential(nn.Conv2d(2, 1, 3, padding=1)), place / "module.pt")
    assert export(place, "module.pt", architecture=None, settings=None) == 1
    assert "would run code" in capsys.readouterr().err
    assert export(place, "module.pt", "--trust", architecture=None, settings=None) == 0
    assert zoo.find(place / "out").channels == 2


def test_files_of_other_frameworks_and_damaged_ones_are_named(place, capsys):
    (place / "keras.h5").write_bytes(b"\x89HDF\r\n\x1a\n" + bytes(64))
    (place / "net.onnx").write_bytes(b"\x08\x08")
    (place / "w.safetensors").write_bytes((2).to_bytes(8, "little") + b"{}")
    (place / "broken.pt").write_bytes((place / "cells.pt").read_bytes()[:300])
    with (place / "plain.pt").open("wb") as file:
        pickle.dump([1, 2], file)
    torch.save([1, 2], place / "list.pt")
    with zipfile.ZipFile(place / "script.pt", "w") as archive:
        archive.writestr("net/constants.pkl", b"")
    (place / "saved_model").mkdir()
    expected = {
        "keras.h5": (2, "an HDF5 file"),
        "net.onnx": (2, "an ONNX file"),
        "w.safetensors": (2, "a safetensors file"),
        "script.pt": (2, "a TorchScript archive"),
        "saved_model": (2, "a folder"),
        "gone.pt": (2, "no such file"),
        "broken.pt": (1, "read the torch file"),
        "plain.pt": (1, "read the torch file"),
        "list.pt": (1, "no state dict in it, but list"),
    }
    for name, (code, message) in expected.items():
        assert (name, export(place, name)) == (name, code)
        assert message in capsys.readouterr().err, name
    torch.save({"epoch": 3, "lr": 0.1}, place / "empty.pt")
    assert export(place, "empty.pt") == 1
    assert "no state dict in it, but dict with epoch, lr" in capsys.readouterr().err


@pytest.fixture
def checkpoint(tmp_path):
    """What `pybridge train` leaves: averaged weights and their configuration."""
    network = trained_network()
    torch.save({"step": 60, "network": network.state_dict()}, tmp_path / "best.pt")
    (tmp_path / "train.yaml").write_text(
        "name: mine\ndata: {images: [a], labels: b}\nnetwork: {widths: [8, 16, 24], stem: 2}\nhead: {name: offsets}\n"
    )
    return tmp_path


def test_a_checkpoint_of_pybridge_needs_its_recipe_and_a_model_as_template(checkpoint, nuclei_model, capsys):
    words = ["export", str(checkpoint / "best.pt"), "--template", nuclei_model, "-o", str(checkpoint / "tuned")]
    assert main(words) == 0
    model = zoo.find(checkpoint / "tuned")
    shipped = zoo.find(nuclei_model)
    assert (model.id, model.license, model.decoder) == ("tuned", shipped.license, shipped.decoder)
    assert model.inputs[0].steps[:2] == shipped.inputs[0].steps[:2]
    assert model.inputs[0].axis("Y").size.step == trained_network().step
    assert model.config.scores == {}, "the scores of another network are not its own"
    assert np.array_equal(np.load(model.folder / "test_input.npy"), np.load(shipped.folder / "test_input.npy"))
    assert main(["models", "test", str(checkpoint / "tuned"), "--device", "cpu"]) == 0
    # The weights of a model folder are a checkpoint too: its description has the settings.
    again = ["export", str(checkpoint / "tuned" / "weights.pt"), "--template", str(checkpoint / "tuned")]
    assert main([*again, "-o", str(checkpoint / "again")]) == 0
    assert np.array_equal(
        np.load(checkpoint / "again" / "test_output.npy"), np.load(checkpoint / "tuned" / "test_output.npy")
    )


def test_a_checkpoint_without_its_recipe_says_what_is_needed(checkpoint, nuclei_model, capsys):
    (checkpoint / "train.yaml").rename(checkpoint / "recipe.yaml")
    words = ["export", str(checkpoint / "best.pt"), "--template", nuclei_model, "-o", str(checkpoint / "tuned")]
    assert main(words) == 2
    assert "no train.yaml of `pybridge train` beside them" in capsys.readouterr().err
    assert main([*words, "--settings", str(checkpoint / "recipe.yaml")]) == 0
    assert main([*words, "--overwrite", "--settings", "{network: {widths: [8, 16], stem: 2}}"]) == 1
    assert "these weights are of another network: unexpected" in capsys.readouterr().err
    assert main([*words, "--overwrite", "--settings", "{network: {width: 8}}"]) == 1
    assert "network.width: Extra inputs are not permitted" in capsys.readouterr().err


def test_a_template_for_another_kind_of_network_is_refused(checkpoint, capsys):
    (checkpoint / "like.yaml").write_text("name: mine\nstep: 8\ndecoder: {name: boundary}\n")
    words = ["export", str(checkpoint / "best.pt"), "--template", str(checkpoint / "like.yaml")]
    assert main([*words, "-o", str(checkpoint / "out")]) == 2
    assert "with the head 'offsets': a template with the decoder 'boundary'" in capsys.readouterr().err


def test_code_of_a_model_folder_never_runs(checkpoint, nuclei_model, capsys):
    """An architecture that a description names is not imported; only one that the user types is."""
    words = ["export", str(checkpoint / "best.pt"), "--template", nuclei_model, "-o", str(checkpoint / "tuned")]
    assert main(words) == 0
    folder = shutil.move(checkpoint / "tuned", checkpoint / "hostile")
    text = (folder / "bioimageio.yaml").read_text(encoding="utf-8")
    (folder / "evil.py").write_text(f"open({str(checkpoint / 'ran')!r}, 'w')\ndef network_from_settings(**k): pass\n")
    (folder / "bioimageio.yaml").write_text(
        text.replace("import_from: pybridge.networks.build", "import_from: evil"), encoding="utf-8"
    )
    from pybridge.export.state import load_weights

    assert load_weights(zoo.find(folder)).head.name == "offsets"
    assert main(["export", str(folder / "weights.pt"), "--template", str(folder), "-o", str(checkpoint / "o")]) == 0
    assert not (checkpoint / "ran").exists()
