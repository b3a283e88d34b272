"""Painted images are cut into parts that training reads as files."""

import numpy as np
import pytest

from pybridge.core.errors import UsageError
from pybridge.core.image import Calibration
from pybridge.training.labelled_set import load_set
from pybridge.training.painted import PaintedPlane, write_painted
from pybridge.training.pairs import find_pairs
from pybridge.training.split import split_by_group
from tests.builders.blobs import paint_blobs

SIZE = Calibration(x=0.3, y=0.3, unit="µm")


def read(folder):
    pairs = find_pairs(
        [folder / "images"], folder / "labels", index=folder / "index.csv", group_column="group", split_column="side"
    )
    return split_by_group(load_set(pairs).images, validation=0.0, seed=0)


@pytest.mark.parametrize("shape", [(160, 240), (240, 160)])
def test_the_parts_are_the_whole_plane(tmp_path, shape):
    labels = paint_blobs(2, shape=shape, count=60)
    pixels = np.random.default_rng(0).integers(0, 4000, shape).astype(np.uint16)
    write_painted([PaintedPlane("cells é", pixels, labels, SIZE)], tmp_path)
    split = read(tmp_path)
    parts = [*split.train, *split.validation, *split.test]
    axis = int(np.argmax(shape))
    assert np.array_equal(np.concatenate([part.pixels for part in parts], axis), pixels)
    assert np.array_equal(np.concatenate([part.labels for part in parts], axis) > 0, labels > 0)
    assert [len(side) for side in (split.train, split.validation, split.test)] == [1, 1, 1]
    assert parts[0].pixel_size == pytest.approx((0.3, 0.3))


def test_planes_with_channels_keep_them(tmp_path):
    labels = paint_blobs(2, shape=(160, 170), count=60)
    pixels = np.random.default_rng(0).random((2, 160, 170)).astype(np.float32)
    write_painted([PaintedPlane("a", pixels, labels, SIZE)], tmp_path)
    pairs = find_pairs([tmp_path / "images"], tmp_path / "labels")
    assert load_set(pairs, channel="2").images[0].pixels.shape == (160, 34)


def test_a_small_image_cannot_be_cut(tmp_path):
    with pytest.raises(UsageError, match="too few to hold back a part"):
        write_painted([PaintedPlane("a", np.zeros((100, 90)), np.ones((100, 90), np.int32), SIZE)], tmp_path)


def test_objects_in_one_corner_alone_are_refused(tmp_path):
    labels = np.zeros((200, 300), np.int32)
    labels[10:30, 10:30] = 1
    with pytest.raises(UsageError, match="no painted object lies in the part for validation"):
        write_painted([PaintedPlane("a", np.zeros((200, 300), np.uint8), labels, SIZE)], tmp_path)
