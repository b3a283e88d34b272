"""``PyBridge Evaluate`` in ImageJ: two open images or files in; a Results row, and images of the errors, out."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path

from pybridge.commands.evaluate import Evaluate
from pybridge.commands.macro_options import parse_macro_options
from pybridge.commands.model_command import check_record_path
from pybridge.commands.named_image import path_of_named
from pybridge.core.image import Image
from pybridge.core.imagej_record import record_with_imagej
from pybridge.core.record import RunRecord
from pybridge.core.results import EvaluationResult
from pybridge.imagej.convert import image_to_imageplus, imageplus_to_image
from pybridge.imagej.images import active_image, image_with_title, unique_title
from pybridge.imagej.jvm import JavaObject, java_class
from pybridge.imagej.open_image import check_source
from pybridge.imagej.status import shown_in_status_bar
from pybridge.imagej.tables import append_to_results
from pybridge.imagej.variables import resolve_variables


@dataclass(frozen=True, slots=True, eq=False)
class EvaluatedImagePlus:
    """What scoring gave: images of the errors, not shown yet, and the run record."""

    errors: tuple[JavaObject, ...]
    record: RunRecord


def evaluate_from_macro(options: str | None) -> None:
    """Answer ``run("PyBridge Evaluate", options)``: a row in Results; images of errors, when asked for, are active."""
    request = parse_macro_options(Evaluate, resolve_variables(Evaluate, options))
    for shown in evaluate_in_imagej(request).errors:
        shown.show()


def evaluate_in_imagej(request: Evaluate) -> EvaluatedImagePlus:
    """Score what a macro names: each an open title first, then a path; the result is the active image by default.

    A row is appended to the Results table, the record goes into the "Info" of the images made and to the path in
    ``request.record``. The images that were compared stay as they are.

    Returns
    -------
    EvaluatedImagePlus
        The images made, not shown.

    Raises
    ------
    ImageError, UsageError
        If no image is open, or the two do not fit together.
    OutputExistsError
        If the file for the record is there already.
    """
    truth = request.named_truth()
    check_record_path(request.record)
    opened: list[JavaObject] = []
    result: Image | Path
    if request.result is None:
        imp = active_image(f'run("{Evaluate.macro_name}", "truth=[{truth}]")')
        result = _from_imageplus(imp, opened)
    else:
        result = _named(request.result, opened)
    expected = _named(truth, opened)
    raw = None if request.raw is None else _named(request.raw, opened)
    with shown_in_status_bar():
        done = request.run(result, expected, raw=raw)
    if request.table:
        append_to_results(done.table)
    return _shown(done, request, selected=any(imp.getRoi() is not None for imp in opened))


def _named(named: str, opened: list[JavaObject]) -> Image | Path:
    imp = image_with_title(named)
    return path_of_named(named) if imp is None else _from_imageplus(imp, opened)


def _from_imageplus(imp: JavaObject, opened: list[JavaObject]) -> Image:
    check_source(imp)
    opened.append(imp)
    return imageplus_to_image(imp)


def _shown(done: EvaluationResult, request: Evaluate, *, selected: bool) -> EvaluatedImagePlus:
    titles = {"table": "Results"}
    pictures = []
    for role, image in done.pictures():
        titles[role] = unique_title(image.name)
        picture = image_to_imageplus(dataclasses.replace(image, name=titles[role], info=""))
        if not image.is_rgb:
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
    if request.record is not None:
        from pybridge.files.write import write_text

        write_text(Path(request.record), record.to_json())
    for picture in pictures:
        picture.setProperty("Info", record.to_json())
    if record.warnings:
        java_class("ij.IJ").log(f"{Evaluate.macro_name}: {'; '.join(record.warnings)}")
    return EvaluatedImagePlus(tuple(pictures), record)
