"""ROIs for the ROI Manager, read back by roifile; tests/imagej reads them with ImageJ."""

import numpy as np
import roifile
from skimage.draw import polygon2mask

from pybridge.core.image import Image
from pybridge.reporting.roi_zip import write_roi_zip


def write_and_read(tmp_path, labels, **options):
    write_roi_zip(tmp_path / "a b.zip", labels, **options)
    return roifile.roiread(tmp_path / "a b.zip")


def test_each_object_is_one_polygon_named_by_its_label(tmp_path):
    labels = np.zeros((30, 40), np.int32)
    labels[3:9, 4:17] = 1
    labels[20:25, 30:40] = 7
    rois = write_and_read(tmp_path, Image(labels, "YX"))
    assert [roi.name for roi in rois] == ["1", "7"]
    for roi in rois:
        assert roi.roitype == roifile.ROI_TYPE.TRACED
        corners = roi.coordinates().astype(float)
        inside = polygon2mask(labels.shape, corners[:, ::-1] - 0.5)
        np.testing.assert_array_equal(inside, labels == int(roi.name))


def test_an_object_with_a_hole_or_in_pieces_is_one_composite_roi(tmp_path):
    labels = np.zeros((12, 14), np.uint16)
    labels[1:8, 1:8] = 1
    labels[3:5, 3:5] = 0
    labels[10, 12] = 2
    labels[1, 12] = 2
    rois = write_and_read(tmp_path, Image(labels, "YX"))
    assert [roi.name for roi in rois] == ["1", "2"]
    assert all(roi.composite for roi in rois)
    assert [len(roi.coordinates(multi=True)) for roi in rois] == [2, 2]


def test_rois_know_their_plane(tmp_path):
    labels = np.zeros((2, 3, 8, 9), np.int32)
    labels[1, 2, 2:4, 3:6] = 5
    (in_hyperstack,) = write_and_read(tmp_path, Image(labels, "TZYX"))
    assert (in_hyperstack.t_position, in_hyperstack.z_position, in_hyperstack.c_position) == (2, 3, 0)
    (in_stack,) = write_and_read(tmp_path, Image(labels[1], "ZYX"), overwrite=True)
    assert (in_stack.position, in_stack.z_position) == (3, 0)
    (in_channels,) = write_and_read(tmp_path, Image(labels[1], "ZYX"), channels=2, overwrite=True)
    assert (in_channels.z_position, in_channels.t_position) == (3, 1)


def test_no_object_gives_an_empty_zip(tmp_path):
    write_roi_zip(tmp_path / "none.zip", Image(np.zeros((5, 7), np.int32), "YX"))
    assert (tmp_path / "none.zip").stat().st_size > 0
