"""An installed wheel, not only a checkout, finds the models and macros that come with PyBridge."""

import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def python(tmp_path_factory):
    """The Python of an empty environment in which only the wheel is installed.

    The libraries that PyBridge depends on are those of the test environment, linked by a path file; that does not
    bring the checkout along, since path files found through a path file are not followed.
    """
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(folder), str(ROOT)]
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


def run(python, code, folder):
    done = subprocess.run([python, "-c", code], capture_output=True, text=True, cwd=folder, timeout=300)
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
