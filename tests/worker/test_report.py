"""``PyBridge Report`` for Fiji: what it wants to be sent, and the lines that it gives."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pybridge.core.errors import ImageError, UsageError
from pybridge.files.read import read_image
from pybridge.worker.report import open_report
from pybridge.worker.work import ACTIVE, CallOptions, Fiji, form_from_wire
from tests.builders.fiji_side import form_of
from tests.builders.reported_runs import write_run

FIJI = Fiji("1.54p", "21", headless=True, titles=())
FORM = form_from_wire(form_of(np.zeros((1, 1, 1, 5, 7), np.uint8)))


def test_a_record_in_a_file_needs_no_image(tmp_path: Path) -> None:
    record = write_run(tmp_path / "run")
    work = open_report(CallOptions(f"record=[{record}]", {}), FORM, FIJI)
    assert work.needs == ()
    lines = work.run({}, None).lines
    assert lines[0] == f"report: {record.parent / 'cells-report.html'}"


def test_the_active_image_is_reported_on_by_its_info(tmp_path: Path) -> None:
    record = write_run(tmp_path / "run")
    work = open_report(CallOptions(f"output=[{tmp_path}/a.html]", {}), FORM, FIJI)
    assert work.needs == (ACTIVE,)
    work.run({ACTIVE: read_image(record.parent / "cells-labels.tif")}, None)
    assert (tmp_path / "a.md").is_file()
    with pytest.raises(UsageError, match="holds no run record"):
        work.run({ACTIVE: read_image(record.parent / "in" / "cells.tif")}, None)


def test_no_image_and_no_record_is_an_error_at_once() -> None:
    with pytest.raises(ImageError, match="no image is open"):
        open_report(CallOptions("", {}), None, FIJI)
