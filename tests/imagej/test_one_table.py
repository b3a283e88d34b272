"""The commands of one macro fill one Results table, which ImageJ saves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import pybridge
from pybridge.files.write import write_imagej_tiff, write_labels
from pybridge.imagej import Gateway
from tests.builders.one_table import MODEL, check_saved, macro_of

pytestmark = pytest.mark.jvm


def test_the_saved_table_has_text_and_numbers_only_where_a_command_gave_them(
    gateway: Gateway, results: Any, tmp_path: Path
) -> None:
    image, truth = pybridge.samples.simulate_nuclei(shape=(110, 154), count=12)
    write_imagej_tiff(tmp_path / "cells.tif", image)
    write_labels(tmp_path / "truth.tif", truth)
    gateway.run_macro(macro_of(tmp_path / "cells.tif", tmp_path / "truth.tif", tmp_path / "rows.csv"))
    check_saved(tmp_path / "rows.csv", objects=len(pybridge.segment(image, model=MODEL).objects))
