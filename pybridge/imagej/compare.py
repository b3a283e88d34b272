"""``PyBridge Compare`` in ImageJ: images or a folder in; overlays, Results rows and words in the Log out."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

from pybridge.commands.compare import Compare
from pybridge.commands.macro_options import parse_macro_options
from pybridge.commands.model_command import check_record_path
from pybridge.commands.named_image import check_no_title
from pybridge.core.comparison import ComparisonResult
from pybridge.core.imagej_record import record_with_imagej
from pybridge.core.record import RunRecord
from pybridge.imagej.convert import image_to_imageplus
from pybridge.imagej.images import active_image, image_with_title, open_images, unique_title
from pybridge.imagej.jvm import JavaObject, java_class
from pybridge.imagej.legend import add_legend
from pybridge.imagej.named_images import Given, NamedImages, is_imageplus
from pybridge.imagej.record import write_record_last
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
    check_no_title(request.images, [str(imp.getTitle()) for imp in open_images()])
    images = []
    if request.images is None:
        images.append(active_image(f'run("{Compare.macro_name}", "model=[{",".join(request.model)}]")'))
    compare_in_imagej(images, request).overlays.show()


def compare_in_imagej(images: Sequence[Given], request: Compare, *, truths: Sequence[Given] = ()) -> ComparedImagePlus:
    """Compare methods on images, or on the files of the folder that ``request.images`` names.

    A row for each method is appended to the Results table, verdicts and caveats go to the Log, the record into the
    "Info" of the stack and to the path in ``request.record``. The input stays as it is.

    Parameters
    ----------
    images : sequence of ij.ImagePlus, Image, array, path or str
        Texts are titles of open images first, then files, folders or globs. Empty when ``request.images`` names a
        folder.
    request : Compare
        Checked parameters.
    truths : sequence of the same
        Ground truth, one for each image; default what ``request.truth`` names: an open title first, then a path.

    Returns
    -------
    ComparedImagePlus
        The stack of overlays, a slice for each method; not shown.

    Raises
    ------
    ImageError, UsageError
        If images and truths do not fit together.
    OutputError
        If the record cannot be written: before any work; or, if its place was lost meanwhile, when all is shown.
    """
    check_record_path(request.record)
    named = NamedImages()
    taken = [named.take(image) for image in images]
    selected = named.selected
    only: JavaObject | None = images[0] if len(images) == 1 and is_imageplus(images[0]) else None
    if not truths and request.truth is not None:
        found = image_with_title(request.truth, besides=only)
        truths = () if found is None else (found,)
    expected = [named.take(truth, besides=only) for truth in truths]
    with shown_in_status_bar():
        result = request.run_on_open(taken, truths=expected)
    return _shown(result, request, name=None if only is None else str(only.getShortTitle()), selected=selected)


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
    overlays.setProperty("Info", record.to_json())
    append_to_results(result.table)
    log = java_class("ij.IJ").log
    for line in (*comparison_lines(result.comparison), *record.warnings):
        log(line)
    write_record_last(record, request.record, images=[overlays])
    return ComparedImagePlus(dataclasses.replace(result, record=record), overlays, record)
