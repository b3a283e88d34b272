"""Train, validation and test: no group on two sides, sizes as wished, the same again with the same seed."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pybridge.core.errors import UsageError
from pybridge.training.load import LabelledImage
from pybridge.training.pairs import Pair
from pybridge.training.split import NO_GROUPS, k_folds, split_by_group

SIDES = ("train", "validation", "test")


def pair(name, group=None, split=None):
    return Pair(name, Path(f"{name}.tif"), Path(f"{name}.zip"), group=group, split=split)


def loaded(name, group=None, *, objects=1, sha256="", plane="", split=None):
    labels = np.arange(objects + 1, dtype=np.int32)[None]
    return LabelledImage(name + plane, pair(name, group, split), labels, labels, sha256 or name, "", None, "pixel")


def groups_of(items):
    return {item.group for item in items}


@st.composite
def grouped(draw, *, at_least=3):
    """Pairs or loaded images in groups of 1 to 9."""
    sizes = draw(st.lists(st.integers(1, 9), min_size=at_least, max_size=20))
    names = [(f"i{group}-{number}", f"g{group}") for group, size in enumerate(sizes) for number in range(size)]
    if draw(st.booleans()):
        return [pair(*name) for name in names]
    return [loaded(*name, objects=draw(st.integers(1, 40))) for name in names]


@settings(deadline=None)
@given(grouped(), st.floats(0.05, 0.45), st.floats(0.05, 0.45), st.integers(0, 99))
def test_no_group_is_on_two_sides_and_no_item_is_lost(items, validation, test, seed):
    split = split_by_group(items, validation=validation, test=test, seed=seed)
    sides = [getattr(split, side) for side in SIDES]
    assert sorted(item.name for side in sides for item in side) == sorted(i.name for i in items)
    assert sum(len(groups_of(side)) for side in sides) == len(groups_of(items))
    assert all(sides)
    assert split.warnings == ()


@settings(deadline=None)
@given(grouped(at_least=2), st.floats(0.05, 0.6), st.integers(0, 99))
def test_a_side_is_as_large_as_wished_give_or_take_half_a_group(items, validation, seed):
    assume(isinstance(items[0], Pair))
    split = split_by_group(items, validation=validation, seed=seed)
    shares = [len([item for item in items if item.group == group]) / len(items) for group in groups_of(items)]
    found = len(split.validation) / len(items)
    smallest = min(shares)
    assert found <= max(validation + max(shares) / 2, smallest) + 1e-9
    if len(groups_of(split.train)) > 1:  # else the train side needed its last group
        assert found >= validation - max(shares) / 2 - 1e-9


@settings(deadline=None)
@given(grouped(), st.integers(0, 99), st.randoms(use_true_random=False))
def test_the_same_seed_gives_the_same_sides_whatever_the_order(items, seed, random):
    shuffled = list(items)
    random.shuffle(shuffled)
    one, other = (split_by_group(order, validation=0.3, test=0.1, seed=seed) for order in (items, shuffled))
    for side in SIDES:
        assert {item.name for item in getattr(one, side)} == {item.name for item in getattr(other, side)}
    assert [item.name for item in one.train] == [item.name for item in items if item in one.train]


def test_another_seed_gives_other_sides():
    items = [pair(f"i{number}", f"g{number}") for number in range(20)]
    assert len({split_by_group(items, validation=0.2, seed=seed).validation for seed in range(10)}) > 5


@settings(deadline=None)
@given(grouped(), st.data())
def test_each_group_is_validated_in_exactly_one_fold(items, data):
    k = data.draw(st.integers(2, len(groups_of(items))))
    folds = k_folds(items, k=k, seed=data.draw(st.integers(0, 99)))
    assert len(folds) == k
    assert sorted(item.name for fold in folds for item in fold.validation) == sorted(item.name for item in items)
    for fold in folds:
        assert fold.validation
        assert not groups_of(fold.train) & groups_of(fold.validation)
        assert len(fold.train) + len(fold.validation) == len(items)


def test_folds_are_of_like_size():
    items = [pair(f"i{number}", f"g{number // 3}") for number in range(60)]
    assert [len(fold.validation) for fold in k_folds(items, k=5, seed=1)] == [12] * 5


def test_sides_that_the_index_names_are_kept():
    items = [pair("a", "1", "train"), pair("b", "2", "validation"), pair("c", "3", "test"), pair("d", "1", "train")]
    split = split_by_group(items, validation=0.5, seed=1)
    assert [[item.name for item in getattr(split, side)] for side in SIDES] == [["a", "d"], ["b"], ["c"]]


def test_a_side_that_the_index_does_not_name_is_drawn_from_train():
    items = [pair(f"i{number}", f"g{number}", "test" if number < 3 else "train") for number in range(12)]
    split = split_by_group(items, validation=0.25, seed=1)
    assert [item.name for item in split.test] == ["i0", "i1", "i2"]
    assert len(split.validation) == 3


def test_a_group_on_two_sides_of_the_index_is_named_with_its_files():
    items = [pair("a", "plate 7", "train"), pair("b", "plate 7", "test"), pair("c", "plate 8", "validation")]
    with pytest.raises(UsageError, match=r"more than one side: group 'plate 7' \(test: b\.tif; train: a\.tif\)"):
        split_by_group(items, seed=1)
    with pytest.raises(UsageError, match=r"group 'plate 7'"):
        k_folds(items, k=2, seed=1)


def test_a_side_named_for_some_images_only_is_an_error():
    with pytest.raises(UsageError, match=r"no side is named for b\.tif"):
        split_by_group([pair("a", split="train"), pair("b")], seed=1)


def test_without_groups_each_image_is_one_and_the_record_says_so():
    split = split_by_group([pair(f"i{number}") for number in range(20)], validation=0.15, seed=1)
    assert (len(split.train), len(split.validation), split.warnings) == (17, 3, (NO_GROUPS,))
    some = split_by_group([pair("a", "1"), pair("b", "2"), pair("c")], seed=1)
    assert some.warnings == ("1 image(s) have no group, and each counts as one of its own: c.tif",)


def test_files_of_one_name_in_two_folders_are_two_images():
    items = [Pair("a", Path(side, "a.tif"), Path(side, "a.zip"), split=side) for side in ("train", "validation")]
    split = split_by_group(items, seed=1)
    assert (split.train, split.validation) == ((items[0],), (items[1],))


def test_planes_of_one_stack_stay_together_without_a_group():
    items = [loaded(f"s{stack}", plane=f" z{z}") for stack in range(6) for z in range(4)]
    split = split_by_group(items, validation=0.3, seed=2)
    assert not {item.pair for item in split.train} & {item.pair for item in split.validation}


def test_copies_of_a_file_stay_together_even_in_two_groups():
    items = [loaded(f"i{number}", f"g{number}", sha256=f"hash {number % 5}") for number in range(20)]
    for seed in range(10):
        split = split_by_group(items, validation=0.3, seed=seed)
        assert not {item.sha256_image for item in split.train} & {item.sha256_image for item in split.validation}
    sides = [loaded("a", "1", sha256="same", split="train"), loaded("b", "2", sha256="same", split="test")]
    with pytest.raises(UsageError, match=r"group '1' and group '2', which share an image file \(test: b\.tif; train:"):
        split_by_group(sides, seed=1)


def test_background_images_alone_are_no_validation():
    items = [loaded(f"i{number}", f"g{number}", objects=9 if number < 3 else 0) for number in range(20)]
    for seed in range(20):
        assert sum(item.count for item in split_by_group(items, validation=0.1, seed=seed).validation) > 0
    with pytest.raises(UsageError, match=r"no object on the train side"):
        split_by_group(items[2:], validation=0.2, seed=1)


@pytest.mark.parametrize(
    ("validation", "test", "sides"), [(0.2, 0, "train, validation"), (0.2, 0.1, "train, validation, test")]
)
def test_too_few_groups_are_named(validation, test, sides):
    items = [pair("a", "only"), pair("b", "only")]
    with pytest.raises(UsageError, match=rf"2 item\(s\) into {sides}: 1 group\(s\) to deal out of 1: group 'only'"):
        split_by_group(items, validation=validation, test=test, seed=1)


def test_everything_may_be_trained_on():
    assert len(split_by_group([pair("a")], validation=0, seed=1).train) == 1


@pytest.mark.parametrize(("validation", "test"), [(1.0, 0.0), (0.6, 0.4), (-0.1, 0.0)])
def test_shares_that_make_no_sense_are_refused(validation, test):
    with pytest.raises(UsageError, match=f"validation={validation!r}, test={test!r}"):
        split_by_group([pair("a"), pair("b")], validation=validation, test=test, seed=1)


def test_more_folds_than_groups_are_refused():
    with pytest.raises(UsageError, match=r"k=5: 3 group\(s\): image 'a', image 'b', image 'c'\. To do: give k=3"):
        k_folds([pair("a"), pair("b"), pair("c")], k=5, seed=1)
    with pytest.raises(UsageError, match="fewer than two folds"):
        k_folds([pair("a"), pair("b")], k=1, seed=1)


def test_test_items_are_in_no_fold():
    items = [pair(f"i{number}", f"g{number}", "test" if number == 0 else "train") for number in range(7)]
    for fold in k_folds(items, k=3, seed=1):
        assert [item.name for item in fold.test] == ["i0"]
        assert len(fold.validation) == 2


def test_nothing_to_split_is_an_error():
    with pytest.raises(UsageError, match="no items"):
        split_by_group([], seed=1)
