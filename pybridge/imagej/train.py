"""``PyBridge Train`` in ImageJ: from folders, or from ROIs painted in the active image, to a model of one's own."""

from __future__ import annotations

import dataclasses
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from pybridge.commands.macro_options import parse_macro_options
from pybridge.commands.train import Train
from pybridge.core.errors import ImageError
from pybridge.core.image import Image
from pybridge.imagej.convert import imageplus_to_image
from pybridge.imagej.images import active_image
from pybridge.imagej.jvm import JavaObject, java_class
from pybridge.imagej.status import shown_in_status_bar
from pybridge.imagej.variables import resolve_variables

if TYPE_CHECKING:
    from pybridge.training.finish import TrainedModel
    from pybridge.training.painted import PaintedPlane


def train_from_macro(options: str | None) -> None:
    """Answer ``run("PyBridge Train", options)``: the model can be named in the macro's next line.

    With ``images`` and ``labels``, or a ``config``, files are learnt from. Otherwise it is the active image: its
    overlay, else the ROI Manager, holds its objects; a rectangle selected says which part of it was painted.
    """
    request = parse_macro_options(Train, resolve_variables(Train, options))
    with shown_in_status_bar():
        if request.config is None and request.images is None and request.labels is None:
            trained = _train_on_painted(request, active_image(f'run("{Train.macro_name}", "from={request.from_}")'))
        else:
            trained = request.run()
    for line in trained.summary():
        java_class("ij.IJ").log(line)


def _train_on_painted(request: Train, imp: JavaObject) -> TrainedModel:
    from pybridge.training.painted import write_painted

    planes = _painted_planes(imp)
    # Private to this user, and gone when the training ends: the record keeps names and hashes.
    with tempfile.TemporaryDirectory(prefix="pybridge-train-") as made:
        folder = Path(made)
        write_painted(planes, folder)
        files = dataclasses.replace(
            request,
            images=str(folder / "images"),
            labels=str(folder / "labels"),
            index=str(folder / "index.csv"),
            group_column="group",
            split_column="side",
        )
        return files.run()


def _painted_planes(imp: JavaObject) -> list[PaintedPlane]:
    """Take the planes on which there are ROIs, cut to the selected rectangle."""
    from pybridge.files.roi_labels import rois_to_labels
    from pybridge.training.painted import PaintedPlane

    image = imageplus_to_image(imp)
    rois = _rois_of(imp)
    stack = image.tzcyx()
    frames, slices, channels, height, width = stack.shape
    shape = (frames, slices, height, width)
    labels = rois_to_labels(rois, shape=shape, axes="TZYX", channels=channels)
    window = _selected_window(imp, height=height, width=width)
    planes = []
    for t, z in np.argwhere(labels.any((2, 3))).tolist():
        pixels = stack[t, z] if channels > 1 else stack[t, z, 0]
        place = (f" t{t + 1}" if frames > 1 else "") + (f" z{z + 1}" if slices > 1 else "")
        name = f"{imp.getShortTitle()}{place}"
        planes.append(PaintedPlane(name, pixels[(..., *window)], labels[t, z][window], _flat(image)))
    return planes


def _flat(image: Image) -> Any:
    """Give the calibration of a part of a plane: no origin, no depth, no time."""
    size = image.calibration
    return dataclasses.replace(size, z=1.0, origin_x=0.0, origin_y=0.0, origin_z=0.0, frame_interval=0.0)


def _rois_of(imp: JavaObject) -> list[Any]:
    """Give the ROIs of the overlay, else of the ROI Manager, as files hold them."""
    from roifile import ImagejRoi

    overlay = imp.getOverlay()
    found = [] if overlay is None else list(overlay.toArray())
    if not found and not bool(java_class("java.awt.GraphicsEnvironment").isHeadless()):
        manager = java_class("ij.plugin.frame.RoiManager").getInstance()
        found = [] if manager is None else list(manager.getRoisAsArray())
    if not found:
        raise ImageError(
            f"train on {str(imp.getTitle())!r}",
            found="no object is painted: neither its overlay nor the ROI Manager has ROIs",
            do="outline every object of a part of the image and add them (Ctrl-B or t), or give images= and labels=",
        )
    encoder = java_class("ij.io.RoiEncoder")
    return [ImagejRoi.frombytes(bytes(encoder.saveAsByteArray(roi))) for roi in found]


def _selected_window(imp: JavaObject, *, height: int, width: int) -> tuple[slice, slice]:
    """Give the selected rectangle; the whole plane when nothing is selected."""
    roi = imp.getRoi()
    if roi is None:
        return slice(0, height), slice(0, width)
    if int(roi.getType()) != int(java_class("ij.gui.Roi").RECTANGLE):
        raise ImageError(
            f"train on {str(imp.getTitle())!r}",
            found="the selection is no rectangle",
            do="select the painted part with a rectangle, or nothing for the whole image",
        )
    box = roi.getBounds()
    top, left = max(int(box.y), 0), max(int(box.x), 0)
    return slice(top, min(int(box.y + box.height), height)), slice(left, min(int(box.x + box.width), width))
