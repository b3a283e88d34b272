from pathlib import Path

import pytest

from pybridge import zoo
from pybridge.core.errors import ModelError, ModelNotFoundError
from tests.builders.folders import write_model
from tests.builders.networks import plain


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("PYBRIDGE_HOME", str(tmp_path / "home with ü"))
    return tmp_path / "home with ü"


@pytest.fixture
def folder(tmp_path):
    return write_model(tmp_path / "my modél", plain())


def test_a_model_is_found_by_folder_description_and_id(folder, home):
    by_folder = zoo.find(folder)
    by_file = zoo.find(folder / "bioimageio.yaml")
    (home / "models").mkdir(parents=True)
    folder.rename(home / "models" / "mine")
    by_id = zoo.find("mine")
    assert by_folder.id == by_file.id == "my modél"
    assert by_id.id == "mine"
    assert by_folder.sha256 == by_id.sha256
    assert "mine" in [model.id for model in zoo.list_models()]


def test_an_id_wins_over_a_folder_of_the_same_name_in_the_current_folder(folder, home, monkeypatch):
    (home / "models").mkdir(parents=True)
    write_model(home / "models" / "mine", plain(seed=1))
    (folder.parent / "mine").mkdir()
    write_model(folder.parent / "mine", plain(seed=2))
    monkeypatch.chdir(folder.parent)
    assert zoo.find("mine").folder.parent == home / "models"
    assert zoo.find("./mine").folder.resolve().parent == folder.parent.resolve()


def test_an_unknown_id_names_the_nearest(home):
    write_model(home / "models" / "cells-small", plain())
    with pytest.raises(ModelNotFoundError, match="did you mean 'cells-small'") as caught:
        zoo.find("cels-small")
    assert caught.value.exit_code == 2


def test_an_unknown_path_speaks_of_the_path():
    with pytest.raises(ModelNotFoundError, match="check the path"):
        zoo.find("nowhere/model.zip")


def test_a_broken_model_is_listed_with_its_reason(home):
    folder = write_model(home / "models" / "broken", plain())
    (folder / "model.onnx").unlink()
    entry = next(each for each in zoo.list_entries() if each.id == "broken")
    assert entry.model is None
    assert "no file 'model.onnx'" in entry.problem


def test_a_folder_without_description_and_a_file_that_is_no_model_are_refused(tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(ModelError, match=r"none of bioimageio\.yaml, rdf\.yaml"):
        zoo.find(tmp_path / "empty")
    (tmp_path / "a.png").write_bytes(b"")
    with pytest.raises(ModelError, match="no model"):
        zoo.find(tmp_path / "a.png")


def test_a_description_is_validated_once_and_then_taken_from_the_cache(folder, home, monkeypatch):
    first = zoo.find(folder)
    cached = list((home / "cache" / "models").glob("*.json"))
    assert len(cached) == 1

    def fail(*_, **__):
        raise AssertionError("validated again")

    monkeypatch.setattr("pybridge.zoo.catalogue.read_description", fail)
    assert zoo.find(folder) == first


@pytest.mark.parametrize("content", ["", "{", "[]", '{"is": "Described"}', '{"is": "Strange", "fields": {}}'])
def test_a_damaged_cache_file_is_written_anew(folder, home, content):
    first = zoo.find(folder)
    (cached,) = (home / "cache" / "models").glob("*.json")
    whole = cached.read_text()
    cached.write_text(content)
    assert zoo.find(folder) == first
    assert cached.read_text() == whole


def test_a_home_that_cannot_be_written_only_costs_time(folder, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("PYBRIDGE_HOME", str(tmp_path / "file"))
    assert zoo.find(folder).id == "my modél"


def test_used_is_what_the_record_needs(folder):
    used = zoo.find(folder).used()
    assert (used.id, used.version, used.license) == ("my modél", "0.1.0", "MIT")
    assert used.cite == ("Nobody 2026 https://doi.org/10.1000/xyz123",)
    assert len(used.sha256) == 64


def test_the_models_of_the_shared_data(shared_data):
    root = Path(shared_data) / "bioimageio_models"
    unet = root / "unet2d_nuclei_broad"
    for name in ("bioimageio.yaml", "v0_4_9.bioimageio.yaml", "v0_4_0.bioimageio.yaml"):
        model = zoo.find(unet / name)
        assert (model.id, model.spatial, model.channels, model.opset) == ("unet2d_nuclei_broad", "YX", 1, 20)
        assert model.decoder is not None
        assert model.decoder.name == "foreground"
    refused = {
        unet / "expand_output_shape.bioimageio.yaml": "weights only as pytorch_state_dict.*pybridge export",
        unet / "expand_output_shape_v0_4.bioimageio.yaml": "weights only as pytorch_state_dict.*pybridge export",
        unet / "invalid_v0_4_0_duplicate_tensor_names.bioimageio.yaml": "Duplicate tensor descriptor names",
        unet / "environment.yaml": "format_version",
        root / "upsample_test_model": "weights only as pytorch_state_dict",
    }
    for path, reason in refused.items():
        with pytest.raises(ModelError, match=reason):
            zoo.find(path)
