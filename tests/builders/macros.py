"""Macros in the ImageJ that runs here, without the gateway that Python users have."""

from __future__ import annotations

from typing import Any

from pybridge.imagej.jvm import java_class

SEGMENT = 'run("PyBridge Segment", "model=nuclei-fluo");'


def run_macro(text: str) -> str:
    """Run a macro as ImageJ does; ``[aborted]`` when it was stopped."""
    found = java_class("ij.IJ").runMacro(text)
    return "" if found is None else str(found)


def active() -> Any:
    """The active image."""
    return java_class("ij.WindowManager").getCurrentImage()
