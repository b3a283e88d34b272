"""Outputs appear whole or not at all, and nothing is overwritten unasked."""

import errno
import os
import stat

import numpy as np
import pytest
import tifffile

from pybridge.core.errors import ImageError, OutputError, OutputExistsError
from pybridge.core.image import Image
from pybridge.core.label_colours import label_colours
from pybridge.files import write as writing
from pybridge.files.read import read_image
from pybridge.files.write import write_labels, write_text, write_whole


def test_an_existing_file_is_kept_and_named(tmp_path):
    (tmp_path / "a.csv").write_text("old")
    with pytest.raises(OutputExistsError, match=r"a\.csv': the file exists"):
        write_text(tmp_path / "a.csv", "new")
    assert (tmp_path / "a.csv").read_text() == "old"
    write_text(tmp_path / "a.csv", "new", overwrite=True)
    assert (tmp_path / "a.csv").read_text() == "new"


@pytest.mark.parametrize("hard_links", [True, False])
def test_a_file_that_comes_into_being_while_we_write_is_kept(tmp_path, monkeypatch, hard_links):
    if not hard_links:
        monkeypatch.setattr(os, "link", lambda *_: (_ for _ in ()).throw(PermissionError("no hard links here")))

    def slow_write(temporary):
        temporary.write_text("ours")
        (tmp_path / "a.txt").write_text("theirs")

    with pytest.raises(OutputExistsError):
        write_whole(tmp_path / "a.txt", slow_write)
    assert (tmp_path / "a.txt").read_text() == "theirs"
    assert [file.name for file in tmp_path.iterdir()] == ["a.txt"]


def test_a_file_system_without_hard_links_gets_its_file(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "link", lambda *_: (_ for _ in ()).throw(PermissionError("no hard links here")))
    write_text(tmp_path / "a.txt", "ours")
    assert (tmp_path / "a.txt").read_text() == "ours"


@pytest.mark.parametrize("failure", [KeyboardInterrupt, OSError("disk full")])
def test_an_interrupted_write_leaves_nothing(tmp_path, failure):
    def broken(temporary):
        temporary.write_text("half")
        raise failure

    with pytest.raises((KeyboardInterrupt, OSError)):
        write_whole(tmp_path / "new" / "a.txt", broken)
    assert list((tmp_path / "new").iterdir()) == []


def test_an_output_that_cannot_be_written_is_named_with_the_reason(tmp_path, monkeypatch):
    def full(temporary):
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(OutputError, match=r"write '.*a\.txt': No space left on device. To do: check the folder"):
        write_whole(tmp_path / "a.txt", full)

    def refuse(*_, **__):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr("pathlib.Path.mkdir", refuse)
    with pytest.raises(OutputError, match=r"write '.*new': Permission denied"):
        write_text(tmp_path / "new" / "a.txt", "x")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name == "nt", reason="POSIX permissions")
def test_outputs_have_the_permissions_of_the_users_umask(tmp_path):
    before = os.umask(0o027)
    try:
        write_text(tmp_path / "a.txt", "x")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "a.txt").stat().st_mode) == 0o640


def test_labels_become_16_bit_or_float_by_their_number(tmp_path):
    few, many = np.array([[0, 65535]], np.int32), np.array([[0, 65536]], np.int32)
    write_labels(tmp_path / "few.tif", Image(few, "YX"))
    write_labels(tmp_path / "many.tif", Image(many, "YX"))
    assert read_image(tmp_path / "few.tif").array.dtype == np.uint16
    np.testing.assert_array_equal(read_image(tmp_path / "many.tif").array, many.astype(np.float32))


@pytest.mark.parametrize(("highest", "end"), [(0, 1), (120, 120), (2000, 511), (70000, 510)])
def test_label_files_have_label_colours_and_a_range_that_hides_no_label(tmp_path, highest, end):
    write_labels(tmp_path / "l.tif", Image(np.array([[0, highest]], np.int32), "YX"))
    with tifffile.TiffFile(tmp_path / "l.tif") as tiff:
        said = tiff.imagej_metadata
    assert (said["min"], said["max"]) == (0, end)
    np.testing.assert_array_equal(np.asarray(said["LUTs"]).reshape(3, 256).T, label_colours())


def test_more_labels_than_float_can_count_are_refused():
    with pytest.raises(ImageError, match="16,777,216"):
        writing.labels_for_imagej(np.array([[2**24 + 1]]))


def test_an_output_folder_that_is_a_file_is_named(tmp_path):
    (tmp_path / "out").write_text("")
    with pytest.raises(OutputExistsError, match="a file stands where the folder should be"):
        write_text(tmp_path / "out" / "a.txt", "x")
