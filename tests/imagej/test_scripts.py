"""Running `#@` scripts with SciJava's ScriptService: what goes in, what comes out, what counts as a failure."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pybridge.cli.script import read_values
from pybridge.core.errors import MacroError, UsageError
from pybridge.imagej import Gateway
from pybridge.imagej.images import open_ids

pytestmark = pytest.mark.jvm

JYTHON = """#@ String (label="Name", choices={"a", "b"}, value="a") name
#@ Integer (min=1, max=5, description="how often") n
#@ Boolean (value=true) loud
#@ File (required=false) file
#@output String text
#@output Integer count
#@output Double half
#@output Boolean yes
text, count, half, yes = name * n, n, n / 2.0, loud
"""


@pytest.fixture
def script(tmp_path: Path) -> Callable[..., Path]:
    def write(text: str, name: str = "my script é.py") -> Path:
        (tmp_path / name).write_text(text, encoding="utf-8")
        return tmp_path / name

    return write


def test_a_jython_script_takes_texts_and_gives_python_values(gateway: Gateway, script: Callable[..., Path]) -> None:
    outputs = gateway.run_script(script(JYTHON), {"n": "3", "name": "b", "loud": "false"})
    assert outputs == {"text": "bbb", "count": 3, "half": 1.5, "yes": False}
    assert [type(value) for value in outputs.values()] == [str, int, float, bool]


def test_a_groovy_script_runs_too(gateway: Gateway, script: Callable[..., Path]) -> None:
    text = "#@ Integer n\n#@output String text\ntext = 'x' * n\n"
    assert gateway.run_script(script(text, "s.groovy"), {"n": "3"}) == {"text": "xxx"}


def test_what_was_given_last_is_not_remembered(gateway: Gateway, script: Callable[..., Path]) -> None:
    path = script(JYTHON)
    gateway.run_script(path, {"n": "3", "name": "b"})
    assert gateway.run_script(path, {"n": "2"})["text"] == "aa"
    with pytest.raises(UsageError, match=r"no n was given.*how often"):
        gateway.run_script(path)


def test_a_single_optional_file_is_not_asked_for(gateway: Gateway, script: Callable[..., Path]) -> None:
    # SciJava would open a file dialog, and end the script quietly where there is no display.
    outputs = gateway.run_script(script(JYTHON), {"n": "1", "name": "a", "loud": "true"})
    assert outputs["text"] == "a"


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"n": "9"}, r"n='9'.*at most 5.*how often"),
        ({"n": "0"}, r"n='0'.*at least 1"),
        ({"n": "two"}, r"n='two'.*no Integer"),
        ({"n": "1", "nmae": "a"}, r"nmae=…: no such parameter.*did you mean 'name'"),
        ({"n": "1", "name": "c"}, r"name='c'.*no such choice"),
        ({"n": "1", "loud": "perhaps"}, r"a boolean is true or false"),
    ],
)
def test_a_wrong_value_is_said_before_the_script_runs(
    gateway: Gateway, script: Callable[..., Path], values: dict[str, str], message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        gateway.run_script(script(JYTHON), values)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x = 1\nraise ValueError('too bad')\n", r"ValueError: too bad \(line 2\)"),
        ("k = = 3\n", r"SyntaxError"),
        ("import sys\nsys.exit(3)\n", r"SystemExit: 3 \(line 2\)"),
        ("from java.lang import IllegalStateException\nraise IllegalStateException('broken')\n", "State.*: broken"),
        ("from ij import IJ\nIJ.run('PyBridge Segment', 'modle=x')\n", r"no such key.*did you mean 'model'"),
        ("from ij import IJ\nIJ.run('No Such Command')\n", "ImageJ stopped it"),
    ],
)
def test_a_script_that_fails_raises_with_its_own_message(
    gateway: Gateway, script: Callable[..., Path], text: str, message: str
) -> None:
    with pytest.raises(MacroError, match=message):
        gateway.run_script(script(text))


def test_a_groovy_script_that_throws_fails(gateway: Gateway, script: Callable[..., Path]) -> None:
    with pytest.raises(MacroError, match=r"IllegalArgumentException: bad name"):
        gateway.run_script(script("throw new IllegalArgumentException('bad name')", "s.groovy"))


def test_an_exception_that_a_script_only_logs_is_no_failure(gateway: Gateway, script: Callable[..., Path]) -> None:
    text = "#@ LogService log\n#@output String end\nlog.error('mine', new RuntimeException('x'))\nend = 'reached'\n"
    assert gateway.run_script(script(text, "s.groovy")) == {"end": "reached"}


def test_leaving_with_exit_zero_is_a_normal_end(gateway: Gateway, script: Callable[..., Path]) -> None:
    assert gateway.run_script(script("import sys\nsys.exit(0)\n")) == {}


def test_an_image_is_given_by_its_path_and_is_the_active_one(
    gateway: Gateway, script: Callable[..., Path], tmp_path: Path
) -> None:
    import numpy as np

    from pybridge.core.image import Image
    from pybridge.files.write import write_imagej_tiff

    write_imagej_tiff(tmp_path / "a b.tif", Image(np.zeros((5, 7), np.uint8), "YX", name="a b.tif"))
    text = "#@ ImagePlus imp\n#@output ImagePlus out\n#@output String title\n"
    text += "from ij import IJ\ntitle = IJ.getImage().getTitle()\nout = imp.duplicate()\nimp.duplicate().show()\n"
    before = open_ids()
    outputs = gateway.run_script(script(text), {"imp": str(tmp_path / "a b.tif")})
    assert outputs["title"] == "a b.tif"
    assert (outputs["out"].getWidth(), outputs["out"].getHeight()) == (7, 5)
    assert open_ids() == before
    with pytest.raises(UsageError, match="no imp was given and no image is open"):
        gateway.run_script(script(text))


def test_an_open_image_is_the_default(
    gateway: Gateway, script: Callable[..., Path], java: Callable[[str], Any]
) -> None:
    imp = java("ij.IJ").createImage("open", "8-bit", 7, 5, 1)
    imp.show()
    try:
        outputs = gateway.run_script(script("#@ ImagePlus imp\n#@output String title\ntitle = imp.getTitle()\n"))
        assert outputs == {"title": "open"}
    finally:
        imp.close()
        java("ij.macro.Interpreter").removeBatchModeImage(imp)


@pytest.mark.parametrize(
    ("name", "message"),
    [("a.ijm", "an ImageJ macro.*pybridge macro"), ("a.js", r"a \.js file"), ("none.py", "No such file")],
)
def test_what_is_no_script_is_said(gateway: Gateway, tmp_path: Path, name: str, message: str) -> None:
    with pytest.raises(MacroError, match=message):
        gateway.run_script(tmp_path / name)


def test_arguments_of_the_shell_are_names_and_values() -> None:
    assert read_values(["n=3", "text=a=b", "empty="]) == {"n": "3", "text": "a=b", "empty": ""}
    with pytest.raises(UsageError, match="no name=value"):
        read_values(["3"])
    with pytest.raises(UsageError, match="given twice"):
        read_values(["n=1", "n=2"])
