"""Axes: the one place where arrays are turned."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pybridge.core.axes import check_axes, guess_axes, to_order
from pybridge.core.errors import ImageError

LENGTHS = {"T": 2, "Z": 3, "C": 4, "Y": 5, "X": 7, "S": 3}


@given(st.permutations("TZCYX"))
def test_any_order_of_five_axes_comes_back_in_the_canonical_one(order):
    axes = "".join(order)
    canonical = np.arange(2 * 3 * 4 * 5 * 7).reshape(2, 3, 4, 5, 7)
    shuffled = canonical.transpose(["TZCYX".index(letter) for letter in axes])
    np.testing.assert_array_equal(to_order(shuffled, axes, "TZCYX"), canonical)


@given(st.sets(st.sampled_from("TZC")), st.randoms())
def test_missing_axes_come_with_length_one_and_no_pixel_moves(extra, random):
    letters = [*extra, "Y", "X"]
    random.shuffle(letters)
    array = np.arange(np.prod([LENGTHS[letter] for letter in letters])).reshape([LENGTHS[x] for x in letters])
    turned = to_order(array, "".join(letters), "TZCYX")
    assert turned.shape == tuple(LENGTHS[x] if x in letters else 1 for x in "TZCYX")
    for position in itertools.islice(np.ndindex(array.shape), 50):
        at = dict(zip(letters, position, strict=True))
        assert turned[tuple(at.get(letter, 0) for letter in "TZCYX")] == array[position]


def test_turning_axes_copies_nothing():
    array = np.zeros((5, 7, 11))
    assert np.shares_memory(to_order(array, "ZYX", "TZCYX"), array)


def test_an_axis_that_must_go_but_is_longer_than_one_is_an_error():
    with pytest.raises(ImageError, match=r"axis T of length 2 in 'TYX'. To do: choose one plane along T first"):
        to_order(np.zeros((2, 5, 7)), "TYX", "YX")


@pytest.mark.parametrize("axes", ["YY", "XZ", "YXQ", "YXZ"])
def test_axes_that_do_not_name_each_dimension_once_are_refused(axes):
    with pytest.raises(ImageError, match="name the dimensions with letters out of"):
        check_axes(axes, ndim=2)


@pytest.mark.parametrize(
    ("shape", "axes"),
    [((5, 7), "YX"), ((5, 7, 11), "ZYX"), ((5, 7, 3), "YXS"), ((2, 3, 5, 7), "ZCYX"), ((2, 3, 4, 5, 7), "TZCYX")],
)
def test_bare_arrays_are_read_as_imagej_would(shape, axes):
    assert guess_axes(shape) == axes


def test_a_one_dimensional_array_is_no_image():
    with pytest.raises(ImageError, match="1 dimensions"):
        guess_axes((5,))
