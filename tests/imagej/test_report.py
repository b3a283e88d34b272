"""``PyBridge Report`` in ImageJ: the record in the active image's Info, or one in a file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import pybridge
from pybridge.commands.again import lines_to_repeat
from pybridge.core.errors import MacroError
from pybridge.files.read import read_image
from pybridge.imagej import Gateway
from pybridge.imagej.convert import image_to_imageplus
from pybridge.imagej.images import close_images_since, open_ids
from pybridge.reporting.stored_record import parse_record
from tests.builders.reported_runs import write_run
from tests.builders.tracks import two_cells, without_a_parent

pytestmark = pytest.mark.jvm


@pytest.fixture
def record(tmp_path: Path) -> Path:
    return write_run(tmp_path / "a run")


@pytest.fixture(autouse=True)
def closed(gateway: Gateway) -> Iterator[None]:
    before = open_ids()
    yield
    close_images_since(before)


def test_a_macro_reports_on_the_label_image_that_it_opened(gateway: Gateway, record: Path) -> None:
    labels = record.parent / "cells-labels.tif"
    gateway.run_macro(f'open("{labels}"); run("PyBridge Report", "output=[{record.parent}/mine.html]");')
    page = (record.parent / "mine.html").read_text(encoding="utf-8")
    assert "Worst cases" in page
    assert "not those of the label image" not in page


def test_a_macro_reports_on_a_record_without_any_image(gateway: Gateway, record: Path) -> None:
    gateway.run_macro(f'run("PyBridge Report", "record=[{record}]");')
    assert (record.parent / "cells-report.html").is_file()


def test_labels_that_were_painted_over_are_said(gateway: Gateway, record: Path) -> None:
    labels = record.parent / "cells-labels.tif"
    gateway.run_macro(f'open("{labels}"); run("Add...", "value=1"); run("PyBridge Report", "output=[{labels}.html]");')
    assert "not those of the label image" in Path(f"{labels}.html").read_text(encoding="utf-8")


def test_an_image_without_a_record_stops_the_macro(gateway: Gateway, record: Path) -> None:
    imp = image_to_imageplus(read_image(record.parent / "in" / "cells.tif"))
    imp.show()
    with pytest.raises(MacroError, match=r'its "Info" holds no run record\. To do: choose an image that PyBridge made'):
        gateway.run_macro('run("PyBridge Report", "");')
    imp.changes = False
    imp.close()


@pytest.mark.parametrize("kind", ["tables", "tracks"])
def test_the_macro_that_a_report_gives_scores_what_is_no_image(
    gateway: Gateway, results: Any, tmp_path: Path, kind: str
) -> None:
    result, truth, column = tmp_path / "01 RES", tmp_path / "01_GT", "TRA"
    if kind == "tables":
        result, truth, column = tmp_path / "p.csv", tmp_path / "t.csv", "Accuracy"
        for file, last in ((result, "b"), (truth, "a")):
            file.write_text(f"file,class\nx.tif,a\ny.tif,b\nz.tif,{last}\n")
    else:
        two_cells().write(truth / "TRA", table="man_track.txt", prefix="man_track")
        without_a_parent(two_cells()).write(result)
    scored = pybridge.evaluate(result, truth)
    again = lines_to_repeat(parse_record(json.loads(scored.record.to_json()), path=tmp_path / "run-record.json"))
    gateway.run_macro(again.macro)
    assert results.getValue(column, 0) == pytest.approx(scored.table[column][0])
    assert scored.table[column][0] < 1
