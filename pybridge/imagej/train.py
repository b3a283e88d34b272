"""``PyBridge Train`` in ImageJ: from folders, or from ROIs painted in the active image, to a model of one's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pybridge.commands.macro_options import parse_macro_options
from pybridge.commands.train import Train
from pybridge.core.errors import ImageError
from pybridge.imagej.convert import imageplus_to_image
from pybridge.imagej.display import roi_to_bytes
from pybridge.imagej.images import active_image
from pybridge.imagej.jvm import JavaObject, java_class
from pybridge.imagej.status import shown_in_status_bar
from pybridge.imagej.variables import resolve_variables

if TYPE_CHECKING:
    from pybridge.training.finish import TrainedModel


def train_from_macro(options: str | None) -> None:
    """Answer ``run("PyBridge Train", options)``: the model can be named in the macro's next line.

    With ``images`` and ``labels``, or a ``config``, files are learnt from. Otherwise it is the active image: its
    overlay, else the ROI Manager, holds its objects; a rectangle selected says which part of it was painted.
    """
    request = parse_macro_options(Train, resolve_variables(Train, options))
    with shown_in_status_bar():
        if request.learns_from_files:
            trained = request.run()
        else:
            trained = _train_on_painted(request, active_image(f'run("{Train.macro_name}", "from={request.from_}")'))
    for line in trained.summary():
        java_class("ij.IJ").log(line)


def _train_on_painted(request: Train, imp: JavaObject) -> TrainedModel:
    from pybridge.training.painted_image import planes_of_painting

    image = imageplus_to_image(imp)
    planes = planes_of_painting(image, _rois_of(imp), name=str(imp.getShortTitle()), window=_selected_window(imp))
    return request.run_on_painting(planes)


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
    return [ImagejRoi.frombytes(roi_to_bytes(roi)) for roi in found]


def _selected_window(imp: JavaObject) -> tuple[int, int, int, int] | None:
    """Give left, top, width and height of the selected rectangle; None when nothing is selected."""
    roi = imp.getRoi()
    if roi is None:
        return None
    if int(roi.getType()) != int(java_class("ij.gui.Roi").RECTANGLE):
        raise ImageError(
            f"train on {str(imp.getTitle())!r}",
            found="the selection is no rectangle",
            do="select the painted part with a rectangle, or nothing for the whole image",
        )
    box = roi.getBounds()
    return int(box.x), int(box.y), int(box.width), int(box.height)
