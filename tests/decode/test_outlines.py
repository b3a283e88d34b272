"""Outlines: what the polygons enclose is what the labels say."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from pybridge.decode import trace_outlines


def enclosed_pixels(ring, shape):
    """Fill a ring of horizontal and vertical edges: each vertical edge flips all pixels to its right."""
    filled = np.zeros((shape[0], shape[1] + 1), int)
    for (x0, y0), (_, y1) in zip(ring, np.roll(ring, -1, 0), strict=True):
        filled[min(y0, y1) : max(y0, y1), x0] += np.sign(y0 - y1)
    return np.cumsum(filled, 1)[:, :-1]


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), blur=st.floats(0, 2), count=st.integers(1, 4))
def test_filled_rings_give_back_the_labels(seed, blur, count):
    noise = ndimage.gaussian_filter(np.random.default_rng(seed).random((17, 29)), blur)
    labels = np.digitize(noise, np.quantile(noise, np.linspace(0.3, 1, count + 1)[:-1]))
    outlines = trace_outlines(labels)
    painted = np.zeros_like(labels)
    for label, outer, holes in outlines.of_objects():
        area = sum(enclosed_pixels(ring, labels.shape) for ring in [*outer, *holes])
        assert set(np.unique(area)) <= {0, 1}
        painted += label * area
        assert len(outer) == ndimage.label(labels == label, np.ones((3, 3)))[1]
    np.testing.assert_array_equal(painted, labels)


def test_neighbouring_vertices_are_corners_of_the_polygon():
    labels = np.zeros((9, 15), np.uint16)
    labels[2:7, 3:12] = 5
    outlines = trace_outlines(labels)
    assert len(outlines) == 1
    assert outlines.labels.tolist() == [5]
    assert outlines.ring(0).tolist() == [[12, 7], [3, 7], [3, 2], [12, 2]]


def test_pixels_that_touch_at_a_corner_are_one_piece():
    outlines = trace_outlines(np.eye(4, 6, dtype=np.uint8))
    assert len(outlines) == 1
    assert outlines.is_hole.tolist() == [False]


def test_an_image_without_objects_has_no_outlines():
    outlines = trace_outlines(np.zeros((5, 7), np.uint8))
    assert len(outlines) == 0
    assert list(outlines.of_objects()) == []
