"""All images of a training together: what only shows when all are looked at."""

import numpy as np
import pytest
import tifffile
from roifile import ROI_TYPE, ImagejRoi

from pybridge.core.errors import ImageError
from pybridge.training.labelled_set import load_set
from pybridge.training.pairs import Pair

NOTHING = np.zeros((31, 47), np.uint16)
ONE = np.pad(np.ones((9, 11), np.uint16), ((5, 17), (7, 29)))
TWO_PIECES = ONE + ONE[::-1, ::-1]


def test_images_without_objects_count_as_background(write_pair):
    loaded = load_set([write_pair("a"), write_pair("b", labels=NOTHING)])
    assert ([image.count for image in loaded.images], loaded.objects) == ([9, 0], 9)
    assert loaded.warnings == ("1 image(s) without objects serve as background: b",)


def test_a_set_without_any_object_is_refused(write_pair):
    with pytest.raises(ImageError, match=r"no object in any of them: a_mask\.tif, b_mask\.tif"):
        load_set([write_pair("a", labels=NOTHING), write_pair("b", labels=NOTHING)])


@pytest.mark.parametrize("value", [1, 255])
def test_masks_of_one_value_are_no_labels(write_pair, value):
    with pytest.raises(ImageError, match=r"not labels of objects: a_mask\.tif \(2 regions of one value\)\. To do"):
        load_set([write_pair("a", labels=TWO_PIECES * value), write_pair("b", labels=ONE * value)])


def test_images_with_a_single_object_each_are_fine(write_pair):
    loaded = load_set([write_pair("a", labels=ONE * 255), write_pair("b", labels=ONE[::-1] * 255)])
    assert (loaded.objects, loaded.warnings) == (2, ())


def test_one_mask_among_labels_is_pointed_out(write_pair):
    loaded = load_set([write_pair("a"), write_pair("b", labels=TWO_PIECES)])
    assert "1 label image(s) hold one object in several pieces, perhaps a mask" in loaded.warnings[0]


def test_a_composite_roi_is_one_object_even_alone(tmp_path):
    tifffile.imwrite(tmp_path / "a.tif", NOTHING + np.arange(47, dtype=np.uint16))
    roi = ImagejRoi(roitype=ROI_TYPE.RECT, left=1, top=1, right=30, bottom=20)
    rings = [[0, 1, 1, 1, 9, 1, 1, 9, 9, 4], [0, 20, 10, 1, 30, 10, 1, 30, 20, 4]]
    roi.multi_coordinates = np.ravel(rings).astype(np.float32)
    roi.shape_roi_size = len(roi.multi_coordinates)
    roi.tofile(tmp_path / "a.roi")
    assert load_set([Pair("a", tmp_path / "a.tif", tmp_path / "a.roi")]).objects == 1


def test_only_one_class_is_refused(write_pair):
    with pytest.raises(ImageError, match=r"only one class: .*a_mask\.tif"):
        load_set([write_pair("a", labels=NOTHING + 1)])


def test_everything_that_is_wrong_is_named_at_once(write_pair):
    pairs = [write_pair("a"), write_pair("b", labels=ONE[1:]), write_pair("c", labels=ONE / np.float32(2))]
    with pytest.raises(ImageError, match=r"2 are wrong: .*b_mask\.tif'.*47 × 30; use '.*c_mask\.tif' as labels"):
        load_set(pairs)
    with pytest.raises(ImageError, match=r"^pair '.*b\.tif'"):
        load_set(pairs[:2])


def test_an_image_of_one_value_is_pointed_out(write_pair):
    loaded = load_set([write_pair("a", image=NOTHING + 7)])
    assert loaded.warnings == ("1 image(s) have one value only: a",)
