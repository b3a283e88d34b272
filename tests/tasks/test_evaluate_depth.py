"""Distances in volumes whose file says nothing about the distance between slices."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import tifffile

import pybridge
from pybridge.core.image import Calibration, Image
from tests.builders.squares import cell, labels, squares

BARE = Calibration(x=0.1, y=0.1, unit="µm")


def volume(*, first: int = 1, size: Calibration = BARE, name: str = "truth.tif", axes: str = "ZYX") -> Image:
    """Three objects through three of six slices, from ``first`` on."""
    pixels = np.zeros((6, 50, 70), np.uint16)
    pixels[first : first + 3] = squares()
    return dataclasses.replace(labels(pixels, name, axes=axes), calibration=size)


def test_a_distance_between_slices_that_no_file_states_is_said(tmp_path: Path) -> None:
    paths = []
    for name, image in (("truth.tif", volume()), ("found.tif", volume(first=2))):
        paths.append(tmp_path / name)
        tifffile.imwrite(
            paths[-1], np.asarray(image.array), imagej=True, resolution=(10, 10), metadata={"axes": "ZYX", "unit": "um"}
        )
    scored = pybridge.evaluate(paths[1], paths[0])
    assert cell(scored, "HD95") == 1.0
    (warning,) = scored.record.warnings
    assert warning.startswith("truth.tif has pixels of 0.1 ")
    assert "states no distance between its slices or 1" in warning
    assert "set the voxel depth" in warning


@pytest.mark.parametrize(
    "size",
    [
        Calibration(),
        Calibration(x=1.0, y=1.0, unit="µm"),
        Calibration(x=0.1, y=0.1, z=0.3, unit="µm"),
        Calibration(x=0.5, y=0.5, unit="pixel"),
    ],
)
def test_a_distance_that_is_stated_or_has_no_unit_needs_no_words(size: Calibration) -> None:
    assert pybridge.evaluate(volume(first=2, size=size), volume(size=size)).record.warnings == ()


def test_planes_frames_and_slices_scored_one_by_one_have_no_depth() -> None:
    plane = dataclasses.replace(labels(squares()), calibration=BARE)
    assert pybridge.evaluate(plane, plane.replace(array=plane.array, axes="YX", name="b")).record.warnings == ()
    assert pybridge.evaluate(volume(first=2, axes="TYX"), volume(axes="TYX")).record.warnings == ()
    pixels = np.stack([squares(), squares(ids=(4, 5, 6))])
    apart = [dataclasses.replace(labels(pixels, name, axes="ZYX"), calibration=BARE) for name in "ab"]
    assert not any("distance" in each for each in pybridge.evaluate(*apart).record.warnings)
