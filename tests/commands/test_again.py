"""The lines that repeat a run, in every door; a comparison is of all its images together."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest

from pybridge.commands.again import lines_to_repeat
from pybridge.commands.compare import Compare
from pybridge.commands.macro_options import parse_macro_options
from pybridge.core.record import InputUsed, RunRecord, now
from pybridge.reporting.again import Again
from pybridge.reporting.stored_record import parse_record

OPTIONS = "model=baseline:li-watershed,baseline:otsu-watershed"


def used(path: str, role: str) -> InputUsed:
    return InputUsed(Path(path).name, path, "", None, "YX", (5, 7), "uint8", (1.0, 1.0, 1.0), "pixel", role=role)


def again_of(images: list[str], truths: list[str], *, folder: str | None = None) -> Again:
    inputs = tuple(used(path, "image") for path in images) + tuple(used(path, "truth") for path in truths)
    return again_of_inputs(inputs, folder=folder)


def again_of_inputs(inputs: tuple[InputUsed, ...], *, folder: str | None = None) -> Again:
    parameters = {
        "model": ["baseline:li-watershed", "baseline:otsu-watershed"],
        "images": folder,
        "truth": "as the user wrote it",
    }
    record = RunRecord("1", "PyBridge Compare", parameters, now(), inputs=inputs)
    return lines_to_repeat(parse_record(json.loads(record.to_json()), path=Path("run-record.json")))


def test_a_comparison_of_a_folder_is_one_call_in_every_door() -> None:
    stems = ("a", "b", "c", "d", "e")
    again = again_of([f"my cells/{stem}.tif" for stem in stems], [f"t/{stem}.tif" for stem in stems])
    assert again.macro == f'run("PyBridge Compare", "images=[my cells] {OPTIONS} truth=t");'
    parsed = parse_macro_options(Compare, again.macro.split('"')[3])
    assert (parsed.images, parsed.truth, len(parsed.model)) == ("my cells", "t", 2)
    assert again.shell.startswith("pybridge compare 'my cells' --model baseline:li-watershed --model ")
    assert again.shell.endswith("--truth t")
    assert "pybridge.compare('my cells', model=(" in again.python
    assert "truth='t'" in again.python
    assert "first of" not in again.note
    assert "5 images" in again.note


@pytest.mark.parametrize("stems", ["a", "abcde"])
def test_a_folder_that_a_macro_gave_is_named_once_at_most(stems: str) -> None:
    again = again_of([f"f/{stem}.tif" for stem in stems], [f"t/{stem}.tif" for stem in stems], folder="f")
    parsed = parse_macro_options(Compare, again.macro.rpartition(', "')[2].removesuffix('");'))
    assert parsed.images == (None if stems == "a" else "f")
    assert again.macro.startswith('open("f/a.tif");') == (stems == "a")
    assert "images" not in again.shell + again.python


def test_a_comparison_on_one_image_opens_it() -> None:
    again = again_of(["a.tif"], ["t/a.tif"])
    assert again.macro == f'open("a.tif");\nrun("PyBridge Compare", "{OPTIONS} truth=t/a.tif");'
    assert "pybridge.compare('a.tif'" in again.python


def test_a_few_images_are_named_one_by_one_where_that_can_be() -> None:
    again = again_of(["f/a.tif", "f/b.tif"], ["t/a.tif", "t/b.tif"])
    assert "images=f " in again.macro
    assert again.shell.startswith("pybridge compare f/a.tif f/b.tif ")
    assert "pybridge.compare(['f/a.tif', 'f/b.tif'], " in again.python


def test_images_and_truths_of_several_folders_are_listed_in_python_alone() -> None:
    again = again_of(["f/a.tif", "g/b.tif"], ["t/a.tif", "u/b.tif"])
    assert (again.macro, again.shell) == ("", "")
    assert "these lie in several" in again.note
    assert "pybridge.compare(['f/a.tif', 'g/b.tif'], " in again.python
    assert "truth=['t/a.tif', 'u/b.tif']" in again.python


@pytest.mark.parametrize(("images", "truths"), [(2, 0), (1, 0), (5, 5)])
def test_images_without_a_file_are_to_be_saved_first(images: int, truths: int) -> None:
    inputs = [used(f"blobs-{number}", "image") for number in range(images)]
    inputs += [used(f"truth-{number}", "truth") for number in range(truths)]
    again = again_of_inputs(tuple(dataclasses.replace(each, path=None) for each in inputs))
    assert (again.macro, again.shell) == ("", "")
    assert "Images without a file are named by their titles: save them into one folder first" in again.note
    assert "these lie in several" not in again.note
    assert "'blobs-0'" in again.python


def test_without_truth_none_is_named() -> None:
    again = again_of(["f/a.tif", "f/b.tif"], [])
    assert "truth" not in again.macro + again.shell + again.python


def unsaved(name: str, role: str) -> InputUsed:
    return dataclasses.replace(used(name, role), path=None)


def again_alone(command: str, *inputs: InputUsed) -> Again:
    record = RunRecord("1", command, {"model": "nuclei-fluo"} if "Segment" in command else {}, now(), inputs=inputs)
    return lines_to_repeat(parse_record(json.loads(record.to_json()), path=Path("run-record.json")))


def test_open_images_without_a_file_are_chosen_in_a_macro_and_no_file_is_made_up_for_the_shell() -> None:
    again = again_alone("PyBridge Segment", unsaved('my "blobs"', "image"))
    assert again.macro == 'selectImage("my \\"blobs\\"");\nrun("PyBridge Segment", "model=nuclei-fluo");'
    assert again.shell == ""
    assert "the macro takes them open; Python needs the names of their files" in again.note


@pytest.mark.parametrize("saved", ["image", "truth", "neither"])
def test_of_a_score_the_file_is_opened_and_the_open_image_is_named(saved: str) -> None:
    result = used("f/a.tif", "image") if saved == "image" else unsaved("my cells", "image")
    truth = used("t/a.tif", "truth") if saved == "truth" else unsaved("my truth", "truth")
    again = again_alone("PyBridge Evaluate", result, truth)
    first = 'open("f/a.tif");' if saved == "image" else 'selectImage("my cells");'
    named = "t/a.tif" if saved == "truth" else "[my truth]"
    assert again.macro == f'{first}\nrun("PyBridge Evaluate", "truth={named}");'
    assert again.shell == ""


def test_what_lies_in_files_is_named_by_them_and_nothing_is_said_of_titles() -> None:
    again = again_alone("PyBridge Evaluate", used("f/a.tif", "image"), used("t/a.tif", "truth"))
    assert again.shell == "pybridge evaluate f/a.tif t/a.tif"
    assert "title" not in again.note
