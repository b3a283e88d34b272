"""The lines that repeat a run, in every door; a comparison is of all its images together."""

from __future__ import annotations

import dataclasses
import json
import shlex
from pathlib import Path

import pytest

from pybridge.commands.again import lines_to_repeat
from pybridge.commands.compare import Compare
from pybridge.commands.evaluate import Evaluate
from pybridge.commands.macro_options import parse_macro_options
from pybridge.core.record import OutputMade, RunRecord, now
from pybridge.files.result_pairs import find_pairs
from pybridge.reporting.stored_record import parse_record
from tests.builders.runs_again import again_alone, again_of, again_of_inputs, four_pairs, unsaved, used

OPTIONS = "model=baseline:li-watershed,baseline:otsu-watershed"


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


@pytest.mark.parametrize("stems", ["ab", "abc", "abcde"])
def test_the_shell_takes_truths_as_one_folder_however_few_they_are(tmp_path: Path, stems: str) -> None:
    again = again_alone("PyBridge Evaluate", *four_pairs(tmp_path, stems=stems))
    words = shlex.split(again.shell)
    results = [f"{tmp_path}/r/{stem}.tif" for stem in stems] if len(stems) < 4 else [f"{tmp_path}/r"]
    assert words == ["pybridge", "evaluate", *results, f"{tmp_path}/t"]
    pairs, left = find_pairs(words[2:-1], words[-1])
    assert ([pair.truth.stem for pair in pairs], left) == (list(stems), ())


def test_truths_of_several_folders_give_no_line_of_the_shell_but_the_reason(tmp_path: Path) -> None:
    again = again_alone("PyBridge Evaluate", *four_pairs(tmp_path, truth="t-{0}/{0}.tif"))
    assert again.shell == ""
    assert "these lie in several: score them one by one" in again.note
    assert "the shell does all" not in again.note
    assert f"truth={tmp_path}/t-a/a.tif" in again.macro


def test_a_folder_stands_for_its_files_only_while_it_holds_no_others(tmp_path: Path) -> None:
    inputs = four_pairs(tmp_path)
    assert shlex.split(again_alone("PyBridge Evaluate", *inputs).shell)[2:-1] == [f"{tmp_path}/r"]
    (tmp_path / "r" / "notes.txt").touch()
    (tmp_path / "r" / ".hidden.tif").touch()
    assert shlex.split(again_alone("PyBridge Evaluate", *inputs).shell)[2:-1] == [f"{tmp_path}/r"]
    (tmp_path / "r" / "e.tif").touch()
    listed = [f"{tmp_path}/r/{stem}.tif" for stem in "abcd"]
    again = again_alone("PyBridge Evaluate", *inputs)
    assert shlex.split(again.shell) == ["pybridge", "evaluate", *listed, f"{tmp_path}/t"]
    assert "all that lies in it" not in again.note
    images = [each for each in inputs if each.role == "result"]
    again = again_alone("PyBridge Segment", *(dataclasses.replace(each, role="image") for each in images))
    assert shlex.split(again.shell)[2:6] == listed


def test_a_folder_that_lost_a_file_does_not_stand_for_them(tmp_path: Path) -> None:
    inputs = four_pairs(tmp_path)
    (tmp_path / "r" / "b.tif").unlink()
    assert f"{tmp_path}/r/b.tif" in again_alone("PyBridge Evaluate", *inputs).shell


def test_of_a_folder_that_cannot_be_looked_into_it_is_said_that_all_in_it_is_done() -> None:
    again = again_alone("PyBridge Segment", *(used(f"gone/{stem}.tif", "image") for stem in "abcd"))
    assert again.shell.startswith("pybridge segment gone ")
    assert "a folder stands for the 4 images: all that lies in it is done" in again.note


def test_what_the_run_itself_wrote_beside_its_images_is_no_other_image(tmp_path: Path) -> None:
    images = [each for each in four_pairs(tmp_path) if each.role == "result"]
    made = tuple(OutputMade("labels", f"{stem}-labels.tif", "") for stem in "abcd")
    for each in made:
        (tmp_path / "r" / each.name).touch()
    inputs = tuple(dataclasses.replace(each, role="image") for each in images)
    record = RunRecord("1", "PyBridge Segment", {"model": "m"}, now(), inputs=inputs, outputs=made)
    again = lines_to_repeat(parse_record(json.loads(record.to_json()), path=Path("run-record.json")))
    assert shlex.split(again.shell)[:3] == ["pybridge", "segment", f"{tmp_path}/r"]


def test_labels_among_other_outputs_are_the_results_of_their_folder(tmp_path: Path) -> None:
    inputs = four_pairs(tmp_path, result="r/{}-labels.tif")
    (tmp_path / "r" / "a-probability.tif").touch()
    assert shlex.split(again_alone("PyBridge Evaluate", *inputs).shell)[2:-1] == [f"{tmp_path}/r"]
    (tmp_path / "r" / "z-labels.tif").touch()
    assert len(shlex.split(again_alone("PyBridge Evaluate", *inputs).shell)[2:-1]) == 4


def test_macro_and_python_name_the_raw_image_of_the_first_pair() -> None:
    inputs = tuple(used(f"{role}s/{stem}.tif", role) for stem in "ab" for role in ("result", "truth", "raw"))
    record = RunRecord("1", "PyBridge Evaluate", {"task": "restore", "raw": "raws"}, now(), inputs=inputs)
    again = lines_to_repeat(parse_record(json.loads(record.to_json()), path=Path("run-record.json")))
    assert "raw=raws/a.tif" in again.macro
    assert "raw='raws/a.tif'" in again.python
    assert again.shell.endswith("--raw raws")


@pytest.mark.parametrize("kind", ["table", "frames"])
def test_tables_and_folders_of_frames_are_named_in_the_macro_not_opened(tmp_path: Path, kind: str) -> None:
    path = tmp_path / ("p0.csv" if kind == "table" else "01 RES")
    path.touch() if kind == "table" else path.mkdir()
    result = dataclasses.replace(used(str(path), "result"), dtype="table" if kind == "table" else "uint16", axes="TYX")
    again = again_alone("PyBridge Evaluate", result, dataclasses.replace(result, path="truth.csv", role="truth"))
    assert "open(" not in again.macro
    parsed = parse_macro_options(Evaluate, again.macro.split('"')[3])
    assert (parsed.result, parsed.truth) == (str(path), "truth.csv")
    assert again.shell == shlex.join(["pybridge", "evaluate", str(path), "truth.csv"])


def test_truths_of_the_working_folder_are_named_by_a_dot() -> None:
    inputs = (used("r/a.tif", "result"), used("a.tif", "truth"), used("r/b.tif", "result"), used("b.tif", "truth"))
    assert again_alone("PyBridge Evaluate", *inputs).shell == "pybridge evaluate r/a.tif r/b.tif ."
