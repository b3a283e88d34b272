"""Which labels belong to which image, and what the index says of them."""

from pathlib import Path

import pytest

from pybridge.core.errors import ImageFileError, UsageError
from pybridge.training.pairs import find_pairs


@pytest.fixture
def make(tmp_path):
    def touch(*names):
        for name in names:
            file = tmp_path / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.touch()
        return tmp_path

    return touch


def index(folder, text):
    (folder / "index.csv").write_text(text, encoding="utf-8")
    return folder / "index.csv"


def names(pairs):
    return [(pair.name, pair.image.name, pair.labels.name) for pair in pairs]


def test_images_and_label_images_of_two_folders_pair_by_stem(make):
    folder = make("images/b.tif", "images/a.png", "masks/a_mask.tif", "masks/b-labels.tiff", "masks/notes.txt")
    assert names(find_pairs([folder / "images"], folder / "masks")) == [
        ("a", "a.png", "a_mask.tif"),
        ("b", "b.tif", "b-labels.tiff"),
    ]


def test_roi_zips_and_single_rois_serve_as_labels(make):
    folder = make("images/a.tif", "images/b.tif", "images/c.tif", "rois/a.zip", "rois/b-rois.zip", "rois/c.roi")
    pairs = find_pairs([folder / "images"], str(folder / "rois"))
    assert [pair.labels.name for pair in pairs] == ["a.zip", "b-rois.zip", "c.roi"]


def test_labels_may_lie_beside_their_images(make):
    folder = make("a.tif", "b.tif", "a_mask.tif", "b_mask.tif")
    assert names(find_pairs([folder], folder)) == [("a", "a.tif", "a_mask.tif"), ("b", "b.tif", "b_mask.tif")]


def test_a_single_image_takes_a_single_file(make):
    folder = make("a.tif", "other/a_mask.tif")
    assert names(find_pairs([folder / "a.tif"], folder / "other" / "a_mask.tif")) == [("a", "a.tif", "a_mask.tif")]


def test_all_files_that_do_not_pair_are_named_in_one_message(make):
    folder = make("images/a.tif", "images/b.tif", "images/c.tif", "masks/a.tif", "masks/d.tif")
    with pytest.raises(
        UsageError, match=r"2 image\(s\) without labels: b\.tif, c\.tif; 1 label file\(s\) without an image: d\.tif"
    ):
        find_pairs([folder / "images"], folder / "masks")


def test_a_long_list_is_cut_and_counted(make):
    folder = make("masks/a.tif", *[f"images/i{number:02}.tif" for number in range(13)])
    with pytest.raises(UsageError, match=r"13 image\(s\) without labels: i00\.tif.* i09\.tif and 3 more \(13 in all\)"):
        find_pairs([folder / "images"], folder / "masks")


def test_two_files_with_one_stem_are_named(make):
    folder = make("one/a.tif", "two/a.png", "masks/a.tif", "masks/a_mask.tif")
    with pytest.raises(UsageError, match=r"images with one stem: .*a\.tif and .*a\.png; label files with one stem: "):
        find_pairs([folder / "one", folder / "two"], folder / "masks")


def test_missing_images_and_folders_are_named(make):
    folder = make("a.tif", "masks/a.tif", "masks/gone.tif")
    with pytest.raises(UsageError, match=r"1 image\(s\) that do not exist: gone\.tif"):
        find_pairs([folder / "a.tif", folder / "gone.tif"], folder / "masks")
    with pytest.raises(ImageFileError, match="no such file or folder"):
        find_pairs([folder / "a.tif"], folder / "nowhere")


@pytest.mark.parametrize("between", [",", ";", "\t"])
@pytest.mark.parametrize("written", ["a", "a.tif", "plates/a.tif", "a_mask.tif"])
def test_the_index_gives_groups_and_sides(make, between, written):
    folder = make("images/a.tif", "images/b.tif", "masks/a.tif", "masks/b.tif")
    text = "\n".join(["\ufeffName,well,side", f"{written},A1,Training", "b,B2,val", ""]).replace(",", between)
    pairs = find_pairs(
        [folder / "images"], folder / "masks", index=index(folder, text), group_column="well", split_column="side"
    )
    assert [(pair.group, pair.split) for pair in pairs] == [("A1", "train"), ("B2", "validation")]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name,well,side\na,A1,train\n", r"no row for 1 image\(s\): b\.tif"),
        ("name,well,side\na,A1,train\nb,,train\n", r"an empty 'well' or 'side' for b\.tif"),
        (
            "name,well,side\na,A1,train\nb,B1,holdout\n",
            r"'side' is neither train, validation nor test for b\.tif \('hol",
        ),
        ("name,well,side\na,A1,train\nb,B1,val\na,B1,val\n", r"rows that say different things of a\.tif"),
        ("name,wel,side\na,A1,train\nb,B1,val\n", r"column 'well' of .*: no such column.*did you mean 'wel'\?"),
        ("picture,well,side\na,A1,train\nb,B1,val\n", r"no column that names the images among 'picture', 'well'"),
        ("name,well,side\na,A1,train,7\nb,B1,val\n", r"row 2 has more cells than the header"),
        ("name,well,side\n", r"no row in it"),
    ],
)
def test_what_is_wrong_with_the_index_is_said(make, text, message):
    folder = make("images/a.tif", "images/b.tif", "masks/a.tif", "masks/b.tif")
    with pytest.raises(UsageError, match=message):
        find_pairs(
            [folder / "images"], folder / "masks", index=index(folder, text), group_column="well", split_column="side"
        )


def test_a_column_needs_an_index_and_the_index_must_be_there(make):
    folder = make("images/a.tif", "masks/a.tif")
    with pytest.raises(UsageError, match="group images by the column 'well': no index is given"):
        find_pairs([folder / "images"], folder / "masks", group_column="well")
    with pytest.raises(ImageFileError, match="No such file"):
        find_pairs([folder / "images"], folder / "masks", index=Path(folder, "gone.csv"), group_column="well")


def test_the_shared_nuclei_pair_with_their_groups(shared_data):
    folder = shared_data / "nuclei" / "train"
    pairs = find_pairs([folder / "images"], folder / "masks", index=folder / "index.csv", group_column="field_group")
    assert (len(pairs), len({pair.group for pair in pairs})) == (433, 150)
