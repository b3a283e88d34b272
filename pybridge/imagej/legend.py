"""A legend over an image: words on their colours, as an overlay, so that no pixel changes."""

from __future__ import annotations

from collections.abc import Sequence

from pybridge.imagej.jvm import JavaObject, java_class
from pybridge.imagej.rois import set_overlay

_LEAST_SIDE_PX = 160  # a smaller image would be hidden by it
_ROWS_IN_HEIGHT = 40


def add_legend(imp: JavaObject, legend: Sequence[tuple[str, tuple[int, ...]]]) -> None:
    """Lay a legend over the upper left of an image (Image > Overlay > Hide Overlay takes it away).

    Without a window nobody would see it, and there may be no fonts to measure it with.

    Parameters
    ----------
    imp : ij.ImagePlus
        An image or stack; it has no overlay yet.
    legend : sequence of (str, (int, int, int))
        Words and the colour that they explain.
    """
    is_small = min(imp.getWidth(), imp.getHeight()) < _LEAST_SIDE_PX
    if not legend or is_small or java_class("java.awt.GraphicsEnvironment").isHeadless():
        return
    colour_of, font_of = java_class("java.awt.Color"), java_class("java.awt.Font")
    height = max(10, imp.getHeight() // _ROWS_IN_HEIGHT)
    font = font_of("SansSerif", font_of.BOLD, int(height * 0.8))
    rows = []
    for row, (name, colour) in enumerate(legend):
        text = java_class("ij.gui.TextRoi")(2.0, 2.0 + row * height, f" {name} ", font)
        text.setFillColor(colour_of(*colour))
        # Black on bright colours, white on dark ones.
        text.setStrokeColor(colour_of.black if sum(colour) > 300 else colour_of.white)
        rows.append(text)
    set_overlay(imp, rows)
