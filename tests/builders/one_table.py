"""Segment, Evaluate, Compare and Segment again in one Results table, and what the saved table must hold."""

from __future__ import annotations

import csv
from pathlib import Path

MODEL = "baseline:otsu-watershed"


def macro_of(image: Path, truth: Path, table: Path) -> str:
    """A macro that fills the Results table and saves it.

    Parameters
    ----------
    image, truth : Path
        An image and its truth.
    table : Path
        The CSV to save.
    """
    return f"""
        open("{truth}"); rename("the truth");
        open("{image}"); id = getImageID();
        run("PyBridge Segment", "model={MODEL}"); rename("mine");
        run("PyBridge Evaluate", "truth=[the truth] result=mine");
        selectImage(id);
        run("PyBridge Compare", "model=[{MODEL},{MODEL}:max_size=150] truth=[the truth]");
        selectImage(id);
        run("PyBridge Segment", "model={MODEL}");
        saveAs("Results", "{table}");
    """


def check_saved(table: Path, *, objects: int) -> None:
    """Fail unless rows have empty text and NaN where a command gave them nothing."""
    with table.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 2 * objects + 3
    evaluated, compared = rows[objects], rows[objects + 1 : objects + 3]
    segmented = [*rows[:objects], *rows[objects + 3 :]]
    texts = {"Image": [evaluated], "Unit": [evaluated], "Method": compared, "Device": compared}
    for name, those in texts.items():
        for row in rows:
            assert (row[name] != "") == (row in those), (name, row[name])
            assert row[name] not in ("0", "NaN"), (name, row)
    assert evaluated["Image"] == "mine"
    assert [row["Method"] for row in compared] == [MODEL, f"{MODEL}:max_size=150"]
    assert {row["Equal"] for row in [*segmented, evaluated]} == {""}
    numbers = {"Area": segmented, "Label": segmented, "F1": [evaluated], "Missed": [evaluated], "ap50": compared}
    for name, those in numbers.items():
        for row in rows:
            assert (row[name] != "NaN") == (row in those), (name, row[name])
