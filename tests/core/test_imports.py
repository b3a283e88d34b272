"""What may be loaded when: `import pybridge` is light, and core needs numpy only."""

import subprocess
import sys

import pytest

HEAVY = (
    "pydantic",
    "scipy",
    "tifffile",
    "skimage",
    "numba",
    "onnxruntime",
    "jpype",
    "scyjava",
    "imagej",
    "torch",
    "PIL",
    "zarr",
    "bioimageio.spec",
)


def modules_after(statement):
    code = f"{statement}\nimport sys\nsys.stdout.write(' '.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.split()


@pytest.mark.parametrize(
    "statement",
    [
        "import pybridge",
        "import pybridge.core.image, pybridge.core.axes, pybridge.core.record, pybridge.core.results",
        "import pybridge.commands.segment, pybridge.commands.predict, pybridge.commands.macro_options",
        "from pybridge.cli.parser import build_parser; build_parser()",
    ],
)
def test_light_imports_load_nothing_heavier_than_numpy(statement):
    loaded = modules_after(statement)
    assert [name for name in HEAVY if name in loaded] == []


def test_the_public_names_are_found_when_they_are_used():
    assert "pybridge.commands.segment" in modules_after("import pybridge; pybridge.segment")
