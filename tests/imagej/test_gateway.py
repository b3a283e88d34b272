"""Starting, joining and leaving ImageJ."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from pybridge import imagej
from pybridge.core.errors import ImageError, ImageJError
from pybridge.imagej import Gateway
from tests.builders.processes import python, running_pybridge

pytestmark = pytest.mark.jvm


def test_a_second_start_gives_the_running_gateway(gateway: Gateway) -> None:
    assert imagej.start() is gateway


def test_another_imagej_cannot_be_started_beside_it(gateway: Gateway) -> None:
    with pytest.raises(ImageJError, match=r"start ImageJ from 'sc.fiji:fiji'.*Java runs in this process already"):
        imagej.start("sc.fiji:fiji")


def test_attaching_to_the_running_imagej_gives_its_gateway(gateway: Gateway) -> None:
    assert imagej.attach(gateway.imagej2) is gateway


def test_what_is_no_imageplus_is_refused(gateway: Gateway) -> None:
    with pytest.raises(ImageError, match="str, no ImagePlus.*pybridge.segment"):
        gateway.segment("cells.tif", model="nuclei-fluo")


def test_attaching_needs_a_running_java() -> None:
    done = python("import pybridge.imagej as i\ntry: i.attach(None)\nexcept i.launch.ImageJError as e: print(e)")
    assert "no Java runs in this process" in done.stdout, done.stderr


def test_a_java_without_imagej_is_named() -> None:
    done = python(
        "import jpype, pybridge.imagej as i; from pybridge.imagej.java import find_java\n"
        "jpype.startJVM(str(find_java().library))\n"
        "try: i.start()\nexcept i.launch.ImageJError as e: print(e)"
    )
    assert "Java runs in this process already, without ImageJ" in done.stdout, done.stderr


def test_a_folder_that_is_none_is_named() -> None:
    done = python("import pybridge.imagej as i\ntry: i.start('no-fiji')\nexcept i.launch.ImageJError as e: print(e)")
    assert "start ImageJ from 'no-fiji': there is no such folder" in done.stdout, done.stderr


def test_an_imagej_that_somebody_else_started_is_joined(gateway: Gateway) -> None:
    done = python(
        "import jpype, pybridge.imagej as i; from pybridge.imagej.java import find_java\n"
        "from pybridge.imagej.jars import embedded_jars\n"
        "jpype.startJVM(str(find_java().library), '--add-opens=java.base/java.lang=ALL-UNNAMED',\n"
        "    '-Djava.awt.headless=true', classpath=[str(jar) for jar in embedded_jars()])\n"
        "jpype.JClass('net.imagej.patcher.LegacyInjector').preinit()\n"
        "ij = i.attach(object()); print(ij.run_macro('return \"joined\";'), i.start() is ij)"
    )
    assert done.stdout.split() == ["joined", "True"], done.stderr


def test_folders_with_accents_work_in_a_plain_c_locale(gateway: Gateway, tmp_path: Path) -> None:
    jars = tmp_path / "jars è"
    code = (
        "import shutil, sys, pybridge.imagej as i; from pathlib import Path; from pybridge.imagej import jars\n"
        "folder = Path(sys.argv[1]); folder.mkdir()\n"
        "copies = tuple(Path(shutil.copy(jar, folder)) for jar in jars.embedded_jars())\n"
        "i.launch.embedded_jars = lambda: copies\n"
        "ij = i.start()\n"
        'macro = \'File.saveString("x", getArgument()); return "" + File.exists(getArgument());\'\n'
        "print(ij.run_macro(macro, sys.argv[2]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(jars), str(tmp_path / "é.txt")],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env=os.environ | {"LC_ALL": "C"},
    )
    assert done.stdout.strip() == "1", done.stderr
    assert (tmp_path / "é.txt").is_file()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT to send")
def test_ctrl_c_ends_a_macro_with_130(gateway: Gateway, tmp_path: Path) -> None:
    macro = tmp_path / "long.ijm"
    macro.write_text('print("it runs"); wait(60000); print("not reached");')
    with running_pybridge("macro", str(macro)) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "it runs\n"
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    assert process.returncode == 130, err
    assert "not reached" not in out
    assert "Traceback" not in err


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM to send")
def test_sigterm_ends_the_process_without_a_crash(gateway: Gateway) -> None:
    code = "import pybridge.imagej as i, time; i.start(); print('up', flush=True); time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "up\n"
        process.terminate()
        assert process.wait(30) == -signal.SIGTERM
