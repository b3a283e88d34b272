"""What finding the inputs of an earlier run costs, and what it does with files that may not be read."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from pathlib import Path

import pytest

from pybridge.core.record import InputUsed, RunRecord, now
from pybridge.files.read import sha256_of_file
from pybridge.files.track_files import Tracks, open_tracks
from pybridge.files.write import write_imagej_tiff
from pybridge.reporting.stored_record import StoredRecord, parse_record
from pybridge.samples import simulate_nuclei
from pybridge.tasks import rerun_inputs
from pybridge.tasks.rerun_inputs import find_items
from tests.builders.tracks import two_cells


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often each folder of frames was read, by its name."""
    counted: Counter[str] = Counter()

    def count(path: Path) -> Tracks:
        counted[path.name] += 1
        return open_tracks(path)

    monkeypatch.setattr(rerun_inputs, "open_tracks", count)
    return counted


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> Counter[Path]:
    """How often each file was hashed."""
    counted: Counter[Path] = Counter()

    def count(path: Path) -> str:
        counted[path] += 1
        return sha256_of_file(path)

    monkeypatch.setattr(rerun_inputs, "sha256_of_file", count)
    return counted


def tracks_and_their_record(folder: Path, *, has_tables: bool = True) -> StoredRecord:
    """Write frames of different lengths under new names into ``now``, and give a record that has them elsewhere."""
    used = []
    for number, frames in enumerate((4, 6, 8)):
        at = two_cells(frames).write(folder / "now" / f"z{9 - number}")
        described = open_tracks(at).used(role="image")
        used.append(
            InputUsed(
                f"{number}",
                f"/gone/{number}",
                described.sha256_pixels,
                described.sha256_file if has_tables else None,
                described.axes,
                described.shape,
                described.dtype,
                described.pixel_size,
                described.unit,
            )
        )
    record = RunRecord("1", "PyBridge Evaluate", {}, now(), inputs=tuple(used))
    return parse_record(json.loads(record.to_json()), path=folder / "run-record.json")


def test_frames_are_read_only_where_their_table_fits(tmp_path: Path, opened: Counter[str]) -> None:
    record = tracks_and_their_record(tmp_path)
    items = find_items(record, images=tmp_path / "now")
    assert [item.main.path for item in items] == [tmp_path / "now" / name for name in ("z9", "z8", "z7")]
    assert opened == {"z9": 1, "z8": 1, "z7": 1}


def test_frames_of_a_record_without_tables_are_read_once(tmp_path: Path, opened: Counter[str]) -> None:
    record = tracks_and_their_record(tmp_path, has_tables=False)
    items = find_items(record, images=tmp_path / "now")
    assert [item.main.path for item in items] == [tmp_path / "now" / name for name in ("z9", "z8", "z7")]
    assert max(opened.values()) == 1


def test_damaged_frames_are_read_once_and_are_no_input(tmp_path: Path, opened: Counter[str]) -> None:
    record = tracks_and_their_record(tmp_path, has_tables=False)
    (tmp_path / "now" / "z7" / "mask001.tif").write_bytes(b"no image")
    items = find_items(record, images=tmp_path / "now")
    assert items[2].main.path is None
    assert max(opened.values()) == 1


def record_of(image: Path, path: Path | str) -> StoredRecord:
    used = InputUsed(image.name, str(path), "0" * 64, "0" * 64, "YX", (5, 7), "uint8", (1.0, 1.0, 1.0), "pixel")
    record = RunRecord("1", "PyBridge Segment", {}, now(), inputs=(used,))
    return parse_record(json.loads(record.to_json()), path=image.parent / "run-record.json")


@pytest.fixture
def image(tmp_path: Path) -> Path:
    """An image in a folder."""
    source, _ = simulate_nuclei(shape=(32, 40), count=2)
    write_imagej_tiff(tmp_path / "run" / "a.tif", source)
    return tmp_path / "run" / "a.tif"


def test_a_changed_input_is_hashed_once(image: Path, hashed: Counter[Path]) -> None:
    (item,) = find_items(record_of(image, image), images=None)
    assert "is another image now" in item.main.change
    assert hashed == {image: 1}


def test_a_path_too_long_for_a_file_is_a_missing_input(image: Path) -> None:
    (item,) = find_items(record_of(image, "/gone/" + "n" * 300), images=None)
    assert "is missing" in item.main.change


def test_an_image_that_may_not_be_read_is_told_of(image: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path) -> str:
        raise PermissionError(13, "Permission denied", str(path))

    shutil.copy(image, image.parent / "b.tif")
    monkeypatch.setattr(rerun_inputs, "sha256_of_file", refuse)
    (item,) = find_items(record_of(image, image), images=image.parent)
    assert item.main.path is None
    assert "'a.tif' cannot be read: " in item.main.change


def test_a_folder_that_may_not_be_looked_into_is_passed_over(image: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (image.parent / "closed").mkdir()
    is_file = Path.is_file

    def refuse(path: Path) -> bool:
        if path.parent.name == "closed":
            raise PermissionError(13, "Permission denied", str(path))
        return is_file(path)

    monkeypatch.setattr(Path, "is_file", refuse)
    (item,) = find_items(record_of(image, "/gone/c.tif"), images=image.parent)
    assert "nor is it under --images" in item.main.change
