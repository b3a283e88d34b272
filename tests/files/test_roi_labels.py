"""ROIs as label images: reading, planes, overlaps; tests/imagej holds the pixels against ImageJ's own masks."""

import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from roifile import ROI_OPTIONS, ROI_TYPE, ImagejRoi
from skimage.measure import label

from pybridge.core.errors import ImageError, ImageFileError
from pybridge.core.image import Image
from pybridge.files import roi_labels
from pybridge.files.roi_labels import read_rois, rois_to_labels
from pybridge.reporting.roi_zip import write_roi_zip


def box(left, top, width, height, *, name="cell", **position):
    roi = ImagejRoi(roitype=ROI_TYPE.RECT, left=left, top=top, right=left + width, bottom=top + height, name=name)
    for key, value in position.items():
        setattr(roi, key, value)
    return roi


@settings(deadline=None)
@given(arrays.arrays(np.uint8, (7, 11), elements=st.integers(0, 3)))
def test_what_we_write_as_rois_we_read_as_the_same_labels(tmp_path_factory, labels):
    file = tmp_path_factory.mktemp("rois") / "a-rois.zip"
    write_roi_zip(file, Image(labels, "YX"))
    number = np.zeros(4, np.int32)
    present = np.unique(labels[labels > 0])
    number[present] = np.arange(1, len(present) + 1)
    np.testing.assert_array_equal(rois_to_labels(file, shape=(7, 11)), number[labels])


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize(("axes", "shape"), [("TZYX", (5, 3, 9, 11)), ("ZYX", (7, 9, 11)), ("TYX", (7, 9, 11))])
def test_the_rois_of_a_stack_come_back_on_their_planes(tmp_path, axes, shape, channels):
    planes = np.random.default_rng(1).random(shape) < 0.3
    pieces = np.stack([label(plane, connectivity=2) for plane in planes.reshape(-1, 9, 11)])
    pieces[pieces > 0] += np.repeat(np.arange(len(pieces)) * 100, (pieces > 0).sum(axis=(1, 2)))
    labels = pieces.reshape(shape)
    write_roi_zip(tmp_path / "a.zip", Image(labels, axes), channels=channels)
    found = rois_to_labels(tmp_path / "a.zip", shape=shape, axes=axes, channels=channels)
    np.testing.assert_array_equal(np.unique(labels)[found], labels)


def test_a_small_overlap_goes_to_the_first_roi():
    labels = rois_to_labels([box(0, 0, 10, 10), box(9, 9, 10, 10)], shape=(20, 20))
    assert labels[9, 9] == 1
    assert np.bincount(labels.ravel()).tolist() == [201, 100, 99]


def test_a_large_overlap_names_the_two_rois_and_the_pixels():
    with pytest.raises(ImageError, match=r"overlap: 'left' and 'right' by 20 of 100 pixels\. To do: redraw"):
        rois_to_labels([box(0, 0, 10, 20, name="left"), box(8, 0, 10, 10, name="right")], shape=(20, 20))


def test_the_same_roi_saved_twice_is_an_overlap(tmp_path):
    with pytest.raises(ImageError, match="'a' and 'b' by 30 of 30 pixels"):
        rois_to_labels([box(1, 1, 5, 6, name="a"), box(1, 1, 5, 6, name="b")], shape=(20, 20))


def test_a_roi_outside_the_image_is_named():
    with pytest.raises(ImageError, match=r"'lost' cover\(s\) no pixel of the 7 × 5 image"):
        rois_to_labels([box(1, 1, 2, 2), box(30, 1, 4, 4, name="lost")], shape=(5, 7))


@pytest.mark.parametrize(("kind", "found"), [(ROI_TYPE.POLYLINE, "a polyline"), (ROI_TYPE.POINT, "a point")])
def test_lines_and_points_are_no_objects(kind, found):
    roi = ImagejRoi.frompoints([[1, 1], [3, 1], [3, 4]])
    roi.roitype, roi.name = kind, "mark"
    with pytest.raises(ImageError, match=f"'mark'.*{found} covers no area"):
        rois_to_labels([roi], shape=(5, 7))


def test_a_fitted_spline_is_refused_rather_than_drawn_otherwise():
    roi = ImagejRoi.frompoints([[1, 1], [3, 1], [3, 4]])
    roi.options |= ROI_OPTIONS.SPLINE_FIT
    with pytest.raises(ImageError, match="fitted spline. To do: turn it into a polygon"):
        rois_to_labels([roi], shape=(5, 7))


def test_a_roi_without_a_position_in_a_stack_is_an_error():
    with pytest.raises(ImageError, match="'cell': it names no slice, and the image has 3 slices"):
        rois_to_labels([box(1, 1, 2, 2)], shape=(3, 5, 7), axes="ZYX")
    with pytest.raises(ImageError, match="it lies on frame 4, and the image has 3 frames"):
        rois_to_labels([box(1, 1, 2, 2, position=4)], shape=(3, 5, 7), axes="TYX")


def test_rois_of_several_planes_do_not_fit_a_single_plane():
    here = rois_to_labels([box(1, 1, 2, 2, position=4), box(4, 1, 2, 2, position=4)], shape=(5, 7))
    assert here.max() == 2
    with pytest.raises(ImageError, match="'a' and 'b' lie on different planes"):
        rois_to_labels([box(1, 1, 2, 2, name="a", position=4), box(4, 1, 2, 2, name="b", position=5)], shape=(5, 7))


def test_damaged_files_are_named(tmp_path):
    (tmp_path / "bad.zip").write_bytes(b"PK no zip")
    (tmp_path / "bad.roi").write_bytes(b"Iout" + bytes(70)[:20])
    with zipfile.ZipFile(tmp_path / "inside.zip", "w") as archive:
        archive.writestr("one.roi", box(1, 1, 2, 2).tobytes())
        archive.writestr("two.roi", b"no roi at all" * 9)
    with pytest.raises(ImageFileError, match=r"bad\.zip.*no zip that can be read"):
        read_rois(tmp_path / "bad.zip")
    with pytest.raises(ImageFileError, match=r"bad\.roi.*is no ROI"):
        read_rois(tmp_path / "bad.roi")
    with pytest.raises(ImageFileError, match=r"inside\.zip.*'two\.roi' is no ROI"):
        read_rois(tmp_path / "inside.zip")
    with pytest.raises(ImageFileError, match="no such file"):
        read_rois(tmp_path / "gone.zip")


def test_rois_have_the_names_that_the_roi_manager_shows(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("0003-0007.roi", box(1, 1, 2, 2, name="other").tobytes())
        archive.writestr("readme.txt", "left alone")
    assert [roi.name for roi in read_rois(tmp_path / "a.zip")] == ["0003-0007"]


def test_a_zip_that_would_fill_the_memory_is_refused_before_it_is_unpacked(tmp_path, monkeypatch):
    file = tmp_path / "many.zip"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(30):
            archive.writestr(f"{number}.roi", bytes(1 << 18))
    monkeypatch.setattr(roi_labels, "_MOST_BYTES_IN_ALL", 7 << 20)
    with pytest.raises(ImageFileError, match=r"many\.zip'.*30 ROIs that unpack to 8 MiB; at most 7 MiB.*several zips"):
        read_rois(file)
    monkeypatch.setattr(roi_labels, "_MOST_ROIS", 29)
    with pytest.raises(ImageFileError, match=r"30 entries in it; at most 29 are read.*several zips"):
        read_rois(file)


def test_a_zip_of_many_thousand_rois_is_read(tmp_path):
    content = box(0, 0, 3, 3).tobytes()
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for number in range(20_000):
            archive.writestr(f"{number}.roi", content)
    assert len(read_rois(tmp_path / "a.zip")) == 20_000
