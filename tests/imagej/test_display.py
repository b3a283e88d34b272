"""Colours, display ranges and overlay: what ImageJ shows of an image comes back as it was."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from pybridge.core.image import Calibration, Image
from pybridge.imagej import Gateway

pytestmark = pytest.mark.jvm

SIZE = Calibration(x=0.325, y=0.25, z=2.0, unit="µm", origin_x=3, frame_interval=1.5, time_unit="min")


@pytest.fixture
def composite(gateway: Gateway, java: Callable[[str], Any]) -> Any:
    """A hyperstack of three channels: own colours and ranges, one channel switched off, an overlay, Info."""
    array = (np.arange(2 * 3 * 4 * 5 * 7) * 7 % 991).reshape(2, 4, 3, 5, 7).astype(np.uint16)
    image = Image(array, "TZCYX", name="cells.tif", calibration=SIZE, channel_names=("DAPI", "GFP", "far red"))
    imp = gateway.to_imageplus(image)
    imp.setProperty("Info", "objective 20x\nbinning 2")
    color, lut = java("java.awt.Color"), java("ij.process.LUT")
    for channel, (shade, low, high) in enumerate(
        [(color.cyan, 3, 200), (color.magenta, 10, 900), (color.orange, 0, 77)], 1
    ):
        imp.setPosition(channel, 1, 1)
        imp.setChannelLut(lut.createLutFromColor(shade))
        imp.setDisplayRange(low, high)
    imp.setPosition(1, 1, 1)
    imp.setActiveChannels("101")
    overlay = java("ij.gui.Overlay")()
    for roi in (java("ij.gui.OvalRoi")(1, 1, 3, 2), java("ij.gui.Roi")(0, 0, 4, 4)):
        roi.setName(f"roi {overlay.size()}")
        roi.setPosition(2, 3, 1)
        roi.setStrokeColor(color.red)
        overlay.add(roi)
    imp.setOverlay(overlay)
    return imp


def shown(imp: Any) -> dict[str, Any]:
    """All that ImageJ shows, read with its own methods."""
    overlay = imp.getOverlay()
    return {
        "luts": [bytes(lut.getBytes()) for lut in imp.getLuts()],
        "ranges": [(float(lut.min), float(lut.max)) for lut in imp.getLuts()],
        "mode": int(imp.getMode()) if imp.isComposite() else 0,
        "active": [bool(one) for one in imp.getActiveChannels()] if imp.isComposite() else [],
        "rois": [
            (
                str(roi.getName()),
                roi.getCPosition(),
                roi.getZPosition(),
                roi.getTPosition(),
                str(roi.getBounds()),
                str(roi.getStrokeColor()),
                int(roi.getType()),
            )
            for roi in (overlay.toArray() if overlay is not None else [])
        ],
        "info": str(imp.getProperty("Info")),
        "labels": [str(imp.getStack().getSliceLabel(index)) for index in range(1, imp.getNChannels() + 1)],
        "size": str(imp.getCalibration()),
        "dimensions": [int(length) for length in imp.getDimensions()],
        "hyperstack": bool(imp.isHyperStack()),
        "title": str(imp.getTitle()),
    }


def rendered(imp: Any) -> np.ndarray[Any, Any]:
    """The pixels as ImageJ would draw them."""
    return (
        np.array(imp.flatten().getProcessor().getPixels())
        if imp.getOverlay() is None
        else np.array(imp.getImage().getRGB(0, 0, imp.getWidth(), imp.getHeight(), None, 0, imp.getWidth()))
    )


@pytest.mark.parametrize("way", ["image", "xarray"])
def test_a_composite_hyperstack_comes_back_as_it_was(gateway: Gateway, composite: Any, way: str) -> None:
    between = gateway.to_image(composite) if way == "image" else gateway.to_xarray(composite)
    back = gateway.to_imageplus(between)
    assert shown(back) == shown(composite)
    np.testing.assert_array_equal(gateway.to_array(back), gateway.to_array(composite))


@pytest.mark.parametrize("mode", [1, 2, 3])
def test_the_mode_and_every_channel_are_drawn_alike(gateway: Gateway, composite: Any, mode: int) -> None:
    composite.setMode(mode)
    back = gateway.to_imageplus(gateway.to_image(composite))
    for channel in (1, 2, 3):
        for imp in (composite, back):
            imp.setPosition(channel, 2, 2)
            imp.updateImage()
        np.testing.assert_array_equal(rendered(back), rendered(composite))


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
@pytest.mark.parametrize("shape", [(5, 7), (3, 5, 7)])
def test_a_plain_image_keeps_its_colours_and_range(gateway, java, dtype, shape):
    imp = gateway.to_imageplus(
        Image((np.arange(np.prod(shape)) % 251).reshape(shape).astype(dtype), "ZYX"[-len(shape) :])
    )
    imp.setLut(java("ij.process.LUT").createLutFromColor(java("java.awt.Color").green))
    imp.setDisplayRange(12, 99)
    back = gateway.to_imageplus(gateway.to_xarray(imp))
    assert shown(back) == shown(imp)
    assert (back.getDisplayRangeMin(), back.getDisplayRangeMax()) == (12, 99)


def test_an_inverting_lut_stays_one(gateway, java):
    imp = gateway.to_imageplus(Image(np.zeros((5, 7), np.uint8), "YX", inverting_lut=True))
    assert imp.isInvertedLut()
    back = gateway.to_imageplus(gateway.to_xarray(imp))
    assert back.isInvertedLut()
    assert gateway.to_image(back).inverting_lut


def test_channels_that_are_no_composite_stay_so(gateway, java):
    stack = java("ij.ImageStack")(7, 5)
    for value in (1, 2):
        processor = java("ij.process.ByteProcessor")(7, 5)
        processor.add(value)
        stack.addSlice(processor)
    imp = java("ij.ImagePlus")("two", stack)
    imp.setDimensions(2, 1, 1)
    back = gateway.to_imageplus(gateway.to_image(imp))
    assert not back.isComposite()
    assert back.getNChannels() == 2


def test_rgb_keeps_its_overlay(gateway, java):
    imp = gateway.to_imageplus(Image(np.zeros((5, 7, 3), np.uint8), "YXS"))
    imp.setOverlay(java("ij.gui.Overlay")(java("ij.gui.Roi")(1, 1, 3, 2)))
    back = gateway.to_imageplus(gateway.to_xarray(imp))
    assert back.getBitDepth() == 24
    assert [str(roi) for roi in back.getOverlay().toArray()] == [str(roi) for roi in imp.getOverlay().toArray()]


def test_a_result_does_not_inherit_what_the_input_showed(gateway, composite):
    image = gateway.to_image(composite)
    assert image.display is not None
    assert image.replace(array=np.zeros((5, 7)), axes="YX", name="other").display is None
