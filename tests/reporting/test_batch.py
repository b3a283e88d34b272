"""Many images in one report: the odd ones first, pictures of few, links that lead only to files."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from pybridge.reporting.batch import choose_pictures, link_to, make_rows
from pybridge.reporting.image_evidence import ObjectColumns, gather_images, read_columns
from pybridge.reporting.stored_record import read_record
from tests.builders.reported_runs import write_run


@pytest.fixture(scope="module")
def images(tmp_path_factory):
    return gather_images([read_record(write_run(tmp_path_factory.mktemp("a") / "run", images=12))])


def test_an_image_unlike_the_others_comes_first_and_says_why(images, tmp_path):
    columns = images[5].columns
    # Spread a little, since equal values have no spread to be far from.
    areas = [
        dataclasses.replace(
            image, columns=ObjectColumns(columns.label, columns.area * (1 + 0.01 * at), columns.confidence)
        )
        for at, image in enumerate(images)
    ]
    areas[7] = dataclasses.replace(areas[7], columns=dataclasses.replace(columns, area=columns.area * 50))
    rows = make_rows(areas, folder=tmp_path)
    odd = [row for row in rows if row.odd]
    assert rows[0].number in {row.number for row in odd}
    assert "high median area" in next(row for row in rows if row.number == 8).odd


def test_few_images_have_no_outliers(images, tmp_path):
    assert not any(row.odd for row in make_rows(images[:5], folder=tmp_path))


def test_pictures_are_few_however_many_images(images, tmp_path):
    many = make_rows([dataclasses.replace(image) for image in images * 200], folder=tmp_path)
    chosen = choose_pictures(many)
    assert len(chosen) <= 16
    assert len({number for number, _ in chosen}) == len(chosen)
    assert all(reason for _, reason in chosen)


@pytest.mark.parametrize(
    ("scores", "said"),
    [
        (
            [0.833, 0.142, 0.563, 0.876, 0.520],
            {
                2: "worst, mean AP 0.142 (place 5 of 5)",
                5: "mean AP 0.520 (place 4 of 5)",
                3: "median, mean AP 0.563 (place 3 of 5)",
                1: "mean AP 0.833 (place 2 of 5)",
                4: "best, mean AP 0.876 (place 1 of 5)",
            },
        ),
        ([0.5, 0.7], {1: "worst, mean AP 0.500 (place 2 of 2)", 2: "best, mean AP 0.700 (place 1 of 2)"}),
        ([1.0, 1.0], dict.fromkeys((1, 2), "mean AP 1.000, the same in all images")),
        (
            [0.5, 0.9, 0.5],
            {
                1: "worst, mean AP 0.500 (place 2 of 3)",
                3: "worst, mean AP 0.500 (place 2 of 3)",
                2: "best, mean AP 0.900 (place 1 of 3)",
            },
        ),
    ],
)
def test_a_picture_is_called_worst_median_and_best_only_where_it_is(images, tmp_path, scores, said):
    scored = [dataclasses.replace(image, scores={"mean_ap": at}) for image, at in zip(images, scores, strict=False)]
    assert dict(choose_pictures(make_rows(scored, folder=tmp_path), score_name="mean AP")) == said


def test_of_many_images_worst_best_and_median_are_one_each(images, tmp_path):
    many = [dataclasses.replace(images[0], scores={"mean_ap": at / 100}) for at in range(1, 100, 2)]
    reasons = [reason for _, reason in choose_pictures(make_rows(many, folder=tmp_path), score_name="mean AP")]
    assert sum(reason.startswith("worst, mean AP 0.010") for reason in reasons) == 1
    assert sum(reason.startswith("best, mean AP 0.990") for reason in reasons) == 1
    assert sum(reason.startswith(("worst", "best")) for reason in reasons) == 2
    assert "mean AP 0.490 (place 26 of 50)" in reasons


def test_without_scores_the_least_certain_are_shown(images, tmp_path):
    rows = make_rows([dataclasses.replace(image, scores=None) for image in images], folder=tmp_path)
    assert any(reason.startswith("least certain") for _, reason in choose_pictures(rows))


@pytest.mark.parametrize("name", ["javascript:alert(1).json", 'a"b<c>.json', "//evil.example/x.json", "é ö.json"])
def test_a_link_is_a_path_from_the_page_whatever_the_name(tmp_path, name):
    link = link_to(tmp_path / "run" / name, tmp_path)
    assert link.startswith(("./", "file:"))
    assert not set('"<> ') & set(link)


@pytest.mark.parametrize(
    "text", ["", "Label\n1\n", "Label,Area\nx,y\n", "Label,Area\n-1,2\n", "Label,Area\nnan,2\n", "Label,Area\n1\n"]
)
def test_what_is_no_table_of_objects_is_left_alone(tmp_path, text):
    (tmp_path / "a.csv").write_text(text)
    assert read_columns(tmp_path / "a.csv") is None


def test_a_table_without_confidence_has_areas(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("Label,Area\n3,2.5\n")
    columns = read_columns(tmp_path / "a.csv")
    assert columns is not None
    np.testing.assert_array_equal(columns.label, [3])
    assert not len(columns.confidence)
