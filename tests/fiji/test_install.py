"""PyBridge's files in a Fiji: all or none, nothing of the user's lost, and everything gone at the end."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from pybridge import __version__, fiji
from pybridge.cli import main
from pybridge.commands.choices import SHIPPED, Choices
from pybridge.core.errors import OutputError, UsageError
from pybridge.fiji import change
from pybridge.fiji import installation as install_module
from pybridge.files.home import shipped_folder
from tests.builders.fijis import content_of, make_fiji_folder

SEGMENT = "scripts/Plugins/PyBridge/PyBridge_Segment.py"
MACRO = "macros/pybridge/Segment_Image.ijm"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_fiji_folder(tmp_path / "Fiji in a folder é")


def put(folder: Path) -> fiji.Installed:
    return fiji.install(folder, choices=SHIPPED)


def states(folder: Path) -> dict[str, str]:
    return {finding.part: finding.state for finding in fiji.status(folder, choices=SHIPPED)}


def test_everything_that_a_fiji_needs_is_put_there(folder: Path) -> None:
    done = put(folder)
    there = content_of(folder)
    assert {SEGMENT, MACRO, "config/pybridge/pybridge_client/worker.py", "macros/AutoRun/PyBridge.ijm"} <= set(there)
    assert "script_templates/PyBridge/Segment_Image.groovy" in there
    assert set(done.written) == set(there) - set(content_of_fresh(folder)) - {"config/pybridge/installed.json"}
    assert there[SEGMENT] == (shipped_folder("fiji-scripts") / SEGMENT).read_bytes()
    settings = json.loads(there["config/pybridge/settings.json"])
    assert (settings["python"], settings["pybridge"]) == (sys.executable, __version__)
    assert len(there["luts/pybridge_labels.lut"]) == 768
    assert not [name for name in there if name.endswith((".class", ".pybridge-new", ".pybridge-old"))]


def content_of_fresh(folder: Path) -> dict[str, bytes]:
    return content_of(make_fiji_folder(folder.parent / "fresh"))


def test_the_label_table_is_raw_reds_then_greens_then_blues(folder: Path) -> None:
    from pybridge.core.label_colours import label_colours

    put(folder)
    table = (folder / "luts/pybridge_labels.lut").read_bytes()
    assert [table[7], table[256 + 7], table[512 + 7]] == label_colours()[7].tolist()


def test_helper_modules_lie_where_fiji_makes_no_menu_command_of_them(folder: Path) -> None:
    put(folder)
    scripts = [name for name in content_of(folder) if name.startswith("scripts/")]
    assert all(Path(name).name.startswith("PyBridge_") for name in scripts)


def test_a_second_installation_changes_nothing(folder: Path) -> None:
    put(folder)
    before = content_of(folder)
    done = put(folder)
    assert (done.written, done.removed, done.kept) == ((), (), ())
    assert content_of(folder) == before


def test_the_dialogs_offer_the_models_and_devices_of_this_computer(folder: Path) -> None:
    mine = Choices(segmenting=("nuclei-fluo", "mine"), devices=("cpu", "cuda", "cuda:0"))
    fiji.install(folder, choices=mine)
    text = (folder / SEGMENT).read_text(encoding="utf-8")
    assert 'choices={"nuclei-fluo", "mine", "baseline:otsu-watershed", ' in text
    assert '}, value="nuclei-fluo"' in text
    assert 'choices={"auto", "cpu", "cuda", "cuda:0"}' in text
    assert {Path(name).stem for name in put(folder).written} == {
        "PyBridge_Segment",
        "PyBridge_Predict",
        "PyBridge_Compare",
        "PyBridge_Train",
    }


def test_what_the_user_changed_is_kept_beside_under_a_name_that_is_no_command(folder: Path) -> None:
    put(folder)
    (folder / SEGMENT).write_text("# mine\n")
    done = put(folder)
    assert done.kept == ((SEGMENT, f"{SEGMENT}.kept"),)
    assert (folder / f"{SEGMENT}.kept").read_text() == "# mine\n"
    assert (folder / SEGMENT).read_bytes() == (shipped_folder("fiji-scripts") / SEGMENT).read_bytes()
    (folder / SEGMENT).write_text("# again mine\n")
    assert put(folder).kept == ((SEGMENT, f"{SEGMENT}.kept-2"),)


def test_a_file_of_the_users_that_was_there_before_is_kept(folder: Path) -> None:
    (folder / "luts").mkdir()
    (folder / "luts/pybridge_labels.lut").write_bytes(b"older")
    assert put(folder).kept == (("luts/pybridge_labels.lut", "luts/pybridge_labels.lut.kept"),)


def test_a_file_that_this_version_no_longer_has_is_taken_away(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    more = {"macros/pybridge/Old.ijm": b"// old", "macros/pybridge/Changed.ijm": b"// old"}
    real = install_module.files_for
    monkeypatch.setattr(install_module, "files_for", lambda *a, **k: real(*a, **k) | more)
    put(folder)
    monkeypatch.undo()
    (folder / "macros/pybridge/Changed.ijm").write_text("// mine")
    assert put(folder).removed == ("macros/pybridge/Old.ijm",)
    assert (folder / "macros/pybridge/Changed.ijm").read_text() == "// mine"


def test_uninstalling_leaves_the_fiji_as_it_was(folder: Path) -> None:
    before = content_of(folder)
    put(folder)
    compiled = folder / "config/pybridge/pybridge_client/worker$py.class"
    compiled.write_bytes(b"made by Jython")
    done = fiji.uninstall(folder)
    assert content_of(folder) == before
    assert done.left == ()
    assert not (folder / "config/pybridge").exists()
    assert not (folder / "scripts/Plugins/PyBridge").exists()


def test_uninstalling_leaves_what_the_user_changed_and_names_it(folder: Path) -> None:
    put(folder)
    (folder / MACRO).write_text("// mine")
    assert fiji.uninstall(folder).left == (MACRO,)
    assert (folder / MACRO).read_text() == "// mine"


def test_uninstalling_twice_is_an_error(folder: Path) -> None:
    put(folder)
    fiji.uninstall(folder)
    with pytest.raises(UsageError, match="it was not installed there"):
        fiji.uninstall(folder)


@pytest.mark.parametrize("at", [0, 3, 12])
def test_an_installation_that_fails_half_way_leaves_nothing(
    folder: Path, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    before = content_of(folder)
    real, calls = os.rename, [0]

    def rename(source: Path, target: Path) -> None:
        if Path(target).name != "installed.json":
            calls[0] += 1
            if calls[0] > at:
                raise OSError(28, "No space left on device", str(target))
        real(source, target)

    monkeypatch.setattr(os, "rename", rename)
    with pytest.raises(OutputError, match="No space left on device; nothing was changed"):
        put(folder)
    monkeypatch.undo()
    assert content_of(folder) == before
    assert not (folder / "config").exists()


def test_an_update_that_fails_half_way_leaves_the_earlier_installation(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(folder)
    before = content_of(folder)
    real = change._write

    def write(path: Path, content: bytes) -> None:
        if "Train" in path.name:
            raise PermissionError(13, "Permission denied", str(path))
        real(path, content)

    monkeypatch.setattr(change, "_write", write)
    with pytest.raises(OutputError, match="Permission denied; nothing was changed"):
        fiji.install(folder, choices=Choices(segmenting=("a",), predicting=("a",), trainable=("a",)))
    monkeypatch.undo()
    assert content_of(folder) == before


def test_an_installation_that_was_killed_is_noticed_and_finished_by_the_next(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(folder)
    other = Choices(segmenting=("other",), predicting=("other",), trainable=("other",))
    real = os.rename

    def rename(source: Path, target: Path) -> None:
        if "Segment.py" in str(target):
            raise KeyboardInterrupt
        real(source, target)

    # A kill leaves no time to put anything back.
    monkeypatch.setattr(os, "rename", rename)
    monkeypatch.setattr(change, "_put_back", lambda made, undo: None)
    monkeypatch.setattr(install_module, "_restore", lambda *given: None)
    with pytest.raises(KeyboardInterrupt):
        fiji.install(folder, choices=other)
    monkeypatch.undo()
    assert states(folder)["PyBridge"] == "missing"
    done = fiji.install(folder, choices=other)
    assert done.kept == ()
    assert "other" in (folder / SEGMENT).read_text()
    assert not [name for name in content_of(folder) if name.endswith((".pybridge-new", ".pybridge-old"))]


def test_status_tells_what_is_missing_changed_and_out_of_date(folder: Path) -> None:
    assert states(folder) == {"Fiji": "ok", "Jython": "ok", "PyBridge": "missing"}
    put(folder)
    assert set(states(folder).values()) == {"ok"}
    (folder / MACRO).write_text("// mine")
    (folder / "luts/pybridge_labels.lut").unlink()
    found = {finding.part: finding for finding in fiji.status(folder, choices=Choices(devices=("cpu",)))}
    assert (found["changed"].state, found["missing"].state) == ("note", "missing")
    assert MACRO in found["changed"].found
    assert "luts/pybridge_labels.lut" in found["missing"].found
    assert SEGMENT in found["out of date"].found


def test_status_notices_another_version_and_an_environment_that_moved(folder: Path) -> None:
    put(folder)
    manifest = folder / "config/pybridge/installed.json"
    manifest.write_text(manifest.read_text().replace(f'"pybridge": "{__version__}"', '"pybridge": "0.0.1"'))
    settings = folder / "config/pybridge/settings.json"
    settings.write_text(json.dumps({"python": "/moved/bin/python"}))
    found = {finding.part: finding for finding in fiji.status(folder, choices=SHIPPED)}
    assert "0.0.1 is installed there" in found["PyBridge"].found
    assert "/moved/bin/python is not there" in found["Python"].found


def test_a_fiji_without_jython_is_told(folder: Path) -> None:
    for jar in folder.glob("jars/*jython*"):
        jar.unlink()
    assert states(folder)["Jython"] == "missing"


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda folder: None, "there is no such folder"),
        (lambda folder: folder.mkdir(), "there is no folder jars/ in it"),
        (lambda folder: make_fiji_folder(folder / "Fiji.app"), r"a folder around a Fiji.*Fiji\.app"),
        (
            lambda folder: make_fiji_folder(folder, without=("imagej-legacy",)),
            "an ImageJ without Fiji's script commands",
        ),
    ],
)
def test_what_is_no_fiji_is_said(tmp_path: Path, make, message: str) -> None:  # type: ignore[no-untyped-def]
    make(tmp_path / "here")
    with pytest.raises(UsageError, match=message):
        put(tmp_path / "here")


@pytest.mark.parametrize("text", ["no json", '{"schema": "x"}', "[]"])
def test_a_damaged_manifest_is_said(folder: Path, text: str) -> None:
    put(folder)
    (folder / "config/pybridge/installed.json").write_text(text)
    with pytest.raises(UsageError, match=r"installed\.json.*is damaged.*delete that file and install again"):
        fiji.uninstall(folder)


def test_a_manifest_cannot_name_files_outside_the_fiji(folder: Path, tmp_path: Path) -> None:
    put(folder)
    (tmp_path / "precious").write_text("x")
    path = folder / "config/pybridge/installed.json"
    manifest = json.loads(path.read_text())
    manifest["files"]["../precious"] = ["0"]
    path.write_text(json.dumps(manifest))
    with pytest.raises(UsageError, match="it names"):
        fiji.uninstall(folder)
    assert (tmp_path / "precious").exists()


def test_the_shell_installs_looks_and_uninstalls(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fiji", "status", str(folder)]) == 1
    assert main(["fiji", "install", str(folder)]) == 0
    assert main(["fiji", "status", str(folder)]) == 0
    (folder / MACRO).write_text("// mine")
    assert main(["fiji", "status", str(folder)]) == 1
    assert main(["fiji", "uninstall", str(folder)]) == 0
    said = capsys.readouterr().out
    assert "Plugins > PyBridge" in said
    assert f"left     {MACRO}: you changed it" in said
    assert main(["fiji", "install", str(folder / "jars")]) == 2


@pytest.mark.jvm
def test_a_fiji_without_appose_gets_it_and_loses_it_again(tmp_path: Path) -> None:
    folder = make_fiji_folder(tmp_path / "Fiji", appose=False)
    (folder / "jars/groovy-3.0.4.jar").write_bytes(b"")
    before = content_of(folder)
    put(folder)
    new = {name for name in content_of(folder) if name.startswith("jars/")} - set(before)
    assert {name.split("/")[1].split("-")[0] for name in new} == {"appose", "groovy", "jna"}
    assert not any(name.startswith("jars/groovy-4") for name in new)  # it has a groovy of its own
    assert put(folder).written == ()
    fiji.uninstall(folder)
    assert content_of(folder) == before
