"""``PyBridge Train`` in ImageJ: from folders, or from ROIs on the active image, to a model of one's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pybridge.commands.macro_options import parse_macro_options
from pybridge.commands.train import Train, lines_of
from pybridge.core.errors import ImageError
from pybridge.imagej.convert import imageplus_to_image
from pybridge.imagej.display import roi_to_bytes
from pybridge.imagej.images import active_image
from pybridge.imagej.jvm import JavaObject, java_class
from pybridge.imagej.status import shown_in_status_bar
from pybridge.imagej.variables import resolve_variables

if TYPE_CHECKING:
    from pybridge.training.finish import TrainedModel
    from pybridge.training.forest_record import TrainedForest


def train_from_macro(options: str | None) -> None:
    """Answer ``run("PyBridge Train", options)``: the model can be named in the macro's next line.

    With ``images`` and ``labels`` or ``scribbles``, or a ``config``, files are learnt from. Otherwise it is the active
    image: its overlay, else the ROI Manager, holds its objects, and a rectangle selected says which part of it was
    painted; for a forest they are scribbles.
    """
    request = parse_macro_options(Train, resolve_variables(Train, options))
    with shown_in_status_bar():
        if request.learns_from_files:
            trained = request.run()
        else:
            trained = _train_on_painted(request, active_image(f'run("{Train.macro_name}", "from={request.from_}")'))
    for line in lines_of(trained):
        java_class("ij.IJ").log(line)


def _train_on_painted(request: Train, imp: JavaObject) -> TrainedModel | TrainedForest:
    request.check_start()
    rois = _rois_of(imp, request)
    window = None if request.is_forest else _selected_window(imp)
    return request.run_on_painting(imageplus_to_image(imp), rois, name=str(imp.getShortTitle()), window=window)


def _rois_of(imp: JavaObject, request: Train) -> list[Any]:
    """Give the ROIs of the overlay, else of the ROI Manager, as files hold them."""
    from roifile import ImagejRoi

    overlay = imp.getOverlay()
    found = [] if overlay is None else list(overlay.toArray())
    if not found and not bool(java_class("java.awt.GraphicsEnvironment").isHeadless()):
        manager = java_class("ij.plugin.frame.RoiManager").getInstance()
        found = [] if manager is None else list(manager.getRoisAsArray())
    if not found:
        raise request.nothing_painted(str(imp.getTitle()))
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
