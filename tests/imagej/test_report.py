"""``PyBridge Report`` in ImageJ: the record in the active image's Info, or one in a file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pybridge.core.errors import MacroError
from pybridge.files.read import read_image
from pybridge.imagej import Gateway
from pybridge.imagej.convert import image_to_imageplus
from pybridge.imagej.images import close_images_since, open_ids
from tests.builders.reported_runs import write_run

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
