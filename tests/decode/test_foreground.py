"""The decoder ``foreground``: one channel of probability → labels."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from pybridge.decode import distance_kernels


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), share=st.floats(0.05, 0.99))
def test_distances_equal_those_of_scipy(seed, share):
    mask = np.random.default_rng(seed).random((23, 41)) < share
    mask[0, 0] = False
    squared = np.empty(mask.shape, np.int32)
    count = distance_kernels.squared_distances(mask.astype(np.uint16), 1, squared)
    np.testing.assert_array_equal(squared, np.rint(ndimage.distance_transform_edt(mask) ** 2))
    assert count == mask.sum()


def test_touching_discs_are_two_objects_and_a_rod_is_one(decode, paint_ellipses):
    truth = paint_ellipses((61, 111), (20, 20, 12, 12, 0), (20, 41, 12, 12, 0), (42, 80, 5, 28, 0))
    plane = decode((truth > 0)[None].astype(np.float32) * 0.8, decoder="foreground", overlap=0.3)
    assert plane.labels.max() == 3
    for label in (1, 2, 3):
        mine, ids = truth == label, plane.labels[truth == label]
        found = plane.labels == np.bincount(ids).argmax()
        assert (mine & found).sum() / (mine | found).sum() > 0.9
    np.testing.assert_allclose(plane.confidence, 0.8, atol=1e-4)


def test_a_higher_overlap_splits_more(decode, paint_ellipses):
    truth = paint_ellipses((41, 67), (20, 20, 12, 12, 0), (20, 35, 12, 12, 0))
    outputs = (truth > 0)[None].astype(np.float32)
    counts = [decode(outputs, decoder="foreground", overlap=overlap).labels.max() for overlap in (0.1, 0.9)]
    assert counts == [1, 2]


def test_a_plane_of_nothing_but_foreground_is_one_object(decode):
    plane = decode(np.ones((1, 23, 47), np.float32), decoder="foreground")
    assert (plane.labels == 1).all()
    assert plane.confidence.tolist() == [1.0]


def test_a_plane_without_foreground_has_no_objects(decode):
    assert decode(np.zeros((1, 5, 7), np.float32), decoder="foreground").confidence.size == 0
