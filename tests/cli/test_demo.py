"""`pybridge demo`: what a newcomer sees first. In a process of its own, as it starts and ends an ImageJ."""

import csv
import json
import subprocess
import sys

import pytest
import tifffile

from pybridge.cli import main


@pytest.mark.jvm
def test_the_demo_leaves_everything_that_it_promises(gateway, tmp_path):
    out = tmp_path / "demo è"
    done = subprocess.run(
        [sys.executable, "-m", "pybridge", "demo", "-o", str(out)], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert 'run("PyBridge Segment", "model=nuclei-fluo")' in done.stdout
    assert "simulated microscopy: the truth is known by construction" in done.stdout
    assert "device: cpu" in done.stdout or "device: cuda" in done.stdout
    labels = tifffile.imread(out / "simulated-nuclei-labels.tif")
    rows = list(csv.DictReader((out / "simulated-nuclei-objects.csv").read_text().splitlines()))
    assert len(rows) == labels.max()
    assert json.loads((out / "scores.json").read_text())["pooled"]["0.50"]["ap"] > 0.9
    record = json.loads((out / "simulated-nuclei-record.json").read_text())
    assert record["model"]["id"] == "nuclei-fluo"
    assert record["versions"]["imagej"].startswith("1.54")
    assert (out / "simulated-nuclei-overlay.png").read_bytes().startswith(b"\x89PNG")


def test_a_folder_that_holds_something_is_left_alone(tmp_path, capsys):
    (tmp_path / "mine.txt").touch()
    assert main(["demo", "-o", str(tmp_path)]) == 1
    assert "the folder is not empty" in capsys.readouterr().err
    assert [file.name for file in tmp_path.iterdir()] == ["mine.txt"]


def test_an_image_that_is_not_there_is_refused_before_imagej_starts(tmp_path, capsys):
    assert main(["demo", "--image", str(tmp_path / "gone.tif"), "-o", str(tmp_path / "out")]) == 1
    assert "gone.tif" in capsys.readouterr().err
