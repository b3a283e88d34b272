"""`pybridge rerun` finds its inputs: tracks, tables, and truths of any name."""

import shutil

import pytest

import pybridge
from pybridge.cli import main
from pybridge.files.read import read_image
from tests.builders.rerun_records import NAMES, edit, rerun, write_pairs
from tests.builders.tracks import two_cells, without_a_parent

METHODS = ("--model", "baseline:otsu-watershed", "--model", "baseline:li-watershed")


@pytest.fixture
def tracked(tmp_path):
    """Tracks that were scored into ``out``."""
    two_cells().write(tmp_path / "run" / "01_GT" / "TRA", table="man_track.txt", prefix="man_track")
    without_a_parent(two_cells()).write(tmp_path / "run" / "01_RES")
    words = [str(tmp_path / "run" / name) for name in ("01_RES", "01_GT")]
    assert main(["evaluate", *words, "-o", str(tmp_path / "run" / "out")]) == 0
    return tmp_path / "run"


def test_tracks_are_scored_again_where_they_were_and_where_they_are_now(tracked, capsys):
    assert rerun(tracked / "out") == 0
    assert "agrees: 1 of 1" in capsys.readouterr().out
    moved = tracked.parent / "moved"
    shutil.move(tracked, moved)
    assert rerun(moved / "out") == 0
    (moved / "deep").mkdir()
    shutil.move(moved / "01_RES", moved / "deep" / "a result")
    shutil.move(moved / "01_GT", moved / "deep" / "a truth")
    capsys.readouterr()
    assert rerun(moved / "out") == 1
    assert "input '01_RES' is missing" in capsys.readouterr().err
    assert rerun(moved / "out", "--images", str(moved / "deep")) == 0
    assert "agrees: 1 of 1" in capsys.readouterr().out


@pytest.mark.parametrize("what", ["a frame", "the table"])
def test_tracks_that_changed_are_named(tracked, capsys, what):
    if what == "a frame":
        shutil.copy(tracked / "01_RES" / "mask000.tif", tracked / "01_RES" / "mask001.tif")
    else:
        (tracked / "01_RES" / "res_track.txt").write_text("1 0 7 0\n2 0 3 0\n3 4 7 2\n4 4 7 2\n")
    assert rerun(tracked / "out") == 1
    said = capsys.readouterr()
    assert "input '01_RES' changed: " in said.out
    assert "is another sequence of frames now" in said.out
    assert "scores differ, first" in said.out


def test_a_record_of_tracks_without_a_hash_of_the_table_is_taken_as_it_is(tracked):
    def change(content):
        for used in content["inputs"]:
            used["sha256_file"] = None

    edit(tracked / "out" / "run-record.json", change)
    assert rerun(tracked / "out") == 0


def test_tables_of_classes_are_found_by_their_hashes_and_nothing_else_is_taken_for_one(tmp_path, capsys):
    for name, last in (("p.csv", "b"), ("t.csv", "a")):
        (tmp_path / name).write_text(f"file,class\nx.tif,a\ny.tif,b\nz.tif,{last}\n")
    assert main(["evaluate", str(tmp_path / "p.csv"), str(tmp_path / "t.csv"), "-o", str(tmp_path / "out")]) == 0
    (tmp_path / "now").mkdir()
    (tmp_path / "now" / "a broken.tif").write_bytes(b"no image")
    shutil.move(tmp_path / "p.csv", tmp_path / "now" / "classes.csv")
    assert rerun(tmp_path / "out", "--images", str(tmp_path / "now")) == 0
    (tmp_path / "now" / "classes.csv").unlink()
    capsys.readouterr()
    assert rerun(tmp_path / "out", "--images", str(tmp_path / "now")) == 1
    assert "input 'p.csv' is missing" in capsys.readouterr().err


@pytest.fixture
def run(tmp_path):
    """Two images that were segmented and scored into ``out``."""
    folder = tmp_path / "run"
    folder.mkdir()
    write_pairs(folder)
    words = [str(folder), *METHODS[:2], "--truth", str(folder / "truth"), "-o", str(folder / "out")]
    assert main(["segment", *words]) == 0
    return folder


def mix(run):
    """Put images and truths into one folder, under names that do not say which belong together."""
    folder = run / "mixed"
    folder.mkdir()
    for number, name in enumerate(NAMES):
        shutil.move(run / name, folder / f"im{number}.tif")
        shutil.move(run / "truth" / name, folder / f"tru{1 - number}.tif")
    return folder


def test_truths_found_beside_the_images_under_any_names_are_those_of_their_images(run, tmp_path, capsys):
    truth, labels = str(run / "truth"), [str(run / "out" / name) for name in ("a-labels.tif", "é b-labels.tif")]
    assert main(["compare", str(run), *METHODS, "--truth", truth, "-o", str(tmp_path / "compared")]) == 0
    assert main(["evaluate", *labels, truth, "-o", str(tmp_path / "scored")]) == 0
    mixed = mix(run)
    for record, outputs in ((tmp_path / "compared", 1), (run / "out", 4), (tmp_path / "scored", 2)):
        capsys.readouterr()
        again = tmp_path / f"{record.name} again"
        assert rerun(record / "run-record.json", "--images", str(mixed), "-o", str(again)) == 0
        assert f"agrees: {outputs} of {outputs}" in capsys.readouterr().out


def test_a_comparison_of_arrays_is_done_again_once_they_are_files(run, tmp_path, capsys):
    images = [read_image(run / name).array for name in NAMES]
    truths = [read_image(run / "truth" / name).array for name in NAMES]
    pybridge.compare(images, model=[METHODS[1]], truth=truths, record=tmp_path / "c-record.json")
    assert rerun(tmp_path / "c-record.json", "--images", str(mix(run))) == 0
    assert "agrees: 1 of 1" in capsys.readouterr().out


@pytest.mark.parametrize("truths", [(0, 1, 0), (0, 1, 1)])
def test_a_comparison_that_has_one_image_twice_is_done_again_with_both_and_their_truths(run, capsys, truths):
    images = [run / NAMES[number] for number in (0, 1, 0)]
    given = [run / "truth" / NAMES[number] for number in truths]
    pybridge.compare(images, model=[METHODS[1]], truth=given, record=run / "c-record.json")
    assert rerun(run / "c-record.json") == 0
    assert "agrees: 1 of 1" in capsys.readouterr().out


def test_classes_that_were_scored_with_show_errors_when_that_was_taken_are_scored_again_without(tmp_path, capsys):
    for name in ("p.csv", "t.csv"):
        (tmp_path / name).write_text("file,class\nx.tif,a\ny.tif,b\n")
    record = tmp_path / "out" / "run-record.json"
    assert main(["evaluate", str(tmp_path / "p.csv"), str(tmp_path / "t.csv"), "-o", str(record.parent)]) == 0
    edit(record, lambda content: content["parameters"].update(show_errors=True))
    for options in ([], ["-o", str(tmp_path / "again")]):
        capsys.readouterr()
        assert rerun(record, *options) == 0
        said = capsys.readouterr().out
        assert "agrees: 1 of 1" in said
        assert "show_errors" not in said
