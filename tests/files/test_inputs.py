"""Which files a command works on, and which truth belongs to which image."""

from pathlib import Path

import pytest

from pybridge.core.errors import ImageFileError, UsageError
from pybridge.files.inputs import find_images, find_truths, stem_of_pair


@pytest.fixture
def folder(tmp_path):
    for name in ("b 1.tif", "a.png", "a-labels.tif", "notes.txt", ".hidden.tif", "a-objects.csv"):
        (tmp_path / name).touch()
    return tmp_path


def test_a_folder_gives_its_images_but_not_what_pybridge_wrote_there(folder):
    assert [path.name for path in find_images([str(folder)])] == ["a.png", "b 1.tif"]


def test_results_without_their_image_are_known_by_their_record(tmp_path):
    for name in ("x-labels.ome.tif", "x-record.json", "cells.tif", "cells-distance.tif"):
        (tmp_path / name).touch()
    assert [path.name for path in find_images([str(tmp_path)], made=["distance"])] == ["cells.tif"]


def test_an_image_is_an_image_though_its_name_ends_like_a_result(tmp_path):
    names = ["comparison-sheet.png", "mdck-labels.tif", "mdck-sheet.tif", "tracks-restored.tif"]
    for name in names:
        (tmp_path / name).touch()
    assert [path.name for path in find_images([str(tmp_path)])] == names
    assert [path.name for path in find_images([str(tmp_path / "*")], files=names[:1])] == names[1:]


def test_what_only_its_name_makes_a_result_is_told(folder, caplog):
    find_images([str(folder)])
    assert "not taken as images, by their names: a-labels.tif" in caplog.text
    caplog.clear()
    (folder / "a-record.json").touch()
    find_images([str(folder)])
    assert not caplog.records


def test_each_image_counts_once_in_the_order_named(folder):
    named = [str(folder / "b 1.tif"), str(folder), str(folder / "*.tif")]
    assert [path.name for path in find_images(named)] == ["b 1.tif", "a.png"]


def test_a_file_named_outright_is_kept_even_when_missing_or_ours(folder):
    named = [str(folder / "gone.tif"), str(folder / "a-labels.tif")]
    assert find_images(named) == tuple(map(Path, named))


def test_a_file_whose_name_looks_like_a_glob_is_a_file(tmp_path):
    (tmp_path / "a[1].tif").touch()
    assert find_images([str(tmp_path / "a[1].tif")])[0].name == "a[1].tif"


def test_an_empty_folder_or_glob_is_an_error(tmp_path):
    with pytest.raises(UsageError, match="no image in it"):
        find_images([str(tmp_path)])
    with pytest.raises(UsageError, match="no file matches"):
        find_images([str(tmp_path / "*.tif")])


@pytest.mark.parametrize(
    "name", ["x_mask.tif", "x-labels.tif", "x_labels.png", "x_gt.tif", "x-truth.tif", "x.tif", "x_Masks.tif"]
)
def test_known_role_suffixes_are_stripped(name):
    assert stem_of_pair(Path(name)) == "x"


def test_truth_is_found_by_stem_in_a_folder_a_glob_or_a_file(tmp_path):
    truth = tmp_path / "truth"
    truth.mkdir()
    for name in ("a_mask.tif", "b.tif", "c-labels.png"):
        (truth / name).touch()
    images = [Path("a.tif"), Path("b.tif"), Path("c.png")]
    assert [path.name for path in find_truths(images, str(truth))] == ["a_mask.tif", "b.tif", "c-labels.png"]
    assert [path.name for path in find_truths(images, str(truth / "*"))] == ["a_mask.tif", "b.tif", "c-labels.png"]
    assert find_truths([Path("z.tif")], str(truth / "b.tif")) == (truth / "b.tif",)


def test_images_without_exactly_one_truth_are_named_before_any_work(tmp_path):
    (tmp_path / "a_mask.tif").touch()
    (tmp_path / "a.tif").touch()
    (tmp_path / "a_gt.tif").touch()
    with pytest.raises(UsageError, match=r"a\.tif \(a\.tif, a_gt\.tif, a_mask\.tif\); b\.tif \(none\)"):
        find_truths([Path("a.tif"), Path("b.tif")], str(tmp_path))
    with pytest.raises(ImageFileError, match="no such file or folder"):
        find_truths([Path("a.tif")], str(tmp_path / "gone"))


def test_images_and_truths_may_lie_in_one_folder(tmp_path):
    for name in ("a.tif", "a_mask.tif"):
        (tmp_path / name).touch()
    assert find_truths([tmp_path / "a.tif"], str(tmp_path)) == (tmp_path / "a_mask.tif",)
