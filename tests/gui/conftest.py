"""The display that the tests of ImageJ's window need."""

from __future__ import annotations

import os
import sys

import pytest

from tests.conftest import missing


@pytest.fixture(scope="session")
def a_display(request: pytest.FixtureRequest) -> None:
    """A screen that Java can open windows on."""
    if sys.platform.startswith("linux") and not os.environ.get("DISPLAY"):
        missing("display", "there is no display; `make gui-test` makes one with Xvfb", request.config)
    if sys.platform == "darwin":
        missing("display", "macOS gives windows to the main thread only", request.config)
