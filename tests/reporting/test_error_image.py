"""Errors in colour: each kind has its own, and the seams of matched objects are dark."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow

from pybridge.metrics.object_errors import find_object_errors
from pybridge.metrics.overlaps import overlaps
from pybridge.reporting.error_image import (
    COLOURS,
    KINDS,
    LEGEND,
    MERGED,
    MISSED,
    RIGHT,
    SPLIT,
    SPURIOUS,
    draw_errors,
    kinds_of_objects,
    write_error_picture,
)


def drawn(truth: NDArray[Any], result: NDArray[Any]) -> NDArray[np.uint8]:
    return draw_errors(truth, result, find_object_errors(overlaps(truth, result)))


def blocks() -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """In rows of blocks: right, missed, spurious, split, two as one."""
    truth, result = np.zeros((30, 41), np.int32), np.zeros((30, 41), np.int32)
    truth[1:5, 1:9], result[1:5, 1:9] = 700, 5
    truth[7:11, 1:9] = 3
    result[13:17, 1:9] = 9
    truth[19:23, 1:9] = 12
    result[19:23, 1:5], result[19:23, 6:9] = 30, 31
    truth[25:29, 1:9], truth[25:29, 11:19] = 40, 41
    result[25:29, 1:19] = 44
    return truth, result


def test_each_kind_has_its_colour() -> None:
    picture = drawn(*blocks())
    for row, kind in ((3, RIGHT), (9, MISSED), (15, SPURIOUS), (21, SPLIT), (27, MERGED)):
        assert picture[row, 3].tolist() == COLOURS[kind].tolist(), KINDS[kind]
    assert picture[27, 10].tolist() == COLOURS[MERGED].tolist()  # between the two, where only the result is
    assert picture[:, 20:].max() == 0
    assert len({tuple(colour) for colour in COLOURS.tolist()}) == 5


def test_objects_are_named_by_what_one_corrects() -> None:
    truth, result = blocks()
    of_truth, of_result = kinds_of_objects(find_object_errors(overlaps(truth, result)))
    assert [KINDS[kind] for kind in of_truth] == ["missed", "split", "merged", "merged", "right"]  # 3, 12, 40, 41, 700
    assert [KINDS[kind] for kind in of_result] == ["right", "spurious", "split", "split", "merged"]


def test_seams_are_dark() -> None:
    truth, result = np.zeros((9, 20), np.int32), np.zeros((9, 20), np.int32)
    truth[2:7, 2:12], result[2:7, 4:14] = 1, 1
    picture = drawn(truth, result)
    lacking, surplus = picture[4, 2].astype(int), picture[4, 13].astype(int)
    assert tuple(lacking.tolist()) == dict(LEGEND)["lacking"] < tuple(COLOURS[MISSED].tolist())
    assert tuple(surplus.tolist()) == dict(LEGEND)["too much"] < tuple(COLOURS[SPURIOUS].tolist())
    assert picture[4, 8].tolist() == COLOURS[RIGHT].tolist()


def test_touching_objects_are_parted_by_a_line() -> None:
    labels = np.zeros((7, 11), np.int32)
    labels[1:6, 1:5], labels[1:6, 5:9] = 1, 2
    picture = drawn(labels, labels)
    assert picture[3, 5].max() < picture[3, 6].max() == picture[3, 4].max()


def test_volumes_and_empty_planes_are_drawn_too() -> None:
    truth = np.zeros((5, 7, 11), np.int32)
    truth[1:4, 2:5, 3:8] = 4
    assert drawn(truth, truth).shape == (5, 7, 11, 3)
    assert drawn(truth, truth * 0)[2, 3, 4].tolist() == COLOURS[MISSED].tolist()
    assert drawn(truth * 0, truth * 0).max() == 0


def test_the_picture_has_a_legend_below(tmp_path: Path) -> None:
    picture = drawn(*blocks())
    write_error_picture(tmp_path / "é errors.png", picture)
    written = np.asarray(Pillow.open(tmp_path / "é errors.png"))
    np.testing.assert_array_equal(written[: 3 * 30 : 3, : 3 * 41 : 3], picture)
    legend = written[3 * 30 :].reshape(-1, 3)
    for colour in COLOURS:
        assert (legend == colour).all(1).any()
