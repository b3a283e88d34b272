"""Labels and images that are kept packed."""

from __future__ import annotations

import numpy as np

from pybridge.core.packed_pixels import pack_pixels


def test_packed_labels_are_the_labels():
    labels = np.random.default_rng(0).integers(0, 9, (5, 7, 11)).astype(np.uint16)
    np.testing.assert_array_equal(pack_pixels(labels[:, ::-1]).unpack(), labels[:, ::-1])
