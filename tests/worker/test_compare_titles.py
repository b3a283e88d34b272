"""``PyBridge Compare`` in the worker: an open image named where a folder is wanted."""

from __future__ import annotations

from pathlib import Path

import pytest

from pybridge.core.errors import UsageError
from pybridge.worker.compare import open_compare
from pybridge.worker.work import CallOptions, Fiji

FIJI = Fiji(imagej="1.54p", java="21", headless=True, titles=["my cells.tif"])


def options(images: str) -> CallOptions:
    return CallOptions(f"model=baseline:otsu-watershed images=[{images}]", {})


def test_the_title_of_an_open_image_is_no_folder() -> None:
    with pytest.raises(UsageError, match=r'title of an open image.*selectImage\("my cells.tif"\) and leave images out'):
        open_compare(options("my cells.tif"), None, FIJI)


def test_a_folder_that_is_there_is_meant_whatever_is_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my cells.tif").mkdir()
    assert open_compare(options("my cells.tif"), None, FIJI).needs == ()
