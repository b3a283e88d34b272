"""How the lines that repeat a run name many files, lost ones, and folders that may not be looked into."""

from __future__ import annotations

import dataclasses
import shlex
from pathlib import Path

import pytest

from tests.builders.runs_again import again_alone, again_of, four_pairs, used


@pytest.mark.parametrize(
    ("gone", "more", "told"),
    [
        ("b", "", "is done (1 of the images is not there any more)."),
        ("bc", "", "is done (2 of the images are not there any more)."),
        ("", "yz", "is done (it holds other files too)."),
        ("b", "z", "is done (it holds other files too; 1 of the images is not there any more)."),
    ],
)
def test_many_files_are_never_listed_but_said_to_be_others(tmp_path: Path, gone: str, more: str, told: str) -> None:
    stems = [f"{letter}{number}" for letter in "abcdef" for number in range(10)]
    files = [tmp_path / f"{stem}.tif" for stem in stems]
    for file in files:
        file.touch()
    for letter in gone:
        (tmp_path / f"{letter}3.tif").unlink()
    for letter in more:
        (tmp_path / f"{letter}.tif").touch()
    segmented = again_alone("PyBridge Segment", *(used(str(file), "image") for file in files))
    assert shlex.split(segmented.shell)[:3] == ["pybridge", "segment", str(tmp_path)]
    assert len(segmented.shell) < 500
    assert f"a folder stands for the 60 images: all that lies in it {told}" in segmented.note
    compared = again_of([str(file) for file in files], [])
    assert shlex.split(compared.shell)[:4] == ["pybridge", "compare", str(tmp_path), "--model"]
    assert told.removeprefix("is done") in compared.note


def test_many_folders_of_frames_are_listed_since_their_folder_does_not_give_them(tmp_path: Path) -> None:
    frames = [tmp_path / f"{number}_RES" for number in range(60)]
    for each in frames:
        each.mkdir()
    again = again_alone("PyBridge Segment", *(used(str(each), "image") for each in frames))
    assert shlex.split(again.shell)[2:62] == [str(each) for each in frames]


@pytest.mark.parametrize("method", ["iterdir", "is_dir"])
def test_a_folder_that_the_reader_may_not_look_into_stands_for_its_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    images = [dataclasses.replace(each, role="image") for each in four_pairs(tmp_path) if each.role == "result"]
    (tmp_path / "r" / "notes").touch()

    def refuse(path: Path) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, method, refuse)
    again = again_alone("PyBridge Segment", *images)
    assert shlex.split(again.shell)[:3] == ["pybridge", "segment", f"{tmp_path}/r"]
    assert "all that lies in it is done." in again.note


@pytest.mark.parametrize("method", ["is_dir", "is_file"])
@pytest.mark.parametrize(("name", "axes"), [("01_RES", "TYX"), ("01", "YX")])
def test_what_may_not_be_looked_at_is_opened_as_its_record_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, method: str, name: str, axes: str
) -> None:
    (tmp_path / name).mkdir()

    def refuse(path: Path) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, method, refuse)
    result = dataclasses.replace(used(str(tmp_path / name), "result"), axes=axes)
    again = again_alone("PyBridge Evaluate", result, used("t", "truth"))
    assert ("open(" in again.macro) == (axes == "YX")


def test_a_folder_whose_name_no_file_system_takes_is_named_all_the_same() -> None:
    again = again_alone("PyBridge Segment", *(used(f"a\0b/{stem}.tif", "image") for stem in "abcd"))
    assert "all that lies in it is done." in again.note
    again = again_alone("PyBridge Evaluate", used("x" * 300, "result"), used("t", "truth"))
    assert again.macro.startswith('open("xxx')
