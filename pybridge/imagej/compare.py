"""``PyBridge Compare`` in ImageJ: the active image or a folder in; overlays, Results rows and words in the Log out."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path

from pybridge.commands.compare import Compare
from pybridge.commands.macro_options import parse_macro_options
from pybridge.commands.model_command import check_record_path
from pybridge.core.comparison import ComparisonResult
from pybridge.core.image import Image
from pybridge.core.imagej_record import record_with_imagej
from pybridge.core.record import RunRecord
from pybridge.imagej.convert import image_to_imageplus, imageplus_to_image
from pybridge.imagej.images import active_image, image_with_title, unique_title
from pybridge.imagej.jvm import JavaObject, java_class
from pybridge.imagej.legend import add_legend
from pybridge.imagej.open_image import check_source
from pybridge.imagej.status import shown_in_status_bar
from pybridge.imagej.tables import append_to_results
from pybridge.imagej.variables import resolve_variables


@dataclass(frozen=True, slots=True, eq=False)
class ComparedImagePlus:
    """What comparing gave: scores and places, the stack of overlays, not shown yet, and the run record."""

    result: ComparisonResult
    overlays: JavaObject
    record: RunRecord


def compare_from_macro(options: str | None) -> None:
    """Answer ``run("PyBridge Compare", options)``: the stack of overlays is the active image afterwards."""
    request = parse_macro_options(Compare, resolve_variables(Compare, options))
    imp = None
    if request.images is None:
        imp = active_image(f'run("{Compare.macro_name}", "model=[{",".join(request.model)}]")')
    compare_in_imagej(imp, request).overlays.show()


def compare_in_imagej(
    imp: JavaObject | None, request: Compare, *, truth: JavaObject | Image | None = None
) -> ComparedImagePlus:
    """Compare methods on an image, or on the files of the folder that ``images`` names.

    A row for each method is appended to the Results table, verdicts and caveats go to the Log, the record into the
    "Info" of the stack and to the path in ``request.record``. The input stays as it is.

    Parameters
    ----------
    imp : ij.ImagePlus or None
        The image; None when ``request.images`` names a folder.
    request : Compare
        Checked parameters.
    truth : ij.ImagePlus or Image, optional
        Ground truth; default what ``request.truth`` names: an open title first, then a path.

    Returns
    -------
    ComparedImagePlus
        The stack of overlays, a slice for each method; not shown.

    Raises
    ------
    ImageError, UsageError
        If images and truth do not fit together.
    OutputExistsError
        If the file for the record is there already.
    """
    check_record_path(request.record)
    selected, name = False, None
    active: Image | None = None
    if imp is not None:
        check_source(imp)
        selected = imp.getRoi() is not None
        active, name = imageplus_to_image(imp), str(imp.getShortTitle())
    if truth is None and request.truth is not None:
        truth = image_with_title(request.truth, besides=imp)
    if truth is not None and not isinstance(truth, Image):
        check_source(truth)
    expected = truth if truth is None or isinstance(truth, Image) else imageplus_to_image(truth)
    with shown_in_status_bar():
        result = request.run_on_open(active, truth=expected)
    append_to_results(result.table)
    return _shown(result, request, name=name, selected=selected)


def _shown(result: ComparisonResult, request: Compare, *, name: str | None, selected: bool) -> ComparedImagePlus:
    from pybridge.reporting.comparison_stack import overlay_stack
    from pybridge.reporting.comparison_text import comparison_lines

    made = overlay_stack(result)
    title = unique_title(made.image.name if name is None else f"{name}-comparison")
    overlays = image_to_imageplus(dataclasses.replace(made.image, name=title, info=""))
    for number, label in enumerate(made.labels, start=1):
        overlays.getStack().setSliceLabel(label, number)
    add_legend(overlays, made.legend)
    if made.display is not None:
        overlays.setDisplayRange(*made.display)
    record = record_with_imagej(
        result.record.with_outputs(*made.outputs()),
        titles={"overlays": title, "table": "Results"},
        imagej=str(java_class("ij.IJ").getVersion()),
        java=str(java_class("java.lang.System").getProperty("java.version")),
        selected=selected,
        done="compared",
    )
    if request.record is not None:
        from pybridge.files.write import write_text

        write_text(Path(request.record), record.to_json())
    overlays.setProperty("Info", record.to_json())
    log = java_class("ij.IJ").log
    for line in (*comparison_lines(result.comparison), *record.warnings):
        log(line)
    return ComparedImagePlus(dataclasses.replace(result, record=record), overlays, record)
