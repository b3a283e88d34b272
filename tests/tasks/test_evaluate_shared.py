"""Scores of real annotations against numbers that others have computed."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
import tifffile

import pybridge
from pybridge.core.image import Image


@pytest.mark.parametrize("name", ["B03", "B27"])
def test_annotators_have_the_iou_that_the_set_lists(shared_data: Path, name: str) -> None:
    folder = shared_data / "multi_annotator"
    with (folder / "index.csv").open(newline="") as file:
        listed = next(row for row in csv.DictReader(file) if row["name"] == name)
    masks = tifffile.imread(folder / "annotators" / f"{name}.tif")
    for key, mask in (("Person1_Amira", masks[0]), ("Person3_ImageJ", masks[3])):
        scored = pybridge.evaluate(Image(mask, "YX", key), folder / "gold" / f"{name}.tif")
        assert float(scored.table["IoU"][0]) == pytest.approx(float(listed[f"iou_gold_{key}"]), abs=6e-5)


def test_real_tracks_against_themselves_are_perfect(shared_data: Path, tmp_path: Path) -> None:
    source = shared_data / "tracking" / "Fluo-N2DH-SIM+_01" / "01_GT" / "TRA"
    short = tmp_path / "01_GT" / "TRA"
    short.mkdir(parents=True)
    for file in sorted(source.glob("*.tif"))[:4]:
        (short / file.name).write_bytes(file.read_bytes())
    rows = [[int(word) for word in line.split()] for line in (source / "man_track.txt").read_text().splitlines()]
    kept = [f"{label} {first} {min(last, 3)} {parent}\n" for label, first, last, parent in rows if first <= 3]
    (short / "man_track.txt").write_text("".join(kept))
    scored = pybridge.evaluate(short, short.parent)
    assert [float(scored.table[name][0]) for name in ("DET", "SEG", "TRA")] == [1.0, 1.0, 1.0]
