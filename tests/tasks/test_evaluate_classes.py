"""Evaluate on classes: tables paired by name, probabilities, images of classes."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

import pybridge
from pybridge.cli.evaluate import summary_lines
from pybridge.core.errors import ImageError, UsageError
from pybridge.core.image import Image
from pybridge.core.results import EvaluationScores
from pybridge.metrics.bootstrap import mean_interval
from pybridge.reporting.few_images import intervals_text
from pybridge.tasks.evaluate_pool import scores_to_json
from tests.builders.squares import cell, labels, squares


def write_classes(path: Path, rows: dict[str, str], header: str = "file,class") -> Path:
    path.write_text(header + "\n" + "".join(f"{key},{value}\n" for key, value in rows.items()), encoding="utf-8")
    return path


def test_tables_of_classes_are_paired_by_name(tmp_path: Path) -> None:
    truth = write_classes(tmp_path / "truth.csv", {"d/1.png": "a", "d/2.png": "a", "d/3.png": "b", "d/4.png": "b"})
    found = write_classes(
        tmp_path / "found.csv", {"4.png": "b", "3.png": "a", "2.png": "a", "1.png": "a"}, "Image,Predicted"
    )
    scored = pybridge.evaluate(found, truth)
    assert scored.task == "classify"
    assert (cell(scored, "Accuracy"), cell(scored, "Balanced accuracy")) == (0.75, 0.75)
    assert math.isnan(cell(scored, "ECE"))
    assert scored.details is not None
    assert scored.details["as a"].tolist() == [2, 1]
    interval = scored.record.scores["ci95"]["accuracy"]  # type: ignore[index]
    assert interval[0] < 0.75 < interval[1]
    with pytest.raises(UsageError, match=r"the result lacks d/3.png"):
        pybridge.evaluate(write_classes(tmp_path / "x.csv", {"1.png": "a", "2.png": "a", "4.png": "a"}), truth)


def test_probabilities_give_a_calibration(tmp_path: Path) -> None:
    truth = write_classes(tmp_path / "truth.csv", {"1": "a", "2": "b"})
    rows = {"1": "a,0.9,0.1", "2": "a,0.7,0.3"}
    found = write_classes(tmp_path / "found.csv", rows, "file,class,p_a,p_b")
    scored = pybridge.evaluate(found, truth)
    assert cell(scored, "ECE") == pytest.approx((0.1 + 0.7) / 2)
    assert sum(scored.record.scores["pooled"]["reliability"]["count"]) == 2  # type: ignore[index]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ({"1": "a,0.9,0.3", "2": "b,0.5,0.5"}, r"of 1 of 2 row\(s\) of found.csv do not add up to 1 \(1: 1.2\)"),
        ({"1": "b,0.9,0.1", "2": "b,0.5,0.5"}, r"in 1 of 2 row\(s\) of found.csv another class has a higher"),
        ({"1": "a,0.33,0.66", "2": "b,0.5,0.5"}, r"another class has a higher probability .* \(1\)"),
    ],
)
def test_probabilities_that_are_odd_are_said(tmp_path: Path, rows: dict[str, str], message: str) -> None:
    truth = write_classes(tmp_path / "truth.csv", {"1": "a", "2": "b"})
    found = write_classes(tmp_path / "found.csv", rows, "file,class,p_a,p_b")
    (warning,) = pybridge.evaluate(found, truth).record.warnings
    assert re.search(message, warning)


def test_columns_named_as_the_classes_are_taken_for_their_probabilities(tmp_path: Path) -> None:
    truth = write_classes(tmp_path / "truth.csv", {"1": "a", "2": "b"})
    rows = {"2": "a,0.3,0.7,0.5,9", "1": "a,0.1,0.9,0.5,9"}
    scored = pybridge.evaluate(write_classes(tmp_path / "found.csv", rows, "file,class,b,a,score,area"), truth)
    assert cell(scored, "ECE") == pytest.approx((0.1 + 0.7) / 2)
    assert "found.csv has columns named as classes (b, a): they were taken" in " ".join(scored.record.warnings)
    named = pybridge.evaluate(write_classes(tmp_path / "p.csv", rows, "file,class,p_b,p_a,score,area"), truth)
    assert cell(named, "ECE") == cell(scored, "ECE")
    assert named.record.warnings == ()


@pytest.mark.parametrize(
    ("header", "rows", "message"),
    [
        (
            "file,class,a",
            {"1": "a,0.9", "2": "a,0.7"},
            r"as classes \(a\) that look like .* since there is none for b",
        ),
        ("file,class,a,b", {"1": "a,0.9,0.8", "2": "a,0.7,0.3"}, r"do not add up to 1: .* call them p_a, p_b"),
    ],
)
def test_columns_that_may_be_no_probabilities_are_not_taken_without_a_word(
    tmp_path: Path, header: str, rows: dict[str, str], message: str
) -> None:
    truth = write_classes(tmp_path / "truth.csv", {"1": "a", "2": "b"})
    scored = pybridge.evaluate(write_classes(tmp_path / "found.csv", rows, header), truth)
    assert math.isnan(cell(scored, "ECE"))
    assert len(scored.record.warnings) == 1
    assert re.search(message, scored.record.warnings[0])


def test_a_class_of_the_model_that_no_row_has_is_part_of_its_probabilities(tmp_path: Path) -> None:
    truth = write_classes(tmp_path / "truth.csv", {"1": "a", "2": "b"})
    rows = {"2": "a,0.2,0.5,0.3", "1": "a,0.2,0.7,0.1"}
    scored = pybridge.evaluate(write_classes(tmp_path / "found.csv", rows, "file,class,c,a,b"), truth)
    assert cell(scored, "ECE") == pytest.approx((0.3 + 0.5) / 2)
    (told,) = scored.record.warnings
    assert told.startswith("found.csv has columns named as classes (a, b) that add up to 1 with c: all were taken for")
    named = pybridge.evaluate(write_classes(tmp_path / "p.csv", rows, "file,class,p_c,p_a,p_b"), truth)
    assert named.record.warnings == ()
    assert named.record.scores["pooled"] == scored.record.scores["pooled"]


def test_columns_that_do_not_complete_the_sum_are_no_classes(tmp_path: Path) -> None:
    truth = write_classes(tmp_path / "truth.csv", {"1": "a", "2": "b"})
    rows = {"1": "a,0.2,0.7,0.1", "2": "a,0.9,0.5,0.3"}
    scored = pybridge.evaluate(write_classes(tmp_path / "found.csv", rows, "file,class,score,a,b"), truth)
    assert math.isnan(cell(scored, "ECE"))
    (told,) = scored.record.warnings
    assert "do not add up to 1: to have them used, give every class one, those that no row has too" in told


def test_columns_that_hold_other_things_are_passed_over(tmp_path: Path) -> None:
    truth = write_classes(tmp_path / "truth.csv", {"1": "a", "2": "b"})
    rows = {"1": "a,much,0.2,7", "2": "b,little,0.3,8"}
    scored = pybridge.evaluate(write_classes(tmp_path / "found.csv", rows, "file,class,a,score,b"), truth)
    assert scored.record.warnings == ()


def test_a_class_in_another_spelling_is_said(tmp_path: Path) -> None:
    truth = write_classes(tmp_path / "truth.csv", {"1": "0", "2": "1"})
    found = write_classes(tmp_path / "found.csv", {"1": "0.0", "2": "1"})
    (warning,) = pybridge.evaluate(found, truth).record.warnings
    assert warning == "truth.csv has no row of 0.0, the class of 1 row(s) of found.csv"


def test_rows_that_one_table_alone_has_are_named(tmp_path: Path) -> None:
    one = write_classes(tmp_path / "one.csv", {"1": "a", "2": "b"})
    two = write_classes(tmp_path / "two.csv", {"1": "a", "2": "b", "3": "b"})
    with pytest.raises(UsageError, match="the result lacks 3"):
        pybridge.evaluate(one, two)
    with pytest.raises(UsageError, match="the truth lacks 3"):
        pybridge.evaluate(two, one)


def test_images_of_classes_are_scored_by_pixel() -> None:
    truth = np.zeros((5, 7), np.uint8)
    truth[:, 3:] = 2
    found = truth.copy()
    found[:, 3] = 0
    scored = pybridge.evaluate(Image(found, "YX"), Image(truth, "YX"), task="classify")
    assert cell(scored, "Accuracy") == pytest.approx(30 / 35)
    assert scored.record.warnings == ()
    other = pybridge.evaluate(Image(found * 127, "YX", "mine"), Image(truth, "YX", "true"), task="classify")
    assert other.record.warnings == ("true has no pixel of 254, the class of 15 pixel(s) of mine",)
    assert scored.record.scores["pooled"]["per_class"]["2"]["iou"] == 0.75  # type: ignore[index]
    many = np.arange(20 * 30).reshape(20, 30)
    with pytest.raises(ImageError, match="look like objects"):
        pybridge.evaluate(Image(many, "YX"), Image(many, "YX"), task="classify")


def test_one_table_and_one_image_are_no_pair(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="one is a table"):
        pybridge.evaluate(labels(squares()), write_classes(tmp_path / "t.csv", {"1": "a"}))


def scores_of_tables(folder: Path, accuracies: Sequence[float], *, rows: int = 100) -> list[EvaluationScores]:
    """Score one table for each accuracy, of as many rows."""
    scores = []
    for number, accuracy in enumerate(accuracies):
        right = round(rows * accuracy)
        truth = write_classes(folder / f"truth{number}.csv", {str(row): "ab"[row % 2] for row in range(rows)})
        found = {str(row): "ab"[row % 2 if row < right else 1 - row % 2] for row in range(rows)}
        scores.append(pybridge.evaluate(write_classes(folder / f"{number}.csv", found), truth).scores)
    return scores


def test_the_interval_of_several_tables_is_over_tables(tmp_path: Path) -> None:
    accuracies = (0.92, 0.88, 0.45, 0.99, 0.56, 0.99)
    pooled = scores_to_json("classify", scores_of_tables(tmp_path, accuracies))
    assert pooled["pooled"]["accuracy"] == pytest.approx(np.mean(accuracies))
    assert pooled["ci95"]["accuracy"] == pytest.approx(mean_interval(accuracies))
    assert pooled["ci95_over"] == "tables"
    line = next(line for line in summary_lines(pooled) if line.startswith("accuracy"))
    assert re.fullmatch(r"accuracy: 0.798 \(95 % interval over tables: 0.6\d\d to 0.9\d\d\)", line)
    assert intervals_text(pooled).startswith("95 % intervals from 6 tables are too narrow")


def test_the_interval_of_one_table_is_over_its_rows_and_that_is_said(tmp_path: Path) -> None:
    pooled = scores_to_json("classify", scores_of_tables(tmp_path, [0.8]))
    low, high = pooled["ci95"]["accuracy"]
    assert 0.70 < low < 0.8 < high < 0.90
    assert pooled["ci95_over"] == "rows"
    assert summary_lines(pooled)[0].startswith("accuracy: 0.800 (95 % interval over rows: 0.7")


def test_tables_of_other_classes_are_pooled_with_zeros(tmp_path: Path) -> None:
    one = pybridge.evaluate(*[write_classes(tmp_path / f"{name}.csv", {"1": "a", "2": "b"}) for name in "pq"])
    other = pybridge.evaluate(*[write_classes(tmp_path / f"{name}.csv", {"1": "b", "2": "c"}) for name in "rs"])
    pooled = scores_to_json("classify", [one.scores, other.scores])
    assert pooled["classes"] == ["a", "b", "c"]
    assert pooled["pooled"]["confusion"] == [[1, 0, 0], [0, 2, 0], [0, 0, 1]]


def test_images_of_classes_have_an_interval_over_images() -> None:
    truth = np.zeros((5, 7), np.uint8)
    truth[:, 3:] = 1
    images = [Image(pixels, "YX") for pixels in (truth, truth * 0)]
    scores = [pybridge.evaluate(each, Image(truth, "YX"), task="classify").scores for each in images]
    pooled = scores_to_json("classify", scores)
    assert (pooled["ci95_over"], pooled["ci95"]["accuracy"]) == ("images", pytest.approx([15 / 35, 1.0]))
    assert scores_to_json("classify", scores[:1])["ci95"]["accuracy"] == [None, None]


def test_classes_have_no_image_of_errors_and_asking_for_one_is_refused(tmp_path: Path) -> None:
    found = Image(np.array([[0, 1, 1], [0, 2, 1]], np.uint8), "YX", "found.tif")
    truth = Image(np.array([[0, 1, 2], [0, 2, 1]], np.uint8), "YX", "truth.tif")
    with pytest.raises(UsageError, match=r"the task is classify: there is no image of errors.*confusion matrix"):
        pybridge.evaluate(found, truth, task="classify", show_errors=True)
    tables = [tmp_path / "found.csv", tmp_path / "truth.csv"]
    for table in tables:
        table.write_text("image,class\na.tif,cat\nb.tif,dog\n")
    with pytest.raises(UsageError, match="the task is classify: there is no image of errors"):
        pybridge.evaluate(*tables, show_errors=True)
    assert pybridge.evaluate(*tables).task == "classify"
