"""Label images in ImageJ."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from pybridge.core.image import Calibration, Image
from pybridge.core.label_colours import label_colours
from pybridge.imagej import Gateway
from pybridge.imagej.convert import image_to_imageplus, imageplus_to_image
from pybridge.imagej.images import unique_title
from pybridge.imagej.labels import labels_to_imageplus

pytestmark = pytest.mark.jvm


def with_labels(count: int) -> Image:
    """A label image in which each label from 1 to ``count`` has one pixel, on a background."""
    array = np.zeros((300, 290), np.int32)
    array.reshape(-1)[100 : 100 + count] = np.arange(1, count + 1)
    return Image(array, "YX")


def drawn(imp: Any) -> NDArray[np.int64]:
    """What a person sees of the image: its colours."""
    picture = imp.getProcessor().getBufferedImage()
    width, height = imp.getWidth(), imp.getHeight()
    colours = np.array(picture.getRGB(0, 0, width, height, None, 0, width), dtype=np.int64)
    return colours.reshape(height, width) & 0xFFFFFF


@pytest.mark.parametrize("count", [1, 5, 255, 256, 511, 512, 2000, 65535, 70000])
def test_no_label_is_drawn_as_background(gateway: Gateway, count: int) -> None:
    labels = with_labels(count)
    imp = labels_to_imageplus(labels, source=image_to_imageplus(Image(np.zeros((300, 290), np.uint8), "YX")))
    colours = drawn(imp)
    flattened = np.array(imp.getProcessor().convertToRGB().getPixels(), dtype=np.int64).reshape(300, 290) & 0xFFFFFF
    for picture in (colours, flattened):
        assert set(picture[labels.array == 0].tolist()) == {0}
        assert not (picture[labels.array > 0] == 0).any()
    assert imp.getDisplayRangeMin() == 0
    if count <= 511:
        assert imp.getDisplayRangeMax() == count
    if count <= 255:
        assert len(set(colours[labels.array > 0].tolist())) == count


@pytest.mark.parametrize(("count", "bits"), [(65535, 16), (65536, 32)])
def test_many_labels_are_kept_apart(gateway: Gateway, count: int, bits: int) -> None:
    labels = with_labels(count)
    imp = labels_to_imageplus(labels, source=image_to_imageplus(Image(np.zeros((300, 290), np.uint8), "YX")))
    assert imp.getBitDepth() == bits
    np.testing.assert_array_equal(imageplus_to_image(imp).array, labels.array)


def test_an_empty_label_image_is_black(gateway: Gateway) -> None:
    imp = labels_to_imageplus(with_labels(0), source=image_to_imageplus(Image(np.zeros((300, 290), np.uint8), "YX")))
    assert set(drawn(imp).reshape(-1).tolist()) == {0}


def test_labels_keep_calibration_slices_and_frames(gateway: Gateway) -> None:
    size = Calibration(x=0.5, y=0.25, z=2, unit="µm", origin_x=3, frame_interval=5, time_unit="min")
    source = image_to_imageplus(
        Image(np.zeros((2, 3, 4, 5, 7), np.uint8), "TZCYX", name="my cells.tif", calibration=size)
    )
    labels = Image(np.arange(2 * 3 * 5 * 7, dtype=np.int32).reshape(2, 3, 5, 7), "TZYX")
    imp = labels_to_imageplus(labels, source=source)
    assert (imp.getNChannels(), imp.getNSlices(), imp.getNFrames()) == (1, 3, 2)
    assert imp.isHyperStack()
    assert str(imp.getTitle()) == "mycells-labels"  # ImageJ's short title has no spaces
    back = imageplus_to_image(imp)
    assert back.calibration == size
    np.testing.assert_array_equal(back.array, labels.array)


def test_titles_are_made_unique_as_imagej_does(gateway: Gateway, java: Callable[[str], Any]) -> None:
    assert unique_title("a-labels") == "a-labels"
    for expected in ("a-labels", "a-labels-1", "a-labels-2"):
        imp = image_to_imageplus(Image(np.zeros((5, 7), np.uint8), "YX", name=unique_title("a-labels")))
        assert str(imp.getTitle()) == expected
        imp.show()
    from pybridge.imagej.images import close_images_since

    close_images_since(frozenset())


def test_label_colours_are_far_from_black_and_from_each_other() -> None:
    colours = label_colours().astype(int)
    assert colours[0].tolist() == [0, 0, 0]
    assert len({tuple(colour) for colour in colours.tolist()}) == 256
    assert colours[1:].max(axis=1).min() >= 60
    apart = np.abs(colours[1:, None] - colours[None, 1:]).sum(axis=2) + 1000 * np.eye(255, dtype=int)
    assert apart.min() >= 15
