"""`pybridge report` of what `pybridge evaluate` scored: classes in tables, and restored images."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from pybridge.cli import main
from pybridge.core.image import Image
from pybridge.files.write import write_imagej_tiff


def report_of(folder: Path) -> tuple[dict[str, Any], str]:
    """Report on the run in a folder: as JSON, and as Markdown."""
    assert main(["report", str(folder), "-o", str(folder / "report.html")]) == 0
    return json.loads((folder / "report.json").read_text()), (folder / "report.md").read_text(encoding="utf-8")


def write_tables(folder: Path, *, tables: int) -> list[str]:
    """Write tables of found and of true classes, 40 rows each."""
    for number in range(tables):
        for kind, period in (("found", 5), ("truth", 4)):
            (folder / kind).mkdir(exist_ok=True)
            rows = (f"{row}.png,{'mitotic' if row % period == 0 else 'other'}\n" for row in range(40 + number))
            (folder / kind / f"{number}.csv").write_text("file,class\n" + "".join(rows))
    return ["evaluate", str(folder / "found"), str(folder / "truth"), "-o", str(folder / "out")]


def test_a_table_of_classes_is_no_image(tmp_path: Path, capsys: Any) -> None:
    assert main(write_tables(tmp_path, tables=1)) == 0
    content, text = report_of(tmp_path / "out")
    assert content["title"] == "PyBridge Evaluate: 0.csv"
    assert content["summary"][0].startswith("1 table was compared with ground truth")
    assert content["methods"].startswith("1 table of 40 rows was analysed ('0.csv'). ")
    assert "Against the ground truth of 1 table: accuracy " in content["methods"]
    assert "Intervals are from a bootstrap over the rows of the table." in content["methods"]
    for wrong in ("pixel", "calibrated", "of type table", "per class"):
        assert wrong not in content["methods"]
    states = {each["number"]: each["state"] for each in content["checklist"]}
    assert (states[11], states[14]) == ("not applicable", "not applicable")
    assert "cannot be shown" not in text + capsys.readouterr().err
    assert content["problems"] == []


def test_several_tables_are_counted_and_their_intervals_are_over_tables(tmp_path: Path) -> None:
    assert main(write_tables(tmp_path, tables=3)) == 0
    content, _ = report_of(tmp_path / "out")
    assert content["title"] == "PyBridge Evaluate: 3 tables"
    assert "3 tables of 123 rows in all were analysed ('0.csv', '1.csv', '2.csv')." in content["methods"]
    assert "Intervals are from a bootstrap over tables." in content["methods"]


def test_what_the_scores_of_restored_images_refer_to_is_in_scores_and_report(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    truth = np.add.outer(np.arange(12), np.add.outer(np.arange(30), np.arange(40))).astype(np.float32)
    pixels = np.stack([truth, truth * 10], axis=1)  # two channels
    for name, spread in (("truth", 0), ("restored", 2)):
        noisy = (pixels + rng.normal(0, spread, pixels.shape)).astype(np.float32)
        write_imagej_tiff(tmp_path / f"{name}.tif", Image(noisy, "ZCYX"))
    out = tmp_path / "out"
    words = [str(tmp_path / "restored.tif"), str(tmp_path / "truth.tif"), "--task", "restore", "-o", str(out)]
    assert main(["evaluate", *words]) == 0
    scores = json.loads((out / "scores.json").read_text())
    assert scores["per_image"][0]["data_range"] == [float(np.ptp(truth)), float(np.ptp(truth)) * 10]
    content, text = report_of(out)
    for part in (
        "the span of the truth (maximum - minimum) in each channel",
        "11 × 11 × 11 px in stacks",
        "sigma 1.5 px",
        "RSE is the error that is left after a linear fit",
        "not that of truth minus result",
    ):
        assert part in " ".join(scores["definitions"])
        assert part in content["methods"]
        assert part in text.partition("## Numbers")[2].partition("## ")[0]


def test_the_percentile_of_distances_is_defined_beside_the_numbers(tmp_path: Path) -> None:
    labels = np.zeros((40, 50), np.uint16)
    labels[5:15, 5:15], labels[20:30, 20:35] = 1, 2
    for name in ("truth", "found"):
        write_imagej_tiff(tmp_path / f"{name}.tif", Image(labels, "YX"))
    out = tmp_path / "out"
    assert main(["evaluate", str(tmp_path / "found.tif"), str(tmp_path / "truth.tif"), "-o", str(out)]) == 0
    content, text = report_of(out)
    assert "HD95 is the greater of two 95th percentiles" in text
    assert "HD95 is the greater" not in content["methods"]  # which gives no distances


def test_compared_filters_are_scored_with_the_same_range(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    truth = np.add.outer(np.arange(30), np.arange(40)) * 10.0
    for name, spread in (("truth", 0), ("noisy", 20)):
        write_imagej_tiff(
            tmp_path / f"{name}.tif", Image((truth + rng.normal(0, spread, truth.shape)).astype(np.float32), "YX")
        )
    words = [str(tmp_path / "noisy.tif"), "--truth", str(tmp_path / "truth.tif"), "--model", "baseline:median"]
    assert main(["compare", *words, "-o", str(tmp_path / "out")]) == 0
    content, _ = report_of(tmp_path / "out")
    assert "refer to the span of the truth" in content["methods"]
