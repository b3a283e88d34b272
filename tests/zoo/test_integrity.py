import os
import random
import stat
import threading
import zipfile

import onnx
import pytest

from pybridge import zoo
from pybridge.core import progress
from pybridge.core.errors import CancelledError, ModelError
from pybridge.zoo.archive import unpack_into
from pybridge.zoo.onnx_graph import read_onnx_graph
from tests.builders.folders import write_model
from tests.builders.networks import Graph, plain, unet


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("PYBRIDGE_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def test_a_changed_weights_file_is_refused(tmp_path):
    folder = write_model(tmp_path / "m", plain())
    onnx.save(plain(seed=9), folder / "model.onnx")
    with pytest.raises(ModelError, match="SHA-256 .* but the description says"):
        zoo.find(folder)


def test_a_missing_weights_file_is_named(tmp_path):
    folder = write_model(tmp_path / "m", plain())
    (folder / "model.onnx").unlink()
    with pytest.raises(ModelError, match=r"no file 'model\.onnx'"):
        zoo.find(folder)


@pytest.mark.parametrize("kept", [0, 7, 100, -1])
def test_a_truncated_network_is_refused_without_a_hash_too(tmp_path, kept):
    folder = write_model(tmp_path / "m", plain(), weights={"sha256": None})
    content = (folder / "model.onnx").read_bytes()
    (folder / "model.onnx").write_bytes(content[:kept])
    with pytest.raises(ModelError, match="damaged"):
        zoo.find(folder)


def test_garbage_is_no_network(tmp_path):
    folder = write_model(tmp_path / "m", plain(), weights={"sha256": None})
    (folder / "model.onnx").write_bytes(b"PK\x03\x04 this is something else entirely" * 20)
    with pytest.raises(ModelError, match="truncated or no ONNX"):
        zoo.find(folder)


@pytest.mark.parametrize("name", ["../outside.onnx", "/etc/passwd", "C:\\model.onnx"])
def test_weights_outside_the_folder_are_refused(tmp_path, name):
    (tmp_path / "outside.onnx").write_bytes(b"x")
    folder = write_model(tmp_path / "m", plain(), weights={"source": name, "sha256": None})
    with pytest.raises(ModelError):
        zoo.find(folder)


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege on Windows")
def test_a_link_out_of_the_folder_is_refused(tmp_path):
    folder = write_model(tmp_path / "m", plain())
    (folder / "model.onnx").rename(tmp_path / "elsewhere.onnx")
    (folder / "model.onnx").symlink_to(tmp_path / "elsewhere.onnx")
    with pytest.raises(ModelError, match="leads out of the model folder"):
        zoo.find(folder)


def test_external_data_is_part_of_the_hash(tmp_path):
    folder = write_model(tmp_path / "m", plain(), external_data=True)
    before = zoo.find(folder)
    data = bytearray((folder / "model.onnx.data").read_bytes())
    data[0] ^= 1
    (folder / "model.onnx.data").write_bytes(bytes(data))
    assert zoo.find(folder).sha256 != before.sha256
    (folder / "model.onnx.data").unlink()
    with pytest.raises(ModelError, match=r"no file 'model\.onnx\.data'"):
        zoo.find(folder)


@pytest.mark.parametrize("location", ["../secret.data", "/etc/passwd"])
def test_external_data_outside_the_folder_is_refused(tmp_path, location):
    (tmp_path / "secret.data").write_bytes(b"\0" * 10000)
    folder = write_model(tmp_path / "m", plain(), external_data=True, weights={"sha256": None})
    network = onnx.load(folder / "model.onnx", load_external_data=False)
    for tensor in network.graph.initializer:
        for entry in tensor.external_data:
            if entry.key == "location":
                entry.value = location
    (folder / "model.onnx").write_bytes(network.SerializeToString())
    with pytest.raises(ModelError, match="leads out of the model folder"):
        zoo.find(folder)


def test_the_graph_reader_agrees_with_onnx(tmp_path):
    network = unet(levels=3, fold=True)
    path = tmp_path / "unet.onnx"
    onnx.save(network, path)
    graph = read_onnx_graph(path)
    assert graph.operators == {node.op_type for node in network.graph.node}
    assert graph.inputs[0].shape == (1, 1, "s0", "s1")
    assert (graph.inputs[0].name, graph.outputs[0].name, graph.opset, graph.ir_version) == ("x", "y0", 17, 8)
    assert graph.external_files == ()


@pytest.mark.parametrize(
    ("network", "options", "reason"),
    [
        (plain(channels_in=2), {}, "axis 'channel' of tensor 'raw' .* is 1, but 2"),
        (plain(spatial=3), {}, "has 4 axes in the description, but 5"),
        (
            unet(fixed=(48, 48), channels_out=1),
            {"size": {"min": 32, "step": 32}},
            r"axis 'y' .* is 32 \+ n · 32, but 48",
        ),
        (Graph().finish(["x", "x"], channels_out=(1, 1)), {}, "1 outputs described, but the network gives 2"),
    ],
)
def test_a_network_that_does_not_fit_its_description_is_refused(tmp_path, network, options, reason):
    with pytest.raises(ModelError, match=reason):
        zoo.find(write_model(tmp_path / "m", network, **options))


def zipped(folder, target, *, prefix=""):
    with zipfile.ZipFile(target, "w") as package:
        for path in folder.iterdir():
            package.write(path, prefix + path.name)
    return target


@pytest.mark.parametrize("prefix", ["", "inner/"])
def test_a_zip_is_unpacked_once(tmp_path, home, prefix):
    folder = write_model(tmp_path / "m", plain())
    package = zipped(folder, tmp_path / "päck age.zip", prefix=prefix)
    first, second = zoo.find(package), zoo.find(package)
    assert first == second
    assert first.sha256 == zoo.find(folder).sha256
    assert first.folder.is_relative_to(home)
    assert len(list((home / "cache" / "packages").iterdir())) == 1


@pytest.mark.parametrize("name", ["../evil.txt", "a/../../evil.txt", "/evil.txt", "..\\evil.txt", "C:evil.txt"])
def test_a_zip_whose_names_lead_out_is_refused(tmp_path, home, name):
    package = zipped(write_model(tmp_path / "m", plain()), tmp_path / "m.zip")
    with zipfile.ZipFile(package, "a") as file:
        file.writestr(zipfile.ZipInfo(name), "evil")
    with pytest.raises(ModelError, match="evil"):
        zoo.find(package)
    assert not list(tmp_path.rglob("evil.txt"))
    assert not list((home / "cache" / "packages").iterdir())


def test_a_zip_with_a_symbolic_link_is_refused(tmp_path):
    package = zipped(write_model(tmp_path / "m", plain()), tmp_path / "m.zip")
    with zipfile.ZipFile(package, "a") as file:
        link = zipfile.ZipInfo("link.onnx")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        file.writestr(link, "/etc/passwd")
    with pytest.raises(ModelError, match="the symbolic link"):
        zoo.find(package)


def test_a_zip_whose_compressed_content_is_damaged_is_refused(tmp_path, home):
    package = tmp_path / "m.zip"
    with zipfile.ZipFile(package, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("bioimageio.yaml", bytes(range(256)) * 40 + random.Random(1).randbytes(4000))
    content = bytearray(package.read_bytes())
    content[60:400] = bytes(each ^ 0x5A for each in content[60:400])
    package.write_bytes(content)
    with pytest.raises(ModelError, match="no whole zip file"):
        zoo.find(package)
    assert not list((home / "cache" / "packages").iterdir())


def test_stopping_while_a_zip_is_unpacked_is_no_fault_of_the_zip(tmp_path):
    package = zipped(write_model(tmp_path / "m", plain()), tmp_path / "m.zip")
    stop = threading.Event()
    stop.set()
    (tmp_path / "target").mkdir()
    with progress.listen(None, cancel=stop), pytest.raises(CancelledError):
        unpack_into(package, tmp_path / "target", asked="open")


@pytest.mark.parametrize("kept", [0, 50, -30])
def test_a_damaged_zip_is_refused(tmp_path, kept):
    package = zipped(write_model(tmp_path / "m", plain()), tmp_path / "m.zip")
    package.write_bytes(package.read_bytes()[:kept])
    with pytest.raises(ModelError, match="no whole zip file"):
        zoo.find(package)
