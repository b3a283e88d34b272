"""What ImageJ shows of an image, both ways: look-up tables, display ranges, mode and overlay."""

from __future__ import annotations

import numpy as np

from pybridge.core.display import ChannelDisplay, Display
from pybridge.imagej.jvm import JavaObject, java_class
from pybridge.imagej.pixels import array_to_java

_RGB = 4  # ImagePlus.COLOR_RGB
_MODES = {1: "composite", 2: "color", 3: "grayscale"}  # of CompositeImage


def read_display(imp: JavaObject) -> Display:
    """Read look-up tables, display ranges, mode and overlay of an ImagePlus."""
    overlay = imp.getOverlay()
    rois = () if overlay is None else tuple(roi_to_bytes(roi) for roi in overlay.toArray())
    if int(imp.getType()) == _RGB:
        return Display(overlay=rois)
    if not bool(imp.isComposite()):
        processor = imp.getProcessor()
        channel = _channel(processor.getLut(), low=float(processor.getMin()), high=float(processor.getMax()))
        return Display((channel,), overlay=rois)
    active = [bool(shown) for shown in imp.getActiveChannels()]
    channels = tuple(
        # Channels beyond the seventh have no switch: they are never part of a composite.
        _channel(lut, low=float(lut.min), high=float(lut.max), shown=active[index] if index < len(active) else True)
        for index, lut in enumerate(imp.getLuts())
    )
    return Display(channels, _MODES[int(imp.getMode())], rois)


def write_display(imp: JavaObject, display: Display) -> None:
    """Set look-up tables, display ranges, mode and overlay of an ImagePlus, as far as they fit it."""
    count = int(imp.getNChannels())
    if int(imp.getType()) != _RGB:
        if bool(imp.isComposite()) and len(display.channels) == count:
            _write_composite(imp, display)
        elif display.channels:
            first = display.channels[0]
            imp.setLut(_lut(first))
            imp.setDisplayRange(first.low, first.high)
    if display.overlay:
        overlay = java_class("ij.gui.Overlay")()
        for data in display.overlay:
            overlay.add(bytes_to_roi(data))
        imp.setOverlay(overlay)


def roi_to_bytes(roi: JavaObject) -> bytes:
    """Give a ROI as ImageJ's ``.roi`` files hold it."""
    return bytes(java_class("ij.io.RoiEncoder").saveAsByteArray(roi))


def bytes_to_roi(data: bytes) -> JavaObject:
    """Make the ROI that a ``.roi`` file holds."""
    return java_class("ij.io.RoiDecoder").openFromByteArray(array_to_java(np.frombuffer(data, np.uint8)))


def _write_composite(imp: JavaObject, display: Display) -> None:
    import jpype

    lut_class = java_class("ij.process.LUT")
    imp.setLuts(jpype.JArray(lut_class)([_lut(each) for each in display.channels]))
    imp.setMode({name: number for number, name in _MODES.items()}[display.mode])
    imp.setActiveChannels("".join("1" if each.shown else "0" for each in display.channels))
    # The processor at hand was made with the colours that the image had before.
    first = display.channels[int(imp.getChannel()) - 1]
    processor = imp.getProcessor()
    if display.mode != "grayscale":  # which shows every channel in grey, whatever its colours
        processor.setLut(_lut(first))
    processor.setMinAndMax(first.low, first.high)


def _lut(channel: ChannelDisplay) -> JavaObject:
    columns = np.ascontiguousarray(channel.colours.T)
    lut = java_class("ij.process.LUT")(*(array_to_java(column) for column in columns))
    lut.min, lut.max = channel.low, channel.high
    return lut


def _channel(lut: JavaObject, *, low: float, high: float, shown: bool = True) -> ChannelDisplay:
    colours = np.zeros((256, 3), np.uint8)
    data = lut.getBytes()
    if data is not None:
        colours = np.frombuffer(bytes(data), np.uint8).reshape(3, 256).T.copy()
    else:
        size = int(lut.getMapSize())  # files of 16 colours and the like
        rgb = [(lut.getRed(index), lut.getGreen(index), lut.getBlue(index)) for index in range(size)]
        colours[:size] = np.array(rgb, np.int64).astype(np.uint8)
    return ChannelDisplay(colours, low, high, shown)
