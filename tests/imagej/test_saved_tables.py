"""Tables that we save, opened by ImageJ."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pybridge.core.results import ObjectTable
from pybridge.reporting.tables import table_to_csv

pytestmark = pytest.mark.jvm

SCORES = np.array([0.999989, 0.9999999999999999, 1.0, 1 / 3, -1.5e-7, 3e20, np.nan, np.inf, -np.inf])


def test_a_table_of_scores_is_opened_by_imagej_to_the_last_digit(java: Callable[[str], Any], tmp_path: Path) -> None:
    table = ObjectTable(("Image", "SSIM"), (np.array([f"c {i}, d" for i in range(len(SCORES))]), SCORES))
    (tmp_path / "scores.csv").write_text(table_to_csv(table, exact=True), encoding="utf-8")
    opened = java("ij.measure.ResultsTable").open(str(tmp_path / "scores.csv"))
    np.testing.assert_array_equal(list(opened.getColumn("SSIM")), SCORES)
    assert str(opened.getStringValue("Image", 1)) == "c 1, d"


def test_what_is_not_finite_is_saved_as_imagej_saves_it(java: Callable[[str], Any], tmp_path: Path) -> None:
    saved = java("ij.measure.ResultsTable")()
    for row, value in enumerate(SCORES[-3:].tolist()):
        saved.setValue("PSNR", row, value)
    saved.save(str(tmp_path / "saved.csv"))
    ours = table_to_csv(ObjectTable(("PSNR",), (SCORES[-3:],)), exact=True)
    assert (tmp_path / "saved.csv").read_text(encoding="utf-8").split() == ours.split()
