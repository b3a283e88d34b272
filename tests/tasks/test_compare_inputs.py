"""Images of a comparison: what was given twice is told."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tifffile

from pybridge.tasks.compare_inputs import list_image_files, list_images

PIXELS = np.arange(35, dtype=np.uint8).reshape(5, 7)


def written(file: Path, pixels: np.ndarray = PIXELS) -> str:
    file.parent.mkdir(exist_ok=True)
    tifffile.imwrite(file, pixels)
    return str(file)


def test_files_of_one_name_and_of_one_content_are_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    named = [
        written(tmp_path / "a" / "x.tif"),
        written(tmp_path / "b" / "x.tif"),
        written(tmp_path / "y.tif", PIXELS + 1),
    ]
    assert list_images(named) == list_image_files(named) == tuple(map(Path, named))
    assert "images of one name, which the tables cannot tell apart: x.tif" in caplog.text
    assert (
        f"the same image is given more than once, and every interval and test counts it as another one: {named[0]} and"
        in (caplog.text)
    )
    assert "y.tif" not in caplog.text


def test_equal_arrays_are_told_and_others_are_not(caplog: pytest.LogCaptureFixture) -> None:
    list_images([PIXELS, PIXELS + 1, PIXELS.T])
    assert caplog.text == ""
    assert len(list_images([PIXELS, PIXELS + 1, PIXELS.copy()])) == 3
    assert "the same array is given more than once" in caplog.text


def test_a_file_that_cannot_be_read_stops_no_comparison(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    named = [written(tmp_path / f"{name}.tif") for name in "abc"]

    def closed(file: Path) -> str:
        if file.name == "a.tif":
            raise PermissionError(13, "Permission denied")
        return "the same"

    monkeypatch.setattr("pybridge.files.read.sha256_of_file", closed)
    assert len(list_images(named)) == 3
    assert f"{named[1]} and {named[2]}" in caplog.text
