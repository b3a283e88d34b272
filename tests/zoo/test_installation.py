import os
import stat
import zipfile

import pytest

from pybridge import zoo
from pybridge.core.errors import ModelError, ModelNotFoundError, UsageError
from pybridge.zoo.installation import add_model, remove_model
from tests.builders.folders import write_model
from tests.builders.networks import plain


@pytest.fixture(autouse=True)
def models(tmp_path, monkeypatch):
    monkeypatch.setenv("PYBRIDGE_HOME", str(tmp_path / "home"))
    return tmp_path / "home" / "models"


def test_a_folder_is_added_found_and_removed(tmp_path, models):
    folder = write_model(tmp_path / "my model", plain())
    added = add_model(folder)
    assert (added.id, added.folder) == ("my-model", models / "my-model")
    assert zoo.find("my-model").sha256 == added.sha256
    remove_model("my-model")
    assert list(models.iterdir()) == []
    with pytest.raises(ModelNotFoundError):
        zoo.find("my-model")


def test_a_zip_is_added(tmp_path):
    folder = write_model(tmp_path / "m", plain())
    with zipfile.ZipFile(tmp_path / "cells.zip", "w") as package:
        for path in folder.iterdir():
            package.write(path, path.name)
    assert add_model(tmp_path / "cells.zip").id == "cells"
    assert zoo.find("cells").name == "A tiny model"


def test_the_description_that_was_named_is_the_one_that_counts(tmp_path):
    folder = write_model(tmp_path / "m", plain())
    other = (folder / "bioimageio.yaml").read_text().replace("A tiny model", "The other one")
    (folder / "other.yaml").write_text(other)
    assert add_model(folder / "other.yaml", id="other").name == "The other one"


def test_an_id_that_is_taken_is_refused(tmp_path):
    folder = write_model(tmp_path / "m", plain())
    add_model(folder, id="cells")
    with pytest.raises(UsageError, match="a user model has that id"):
        add_model(folder, id="cells")


@pytest.mark.parametrize("name", ["..", "///", "  "])
def test_an_id_that_is_no_name_is_refused(tmp_path, name):
    with pytest.raises(UsageError, match="no usable name"):
        add_model(write_model(tmp_path / "m", plain()), id=name)


def test_what_is_not_there_is_said_to_be_missing(tmp_path):
    with pytest.raises(ModelNotFoundError, match="no such file or folder"):
        add_model(tmp_path / "gone")


@pytest.mark.skipif(os.name == "nt", reason="POSIX permissions")
def test_an_added_model_has_the_permissions_of_the_users_umask(tmp_path, models):
    before = os.umask(0o027)
    try:
        folder = add_model(write_model(tmp_path / "m", plain())).folder
    finally:
        os.umask(before)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o750


def test_a_broken_model_leaves_nothing_behind(tmp_path, models):
    folder = write_model(tmp_path / "m", plain())
    (folder / "model.onnx").write_bytes(b"broken")
    with pytest.raises(ModelError, match="SHA-256"):
        add_model(folder)
    assert not models.exists()


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege on Windows")
def test_a_link_that_leads_out_is_not_followed(tmp_path, models):
    folder = write_model(tmp_path / "m", plain())
    (tmp_path / "secret.txt").write_text("secret")
    (folder / "notes.txt").symlink_to(tmp_path / "secret.txt")
    with pytest.raises(ModelError, match="leads out of the model folder"):
        add_model(folder)
    assert list(models.iterdir()) == []


def test_what_came_with_pybridge_or_is_not_there_is_not_removed():
    with pytest.raises(ModelNotFoundError):
        remove_model("nothing")
    shipped = [entry.id for entry in zoo.list_entries() if entry.origin == "shipped"]
    for name in shipped:
        with pytest.raises(UsageError, match="came with PyBridge"):
            remove_model(name)
