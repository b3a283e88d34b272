"""What the tests of the ImageJ room share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from pybridge.imagej import Gateway
from pybridge.imagej.jvm import java_class


@pytest.fixture
def java(gateway: Gateway) -> Callable[[str], Any]:
    """Java classes by name, once ImageJ runs."""
    return java_class


@pytest.fixture
def results(gateway: Gateway) -> Iterator[Any]:
    """ImageJ's Results table, empty before and after."""
    table = java_class("ij.measure.ResultsTable").getResultsTable()
    table.reset()
    yield table
    table.reset()


@pytest.fixture(autouse=True)
def no_image_left(request: pytest.FixtureRequest) -> Iterator[None]:
    """Nothing leaves images in ImageJ's table."""
    yield
    if "gateway" in request.fixturenames:
        from pybridge.imagej.images import close_images_since, open_ids

        left = open_ids()
        close_images_since(frozenset())
        assert not left
