"""``PyBridge Predict`` in ImageJ: ImagePlus in; an image for each output tensor, and the record, out."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from pybridge.commands.macro_options import parse_macro_options
from pybridge.commands.model_command import check_record_path
from pybridge.commands.predict import Predict
from pybridge.core.record import RunRecord
from pybridge.imagej.convert import image_to_imageplus, imageplus_to_image
from pybridge.imagej.images import active_image, unique_title
from pybridge.imagej.jvm import JavaObject, java_class
from pybridge.imagej.open_image import check_source
from pybridge.imagej.record import record_in_imagej, write_record_last
from pybridge.imagej.status import shown_in_status_bar
from pybridge.imagej.variables import resolve_variables


@dataclass(frozen=True, slots=True, eq=False)
class PredictedImagePlus:
    """What predicting an ImagePlus gave: an image for each output tensor, not shown yet, and the run record."""

    outputs: tuple[JavaObject, ...]
    record: RunRecord


def predict_active_image(options: str | None) -> None:
    """Answer ``run("PyBridge Predict", options)``: the first output is the active image afterwards."""
    request = parse_macro_options(Predict, resolve_variables(Predict, options))
    imp = active_image(f'run("{Predict.macro_name}", "model={request.model}")')
    for output in reversed(predict_imageplus(imp, request).outputs):
        output.show()


def predict_imageplus(imp: JavaObject, request: Predict) -> PredictedImagePlus:
    """Predict an ImagePlus.

    The record goes into the "Info" of each output and to the path in ``request.record``. The input stays as it is.

    Parameters
    ----------
    imp : ij.ImagePlus
        The image.
    request : Predict
        Checked parameters.

    Returns
    -------
    PredictedImagePlus
        The images made, 32-bit, titled ``<short title>-<tensor id>``, not shown.

    Raises
    ------
    OutputError
        If the record cannot be written: before any work; or, if its place was lost meanwhile, when all is shown.
    """
    check_record_path(request.record)
    check_source(imp)
    image = imageplus_to_image(imp)
    with shown_in_status_bar():
        result = request.run(image)
    titles: dict[str, str] = {}
    outputs = []
    for made, output in zip(result.record.outputs, result.outputs, strict=True):
        titles[made.role] = unique_title(f"{imp.getShortTitle()}-{made.role}")
        outputs.append(image_to_imageplus(dataclasses.replace(output, name=titles[made.role], info="")))
        outputs[-1].resetDisplayRange()
    record = record_in_imagej(result.record, imp, titles=titles, done="predicted")
    for shown in outputs:
        shown.setProperty("Info", record.to_json())
    if record.warnings:
        java_class("ij.IJ").log(f"{Predict.macro_name}, {imp.getTitle()}: {'; '.join(record.warnings)}")
    write_record_last(record, request.record, images=reversed(outputs))
    return PredictedImagePlus(tuple(outputs), record)
