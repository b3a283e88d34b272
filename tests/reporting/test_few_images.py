"""What is said of the intervals of a record's scores."""

from __future__ import annotations

import pytest

from pybridge.reporting.few_images import intervals_text


def test_a_score_that_is_known_on_fewer_images_counts_those() -> None:
    scores = {"images": 30, "images_pooled": {"psnr": 30, "ssim": 4, "pearson": 0}, "ci95": {"ssim": [0.5, 0.6]}}
    assert "from 4 images are too narrow: about 70 %" in intervals_text(scores)


def test_rows_of_tables_are_counted_where_they_are_drawn() -> None:
    classes = {"a": {"count": 2, "f1": 0.5}, "b": {"count": 4, "f1": 0.5}}
    scores = {"task": "classify", "images": 1, "pooled": {"per_class": classes}, "ci95": {"accuracy": [0.2, 0.9]}}
    assert intervals_text(scores).startswith("95 % intervals from 6 rows are too narrow")
    pixels = {name: row | {"dice": 0.5} for name, row in classes.items()}
    assert intervals_text(scores | {"pooled": {"per_class": pixels}}).startswith("From 1 image there is no interval")


@pytest.mark.parametrize(
    "scores",
    [None, {}, {"images": 20, "ci95": {"mean_ap": [0.1, 0.2]}}, {"images": 3, "ci95": {"mean_ap": [None, None]}}],
)
def test_enough_images_and_scores_without_intervals_need_no_words(scores: object) -> None:
    assert intervals_text(scores) == ""
