"""The commands of one macro fill one Results table through the Jython client too."""

from __future__ import annotations

from pathlib import Path

import pytest

import pybridge
from pybridge.files.write import write_imagej_tiff, write_labels
from tests.builders.jython import Jython
from tests.builders.macros import run_macro
from tests.builders.one_table import MODEL, check_saved, macro_of

pytestmark = [pytest.mark.jvm, pytest.mark.usefixtures("clean")]


def test_the_saved_table_is_that_of_the_imagej_that_python_starts(client: Jython, tmp_path: Path) -> None:
    image, truth = pybridge.samples.simulate_nuclei(shape=(110, 154), count=12)
    write_imagej_tiff(tmp_path / "cells.tif", image)
    write_labels(tmp_path / "truth.tif", truth)
    run_macro(macro_of(tmp_path / "cells.tif", tmp_path / "truth.tif", tmp_path / "rows.csv"))
    check_saved(tmp_path / "rows.csv", objects=len(pybridge.segment(image, model=MODEL).objects))
