"""Where the files of a record are looked for."""

from __future__ import annotations

import json
import os
import shutil
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

import pybridge
from pybridge.core.image import Image
from pybridge.core.record import InputUsed, RunRecord, now
from pybridge.files.read import sha256_of_file
from pybridge.files.write import write_imagej_tiff
from pybridge.reporting import run_files
from pybridge.reporting.run_files import CHANGED, MISSING, SAME, UNCHECKED, FoundFile, find_input
from pybridge.reporting.stored_record import StoredInput, parse_record


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A folder with an image in ``cells`` and room for records in ``out``."""
    write_imagej_tiff(tmp_path / "run" / "cells" / "a.tif", Image(np.arange(35, dtype=np.uint8).reshape(5, 7), "YX"))
    (tmp_path / "run" / "out").mkdir()
    return tmp_path / "run"


def found(run: Path, path: str, *, check: bool = True) -> FoundFile:
    """Look for the image of a record that lies in ``out`` and says that it is at a path."""
    sha256 = sha256_of_file(run / "cells" / "a.tif") if (run / "cells" / "a.tif").exists() else ""
    used = InputUsed("a.tif", path, "", sha256, "YX", (5, 7), "uint8", (1.0, 1.0, 1.0), "pixel")
    record = RunRecord("1", "PyBridge Segment", {}, now(), inputs=(used,))
    stored = parse_record(json.loads(record.to_json()), path=run / "out" / "run-record.json")
    return find_input(stored.images[0], folder=run / "out", check=check)


@pytest.mark.parametrize("check", [True, False])
def test_a_relative_path_of_another_working_folder_is_found_and_is_no_move(run: Path, check: bool) -> None:
    assert found(run, "cells/a.tif", check=check) == FoundFile("a.tif", run / "cells" / "a.tif", SAME)


def test_a_relative_record_looks_around_the_working_folder(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(run / "out")
    used = parse_record(json.loads(_record_of(run)), path=Path("run-record.json")).images[0]
    assert find_input(used, folder=Path(), check=True).path == run / "cells" / "a.tif"


def _record_of(run: Path) -> str:
    used = InputUsed(
        "a.tif", "/gone/cells/a.tif", "", sha256_of_file(run / "cells" / "a.tif"), "YX", (5, 7), "uint8", (1, 1, 1), ""
    )
    return RunRecord("1", "PyBridge Segment", {}, now(), inputs=(used,)).to_json()


def test_a_folder_that_moved_as_a_whole_is_found_and_said_to_be_moved(run: Path) -> None:
    file = found(run, "/gone/run/cells/a.tif")
    assert (file.path, file.state) == (run / "cells" / "a.tif", SAME)
    assert "'a.tif' was moved: it was " in file.note


def test_another_file_of_that_name_around_the_record_is_not_taken(run: Path) -> None:
    shutil.move(run / "cells" / "a.tif", run / "b.tif")
    write_imagej_tiff(run / "cells" / "a.tif", Image(np.zeros((5, 7), np.uint8), "YX"))
    used = InputUsed("a.tif", "cells/a.tif", "", sha256_of_file(run / "b.tif"), "YX", (5, 7), "uint8", (1, 1, 1), "")
    record = RunRecord("1", "PyBridge Segment", {}, now(), inputs=(used,))
    stored = parse_record(json.loads(record.to_json()), path=run / "out" / "run-record.json")
    for check in (True, False):
        assert find_input(stored.images[0], folder=run / "out", check=check).state == MISSING


def test_a_folder_of_frames_is_told_of_from_anywhere(run: Path) -> None:
    file = found(run, "cells")
    assert (file.path, file.state) == (None, UNCHECKED)
    assert "is a folder of frames" in file.note


def test_a_report_from_another_working_folder_shows_the_same_images(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(run)
    pybridge.segment("cells/a.tif", model="baseline:otsu-watershed", record="out/a-record.json")
    at_home = pybridge.report("out/a-record.json")
    monkeypatch.chdir(tmp_path)
    away = pybridge.report(run / "out" / "a-record.json", output="away.html")
    assert away.problems == at_home.problems
    assert not any("not there any more" in problem for problem in away.problems)


def test_a_changed_input_is_hashed_once_wherever_it_is_looked_for(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hashed: Counter[Path] = Counter()

    def count(path: Path) -> str:
        hashed[path.absolute()] += 1
        return sha256_of_file(path)

    monkeypatch.setattr(run_files, "sha256_of_file", count)
    monkeypatch.chdir(run)
    for path in (str(run / "cells" / "a.tif"), "cells/a.tif"):
        hashed.clear()
        used = StoredInput(name="a.tif", path=path, sha256_file="0" * 64)
        assert find_input(used, folder=run / "cells", check=True).state == CHANGED
        assert hashed == {run / "cells" / "a.tif": 1}


def test_a_missing_input_costs_one_look_at_each_place(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    looked: Counter[str] = Counter()
    stat = os.stat

    def count(path: str | Path, **options: bool) -> os.stat_result:
        looked[os.fspath(path)] += 1
        return stat(path, **options)

    used = StoredInput(name="b.tif", path=str(run / "cells" / "b.tif"), sha256_file="0" * 64)
    with monkeypatch.context() as patch:
        patch.setattr(os, "stat", count)
        assert find_input(used, folder=run / "cells", check=True).state == MISSING
    assert set(looked.values()) <= {1}
    assert len(looked) <= 9


def test_an_image_of_a_folder_that_changed_is_no_folder_of_frames(run: Path) -> None:
    (run / "b.zarr").mkdir()
    used = StoredInput(name="b.zarr", path="/gone/run/b.zarr", sha256_pixels="0" * 64)
    file = find_input(used, folder=run / "out", check=True)
    assert (file.path, file.state) == (None, MISSING)
    assert "'/gone/run/b.zarr' is not there any more" in file.note


def test_a_folder_with_the_title_of_a_missing_image_is_no_folder_of_frames(run: Path) -> None:
    (run / "out" / "cells 1").mkdir()
    used = StoredInput(name="cells 1", path="/gone/cells.lif", sha256_file="0" * 64)
    assert find_input(used, folder=run / "out", check=True).state == MISSING


def test_a_path_through_the_folder_above_is_no_move(run: Path) -> None:
    assert found(run, "../cells/a.tif") == FoundFile("a.tif", run / "cells" / "a.tif", SAME)


def test_a_name_too_long_for_a_file_is_missing(run: Path) -> None:
    used = StoredInput(name="n" * 300, path="/gone/" + "n" * 300, sha256_file="0" * 64)
    assert find_input(used, folder=run / "out", check=True).state == MISSING
