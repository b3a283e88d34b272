"""Labels of many planes in one image: small as long as they can be, unique over all planes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from pybridge.core.image import Image
from pybridge.core.record import Stopwatch
from pybridge.decode.plane import DecodedPlane
from pybridge.tasks.segment_planes import segment_planes
from pybridge.tasks.segment_settings import SegmentSettings


class EachPixel:
    """Takes each pixel above 0 for an object."""

    channels = 1
    channel = None
    warnings = ()

    def segment(self, plane: NDArray[Any], *, watch: Stopwatch) -> DecodedPlane:
        labels = np.zeros(plane.shape[1:], np.int32)
        found = plane[0] > 0
        labels[found] = np.arange(1, found.sum() + 1)
        return DecodedPlane(labels, np.ones(int(found.sum()), np.float32))


@pytest.mark.parametrize(("planes", "dtype"), [(1, np.uint16), (3, np.int32)])
def test_labels_grow_only_when_their_number_asks_for_it(planes: int, dtype: type) -> None:
    pixels = np.ones((planes, 150, 200), np.uint8)
    pixels[:, 7, 11] = 0
    settings = SegmentSettings(model="each pixel", table=False)
    done = segment_planes(Image(pixels, "ZYX"), settings, segmenter=EachPixel(), truth=None, watch=Stopwatch())  # type: ignore[arg-type]
    assert done.count == planes * (150 * 200 - 1)
    assert done.labels.dtype == dtype
    assert np.array_equal(done.labels[0] > 0, pixels > 0)
    assert np.array_equal(np.unique(done.labels), np.arange(done.count + 1))
