"""Tests that need torch. `make test` leaves them to `make test-torch`, which fails where torch is missing."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

collect_ignore_glob = ["*.py"] if importlib.util.find_spec("torch") is None else []


def write_nuclei(folder: Path, *, count: int, shape: tuple[int, int] = (72, 96), seed: int = 0) -> None:
    """Write simulated nuclei with their labels as ``images`` and ``labels``."""
    from pybridge.files.write import write_imagej_tiff, write_labels
    from pybridge.samples import simulate_nuclei

    for number in range(count):
        image, truth = simulate_nuclei(shape=shape, count=7, seed=seed + number)
        write_imagej_tiff(folder / "images" / f"cells{number}.tif", image)
        write_labels(folder / "labels" / f"cells{number}.tif", truth)


@pytest.fixture(scope="session")
def nuclei(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of eight small images with labels."""
    folder = tmp_path_factory.mktemp("nuclei")
    write_nuclei(folder, count=8)
    return folder


@pytest.fixture
def tiny(nuclei: Path) -> dict[str, Any]:
    """Settings of a training that takes a second."""
    return {
        "name": "tiny",
        "data": {"images": [str(nuclei / "images")], "labels": str(nuclei / "labels"), "validation": 0.25},
        "network": {"widths": [8, 16], "stem": 2},
        "schedule": {"steps": 8, "batch": 2, "crop_px": 64, "validate_every": 4, "threads": 1, "precision": "float32"},
        "decoder": {"probability": [0.5], "overlap": [0.3], "min_size": 8},
    }


@pytest.fixture(autouse=True)
def _threads_are_put_back() -> Iterator[None]:
    import torch

    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)
