"""``PyBridge Evaluate`` in ImageJ: two open images or files in; a Results row, and images of the errors, out."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from pybridge.commands.evaluate import Evaluate
from pybridge.commands.macro_options import parse_macro_options
from pybridge.commands.model_command import check_record_path
from pybridge.core.imagej_record import record_with_imagej
from pybridge.core.record import RunRecord
from pybridge.core.results import EvaluationResult
from pybridge.imagej.convert import image_to_imageplus
from pybridge.imagej.images import active_image, unique_title
from pybridge.imagej.jvm import JavaObject, java_class
from pybridge.imagej.legend import add_legend
from pybridge.imagej.named_images import Given, NamedImages, is_imageplus
from pybridge.imagej.record import write_record_last
from pybridge.imagej.status import shown_in_status_bar
from pybridge.imagej.tables import append_to_results
from pybridge.imagej.variables import resolve_variables


@dataclass(frozen=True, slots=True, eq=False)
class EvaluatedImagePlus:
    """What scoring gave: the result with its scores, images of the errors, not shown yet, and the run record."""

    result: EvaluationResult
    errors: tuple[JavaObject, ...]
    record: RunRecord


def evaluate_from_macro(options: str | None) -> None:
    """Answer ``run("PyBridge Evaluate", options)``: a row in Results; images of errors, when asked for, are active."""
    request = parse_macro_options(Evaluate, resolve_variables(Evaluate, options))
    truth = request.named_truth()
    given: Given | None = request.result
    if given is None:
        given = active_image(f'run("{Evaluate.macro_name}", "truth=[{truth}]")')
    for shown in evaluate_in_imagej(given, truth, request, raw=request.raw).errors:
        shown.show()


def evaluate_in_imagej(
    result: Given,
    truth: Given,
    request: Evaluate,
    *,
    raw: Given | None = None,
) -> EvaluatedImagePlus:
    """Score a result in ImageJ.

    A row is appended to the Results table, the record goes into the "Info" of the images made and to the path in
    ``request.record``. The images that were compared stay as they are.

    Parameters
    ----------
    result, truth, raw : ij.ImagePlus, Image, array, path or str
        Texts are titles of open images first, then paths; of two images of one title the truth is not the result.
    request : Evaluate
        Checked parameters.

    Returns
    -------
    EvaluatedImagePlus
        The images made, not shown.

    Raises
    ------
    ImageError, UsageError
        If the images do not fit together.
    OutputError
        If the record cannot be written: before any work; or, if its place was lost meanwhile, when all is shown.
    """
    check_record_path(request.record)
    images = NamedImages()
    besides = result if is_imageplus(result) else None
    given = images.take(result)
    expected = images.take(truth, besides=besides)
    before = None if raw is None else images.take(raw, besides=besides)
    with shown_in_status_bar():
        done = request.run(given, expected, raw=before)
    return _shown(done, request, selected=images.selected)


def _shown(done: EvaluationResult, request: Evaluate, *, selected: bool) -> EvaluatedImagePlus:
    from pybridge.reporting.error_image import LEGEND

    titles = {"table": "Results"}
    pictures = []
    for role, image in done.pictures():
        titles[role] = unique_title(image.name)
        picture = image_to_imageplus(dataclasses.replace(image, name=titles[role], info=""))
        if image.is_rgb:
            add_legend(picture, LEGEND)
        else:
            picture.resetDisplayRange()
        pictures.append(picture)
    record = record_with_imagej(
        done.record,
        titles=titles,
        imagej=str(java_class("ij.IJ").getVersion()),
        java=str(java_class("java.lang.System").getProperty("java.version")),
        selected=selected,
        done="scored",
    )
    for picture in pictures:
        picture.setProperty("Info", record.to_json())
    if request.table:
        append_to_results(done.table)
    if record.warnings:
        java_class("ij.IJ").log(f"{Evaluate.macro_name}: {'; '.join(record.warnings)}")
    write_record_last(record, request.record, images=pictures)
    return EvaluatedImagePlus(dataclasses.replace(done, record=record), tuple(pictures), record)
