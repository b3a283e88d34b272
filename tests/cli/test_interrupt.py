"""Ctrl-C: exit code 130 and no half-written output under its final name."""

import os

import numpy as np
import pytest
import tifffile

from pybridge.files.write import write_imagej_tiff
from pybridge.samples import simulate_nuclei
from tests.builders.processes import interrupt, running_pybridge


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
def test_an_interrupted_run_ends_with_130_and_only_whole_files(tmp_path):
    image, _ = simulate_nuclei(shape=(96, 128), count=8)
    for number in range(200):
        write_imagej_tiff(tmp_path / f"{number:03}.tif", image)
    with running_pybridge("segment", str(tmp_path), "--model", "nuclei-fluo", "-o", str(tmp_path / "out")) as process:
        said = interrupt(process, once=lambda: list((tmp_path / "out").glob("*-record.json")))
    assert process.returncode == 130
    assert "interrupted" in said
    assert "Traceback" not in said
    written = list((tmp_path / "out").iterdir())
    assert not [file for file in written if file.name.startswith(".")]
    for file in written:
        if file.name.endswith("-labels.tif"):
            assert np.asarray(tifffile.imread(file)).shape == (96, 128)
