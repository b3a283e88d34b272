"""Scores of an earlier record and of the same work done again."""

from __future__ import annotations

import numpy as np

import pybridge
from pybridge.core.image import Image
from pybridge.samples import simulate_nuclei
from pybridge.tasks.evaluate_pool import scores_to_json
from pybridge.tasks.rerun_compare import compare_scores


def test_a_record_that_did_not_yet_say_what_scores_refer_to_has_the_same_scores() -> None:
    truth = np.random.default_rng(0).normal(100, 20, (23, 31))
    scored = pybridge.evaluate(Image(truth + 1, "YX"), Image(truth, "YX"), task="restore")
    now = scores_to_json("restore", [scored.scores])
    assert now["definitions"]
    assert now["per_image"][0]["data_range"] == [np.ptp(truth)]
    rows = [{name: value for name, value in now["per_image"][0].items() if name != "data_range"}]
    before = {name: value for name, value in now.items() if name not in ("definitions", "ci95_over")}
    assert compare_scores(before | {"per_image": rows}, now, number=0, count=1, image="a").identical
    other = before | {"per_image": [rows[0] | {"rmse": 2.0}]}
    assert "per_image.0.rmse: was 2.0" in compare_scores(other, now, number=0, count=1, image="a").text


def test_a_comparison_of_an_earlier_version_has_the_same_scores() -> None:
    image, truth = simulate_nuclei(shape=(64, 80), count=5)
    found = pybridge.compare(image, model=["baseline:otsu-watershed"], truth=truth)
    now = found.record.scores
    assert now["images_ranked"] == 1
    before = {name: value for name, value in now.items() if name != "images_ranked"}
    (row,) = now["methods"]
    before["methods"] = [row | {"baseline": not row["baseline"], "device": row["device"] | {"asked": "cpu"}}]
    assert compare_scores(before, now, number=0, count=1, image="a").identical
    before["methods"] = [row | {"place": 2}]
    assert not compare_scores(before, now, number=0, count=1, image="a").identical
