"""Lazy arrays have numpy's views, and read no more than what is asked for."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pybridge.core.image import Image
from pybridge.core.lazy import LazyArray, row_bands

SHAPE = (3, 5, 7, 11)
STORED = np.arange(math.prod(SHAPE), dtype=np.uint16).reshape(SHAPE)


def lazy_of(stored, chunks=None):
    return LazyArray(stored.__getitem__, shape=stored.shape, dtype=stored.dtype, chunks=chunks or stored.shape)


def indices(length):
    numbers = st.integers(-length, length - 1)
    slices = st.tuples(st.integers(-length, length), st.integers(-length, length)).map(lambda ends: slice(*ends))
    return numbers | slices | st.just(slice(None))


@given(st.permutations(range(4)), st.tuples(*map(indices, SHAPE)), st.integers(0, 4), st.data())
def test_views_are_those_of_numpy(order, index, place, data):
    moved = tuple(index[axis] for axis in order)
    moved = (*moved[:place], None, *moved[place:])
    found, expected = lazy_of(STORED).transpose(order)[moved], STORED.transpose(order)[moved]
    assert found.shape == expected.shape
    np.testing.assert_array_equal(np.asarray(found), expected)
    again = data.draw(st.permutations(range(expected.ndim)))
    np.testing.assert_array_equal(np.asarray(found.transpose(*again)), expected.transpose(again))
    flat = tuple(axis for axis in range(expected.ndim) if expected.shape[axis] == 1)[:1]
    np.testing.assert_array_equal(np.asarray(found.squeeze(flat)), np.squeeze(expected, flat))


@given(
    st.tuples(*(st.integers(1, length) for length in SHAPE)),
    st.integers(1, 400),
    st.permutations(range(4)),
    st.tuples(*(st.tuples(st.integers(0, length), st.integers(0, length)) for length in SHAPE)),
)
def test_blocks_hold_every_pixel_once(chunks, most, order, ends):
    window = tuple(slice(min(pair), max(pair)) for pair in ends)
    view = lazy_of(STORED, chunks)[window].transpose(order)
    seen = np.zeros(view.shape, int)
    for block in view.blocks(most_px=most):
        seen[block] += 1
    assert (seen == 1).all()


def test_blocks_begin_where_chunks_do_and_stay_small():
    lazy = LazyArray(STORED.__getitem__, shape=(3, 5000, 9000), dtype=np.uint8, chunks=(1, 512, 256))
    for block in lazy[1:, 100:].transpose(2, 0, 1).blocks(most_px=1 << 20):
        assert math.prod(part.stop - part.start for part in block) <= 1 << 20
        assert block[0].start % 256 == 0
        assert block[2].start == 0 or (block[2].start + 100) % 512 == 0


def test_an_image_of_stored_pixels_has_the_hash_of_the_same_image_in_memory():
    lazy = lazy_of(STORED, (1, 2, 3, 4))
    assert Image(lazy, "CZYX").sha256_pixels() == Image(STORED, "CZYX").sha256_pixels()
    assert Image(lazy, "YXZC").sha256_pixels() == Image(STORED, "YXZC").sha256_pixels()
    bands = list(row_bands(lazy[0, 0], axis=0))
    np.testing.assert_array_equal(np.concatenate(bands), STORED[0, 0])


def test_what_has_no_lazy_view_is_refused():
    lazy = lazy_of(STORED)
    with pytest.raises(IndexError, match="step 2"):
        lazy[:, ::2]
    with pytest.raises(IndexError, match="5 indices for 4 axes"):
        lazy[0, 0, 0, 0, 0]
    with pytest.raises(IndexError, match="index 3 for 3"):
        lazy[3]
    assert [frame.shape for frame in lazy] == [SHAPE[1:]] * 3
