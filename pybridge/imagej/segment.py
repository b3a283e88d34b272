"""``PyBridge Segment`` in ImageJ: ImagePlus in; label image, Results rows, ROIs and record out."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from pybridge.commands.macro_options import parse_macro_options
from pybridge.commands.model_command import failure_to_write
from pybridge.commands.named_image import path_of_named
from pybridge.commands.segment import Segment
from pybridge.commands.segment_files import SegmentFiles, segment_files
from pybridge.core.image import Image
from pybridge.core.record import OutputMade, RunRecord
from pybridge.core.results import SegmentationResult
from pybridge.imagej.convert import image_to_imageplus, imageplus_to_image
from pybridge.imagej.images import active_image, image_with_title, unique_title
from pybridge.imagej.jvm import JavaObject, java_class
from pybridge.imagej.labels import labels_to_imageplus
from pybridge.imagej.open_image import check_source
from pybridge.imagej.record import record_in_imagej, show_before_failure, write_record_last
from pybridge.imagej.rois import labels_to_rois, set_overlay
from pybridge.imagej.status import shown_in_status_bar
from pybridge.imagej.tables import append_to_results
from pybridge.imagej.variables import resolve_variables
from pybridge.reporting.detection_text import detection_lines
from pybridge.reporting.roi_zip import cap_rois, write_roi_zip


@dataclass(frozen=True, slots=True, eq=False)
class SegmentedImagePlus:
    """What segmenting an ImagePlus gave: images that are not shown yet, and the run record."""

    labels: JavaObject
    probability: JavaObject | None
    record: RunRecord


def segment_active_image(options: str | None) -> None:
    """Answer ``run("PyBridge Segment", options)``: the label image is the active image afterwards."""
    request = parse_macro_options(Segment, resolve_variables(Segment, options))
    imp = active_image(f'run("{Segment.macro_name}", "model={request.model}")')
    outputs = segment_imageplus(imp, request)
    if outputs.probability is not None:
        outputs.probability.show()
    outputs.labels.show()


def segment_imageplus(imp: JavaObject, request: Segment, *, truth: Image | None = None) -> SegmentedImagePlus:
    """Segment an ImagePlus.

    Rows are appended to the Results table, the record goes into the "Info" of the label image and to the path in
    ``request.record``. The input stays as it is, its overlay and selection too.

    Parameters
    ----------
    imp : ij.ImagePlus
        The image.
    request : Segment
        Checked parameters.
    truth : Image, optional
        Ground-truth labels; default what ``request.truth`` names: an open title first, then a path.

    Returns
    -------
    SegmentedImagePlus
        The images made, not shown.
    """
    files = _check_outputs(imp, request)
    check_source(imp)
    image = imageplus_to_image(imp)
    with shown_in_status_bar():
        expected = truth if truth is not None else _find_truth(request.truth, besides=imp, like=image)
        result = request.run(image, truth=expected).result
    labels = labels_to_imageplus(result.labels, source=imp)
    probability = None
    if result.probability is not None:
        title = unique_title(f"{imp.getShortTitle()}-probability")
        probability = image_to_imageplus(dataclasses.replace(result.probability, name=title, info=""))
        probability.setDisplayRange(0.0, 1.0)
    too_many: tuple[str, ...] = ()
    if request.rois in ("overlay", "manager"):
        rois, too_many = cap_rois(labels_to_rois(result.labels, imp=labels))
        set_overlay(labels, rois) if request.rois == "overlay" else _add_to_manager(rois)
    record = _finished_record(result, imp, labels=labels, probability=probability).with_warnings(*too_many)
    failure = None
    if files.rois is not None:
        zipped, channels = files.rois, image.size_of("C")
        failure = failure_to_write(zipped, lambda: write_roi_zip(zipped, result.labels, channels=channels))
        if failure is None:
            record = record.with_outputs(OutputMade("rois", zipped.name, ""))
    shown = [labels] if probability is None else [probability, labels]
    for made in shown:
        made.setProperty("Info", record.to_json())
    if request.table:
        append_to_results(result.objects)
    for told in (record.warnings, detection_lines(record.scores)):
        if told:
            java_class("ij.IJ").log(f"{Segment.macro_name}, {imp.getTitle()}: {'; '.join(told)}")
    write_record_last(record, files.record, images=shown)
    show_before_failure(failure, shown)
    return SegmentedImagePlus(labels, probability, record)


def _check_outputs(imp: JavaObject, request: Segment) -> SegmentFiles:
    source = imp.getOriginalFileInfo()
    return segment_files(
        request,
        title=str(imp.getTitle()),
        short_title=str(imp.getShortTitle()),
        folder="" if source is None else str(source.directory or ""),
        headless=_is_headless(),
    )


def _find_truth(named: str | None, *, besides: JavaObject, like: Image) -> Image | None:
    """Find ground truth by the title of an open image, else by path."""
    if named is None:
        return None
    imp = image_with_title(named, besides=besides)
    if imp is not None:
        check_source(imp)
        return imageplus_to_image(imp)
    from pybridge.tasks.truth import open_truth

    return open_truth(path_of_named(named), like=like)


def _finished_record(
    result: SegmentationResult, imp: JavaObject, *, labels: JavaObject, probability: JavaObject | None
) -> RunRecord:
    """Add to the record what only this door knows: titles, versions of ImageJ and Java, a selection not used."""
    titles = {"labels": str(labels.getTitle()), "objects": "Results"}
    if probability is not None:
        titles["probability"] = str(probability.getTitle())
    return record_in_imagej(result.record, imp, titles=titles, done="segmented")


def _add_to_manager(rois: list[JavaObject]) -> None:
    manager = java_class("ij.plugin.frame.RoiManager").getRoiManager()
    for roi in rois:
        manager.addRoi(roi)


def _is_headless() -> bool:
    return bool(java_class("java.awt.GraphicsEnvironment").isHeadless())
