"""Which images a contact sheet shows, and the cover."""

import numpy as np
import pytest

from pybridge.metrics.detection import Counts, ImageScores
from pybridge.training.pictures import Picture, draw_cover, pick_examples


def scored(*found, objects=10):
    return [ImageScores((0.5,), (Counts(tp, 0, objects - tp, 0.8 * tp),), name=str(tp)) for tp in found]


def test_the_best_the_median_and_the_worst_are_shown_from_best_to_worst():
    picks = pick_examples(scored(3, 9, 5, 7, 1, 8, 2), each=2)
    assert [(kind, index) for kind, index in picks] == [
        ("best", 1), ("best", 5), ("median", 3), ("median", 2), ("worst", 6), ("worst", 4)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("count", "kinds"),
    [(1, ["best"]), (2, ["best", "worst"]), (3, ["best", "median", "worst"]), (5, ["best", "median", "worst"])],
)
def test_of_few_images_none_is_shown_twice(count, kinds):
    picks = pick_examples(scored(*range(count)))
    assert [kind for kind, _ in picks] == kinds
    assert len({index for _, index in picks}) == len(picks)


def test_images_without_anything_to_find_are_passed_over():
    empty = ImageScores((0.5,), (Counts(0, 0, 0, 0.0),))
    assert [index for _, index in pick_examples([empty, *scored(4), empty])] == [1]


def picture(shape):
    labels = np.zeros(shape, np.int32)
    labels[3:9, 2:11] = 1
    return Picture("a", "best", 1.0, labels * 0.7, labels, labels)


@pytest.mark.parametrize(("shape", "drawn"), [((30, 40), (90, 120)), ((20, 100), (60, 120)), ((1536, 900), (768, 450))])
def test_a_cover_is_enlarged_or_shrunk_and_never_longer_than_twice_its_other_side(shape, drawn):
    cover = draw_cover(picture(shape))
    assert cover.shape == (*drawn, 3)
    assert cover.dtype == np.uint8
    grey = (cover == cover[..., :1]).all(-1)
    assert 0 < np.count_nonzero(~grey) < grey.size / 4  # outlines in colour on grey
