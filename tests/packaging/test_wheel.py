"""An installed wheel, not only a checkout, finds the models and macros that come with PyBridge."""

import json
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

from pybridge.worker.calls import PROTOCOL
from tests.builders.fiji_side import FijiSide
from tests.builders.fijis import make_fiji_folder

ROOT = Path(__file__).resolve().parents[2]
CLIENT = "fiji-scripts/config/pybridge/pybridge_client"


@pytest.fixture(scope="module")
def python(tmp_path_factory):
    """The Python of an empty environment in which only the wheel is installed.

    The libraries that PyBridge depends on are those of the test environment, linked by a path file; that does not
    bring the checkout along, since path files found through a path file are not followed.
    """
    folder = tmp_path_factory.mktemp("wheel")
    # From a copy, in which Jython and a training left their traces, and which git does not know.
    checkout = folder / "checkout"
    checkout.mkdir()
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, checkout)
    for name in ("pybridge", "models", "macros", "fiji-scripts"):
        shutil.copytree(ROOT / name, checkout / name, ignore=shutil.ignore_patterns("__pycache__"))
    (checkout / CLIENT / "calls$py.class").write_bytes(b"old")
    (checkout / "models" / "mine" / "work").mkdir(parents=True)
    (checkout / "models" / "mine" / "work" / "last.pt").write_bytes(b"large")
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(folder), str(checkout)]
    subprocess.run(build, check=True, cwd=folder)
    (wheel,) = folder.glob("pybridge-*.whl")
    subprocess.run([sys.executable, "-m", "venv", str(folder / "env")], check=True)
    inside = folder / "env" / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    subprocess.run([inside, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", str(wheel)], check=True)
    question = "import sysconfig, sys; sys.stdout.write(sysconfig.get_path('purelib'))"
    purelib = subprocess.run([inside, "-c", question], capture_output=True, text=True, check=True).stdout
    paths = dict.fromkeys((sysconfig.get_path("purelib"), sysconfig.get_path("platlib")))
    (Path(purelib) / "libraries.pth").write_text("\n".join(paths))
    return inside


@pytest.fixture(autouse=True)
def no_other_path(monkeypatch):
    """A checkout that the one who runs the tests put on the path is none of the wheel's."""
    monkeypatch.delenv("PYTHONPATH", raising=False)


def run(python, code, folder):
    done = subprocess.run([python, "-c", code], capture_output=True, text=True, cwd=folder, timeout=600)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_wheel_is_what_is_imported(python, tmp_path):
    said = run(python, "import pybridge, sys; sys.stdout.write(pybridge.__file__)", tmp_path)
    assert str(ROOT) not in said
    assert "env" in Path(said).parts


def test_the_wheel_segments_with_the_shipped_model(python, tmp_path):
    code = (
        "import pybridge, sys\n"
        "image, truth = pybridge.samples.simulate_nuclei(shape=(96, 128), count=8)\n"
        "result = pybridge.segment(image, model='nuclei-fluo')\n"
        "sys.stdout.write(f'{len(result.objects)} {result.record.model.id}')"
    )
    count, model = run(python, code, tmp_path).split()
    assert 4 <= int(count) <= 12
    assert model == "nuclei-fluo"


def test_the_wheel_has_the_macros_that_the_checkout_has(python, tmp_path):
    code = (
        "import sys\nfrom pybridge.files.home import shipped_folder\n"
        "sys.stdout.write(' '.join(sorted(f.name for f in shipped_folder('macros').glob('*.ijm'))))"
    )
    assert run(python, code, tmp_path).split() == sorted(file.name for file in (ROOT / "macros").glob("*.ijm"))


def test_the_shell_command_is_installed(python, tmp_path):
    command = python.with_name("pybridge.exe" if sys.platform == "win32" else "pybridge")
    said = subprocess.run([command, "--version"], capture_output=True, text=True, check=True, cwd=tmp_path).stdout
    assert said.startswith("pybridge 0.")


def test_what_is_no_source_stays_out_of_the_wheel(python):
    (wheel,) = python.parents[2].glob("pybridge-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    assert "pybridge/shipped/" + CLIENT + "/calls.py" in names
    assert "pybridge/shipped/models/nuclei-fluo/bioimageio.yaml" in names
    assert not [name for name in names if name.endswith((".class", ".pyc")) or "work" in name.split("/")]


def test_the_wheel_installs_itself_into_a_fiji_and_is_its_worker(python, tmp_path):
    folder = make_fiji_folder(tmp_path / "Fiji d'été")
    install = [python, "-m", "pybridge", "fiji", "install", str(folder)]
    done = subprocess.run(install, capture_output=True, text=True, cwd=tmp_path, timeout=300)
    assert done.returncode == 0, done.stderr
    client = folder / "config" / "pybridge" / "pybridge_client"
    assert {file.name for file in client.iterdir()} == {file.name for file in (ROOT / CLIENT).glob("*.py")}
    assert (folder / "scripts" / "Plugins" / "PyBridge" / "PyBridge_Segment.py").is_file()
    settings = json.loads((folder / "config" / "pybridge" / "settings.json").read_text(encoding="utf-8"))
    assert Path(settings["python"]) == python
    assert "PYTHONPATH" not in settings["environment"]
    with FijiSide(python=settings["python"], PYTHONPATH="", **settings["environment"]) as side:
        assert side.ask("hello", protocol=PROTOCOL)["pid"] == side.process.pid
        assert any("worker" in line for line in side.call("PyBridge Doctor", None)["lines"])
