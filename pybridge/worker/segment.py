"""``PyBridge Segment`` for Fiji: the same outputs as in ImageJ that Python started, described for the wire."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from pybridge.commands.model_command import failure_to_write
from pybridge.commands.named_image import path_of_named
from pybridge.commands.segment import Segment
from pybridge.commands.segment_files import SegmentFiles, segment_files
from pybridge.core.image import Image
from pybridge.core.imagej_record import record_with_imagej
from pybridge.core.label_colours import display_maximum, label_colours
from pybridge.core.record import OutputMade
from pybridge.core.titles import title_beside
from pybridge.reporting.detection_text import detection_lines
from pybridge.reporting.roi_zip import cap_rois, labels_to_rois, write_roi_zip
from pybridge.worker.codec import Answer, ImagePlusForm, ShownImage
from pybridge.worker.work import (
    ACTIVE,
    CallOptions,
    Fiji,
    GivenImage,
    Painting,
    require_active,
    write_record_last,
)


@dataclass(frozen=True, slots=True)
class SegmentWork:
    """One call."""

    request: Segment
    form: ImagePlusForm
    fiji: Fiji
    files: SegmentFiles
    truth: tuple[GivenImage, ...] = ()
    needs_painting: bool = False

    @property
    def needs(self) -> tuple[str, ...]:
        """The active image, and the one that may hold the truth."""
        truth = self._truth_key
        return (ACTIVE,) if truth is None else (ACTIVE, truth)

    @property
    def _truth_key(self) -> str | None:
        return self.truth[0].key if self.truth else self.request.truth

    def run(self, images: Mapping[str, Image], painting: Painting | None) -> Answer:
        """Segment."""
        result = self.request.run(images[ACTIVE], truth=self._truth(images)).result
        form, fiji = self.form, self.fiji
        titles = {"labels": title_beside(f"{form.short_title}-labels", fiji.titles), "objects": "Results"}
        shown = []
        if result.probability is not None:
            titles["probability"] = title_beside(f"{form.short_title}-probability", fiji.titles)
            probability = dataclasses.replace(result.probability, name=titles["probability"], info="")
            shown.append(ShownImage("probability", probability, _is_hyperstack(probability), display=(0.0, 1.0)))
        labels = dataclasses.replace(result.labels, name=titles["labels"], channel_names=(), info="")
        pixels = np.asarray(labels.array)
        highest = display_maximum(float(pixels.max(initial=0)), bits=pixels.dtype.itemsize * 8)
        stack = form.hyperstack and form.slices * form.frames > 1
        shown.append(ShownImage("labels", labels, stack, display=(0.0, highest), colours=label_colours()))
        record = record_with_imagej(
            result.record,
            titles=titles,
            imagej=fiji.imagej,
            java=fiji.java,
            selected=form.selected,
            done="segmented",
        )
        rois: tuple[bytes, ...] = ()
        if self.request.rois in ("overlay", "manager"):
            outlines, warnings = cap_rois(labels_to_rois(labels))
            rois, record = tuple(bytes(roi.tobytes()) for roi in outlines), record.with_warnings(*warnings)
        failure = None
        if self.files.rois is not None:
            zipped = self.files.rois
            failure = failure_to_write(zipped, lambda: write_roi_zip(zipped, labels, channels=form.channels))
            if failure is None:
                record = record.with_outputs(OutputMade("rois", zipped.name, ""))
        return Answer(
            images=tuple(shown),
            table=result.objects if self.request.table else None,
            rois=rois,
            rois_to=self.request.rois,
            record=record.to_json(),
            lines=(
                *warning_lines(Segment.macro_name, form, record.warnings),
                *warning_lines(Segment.macro_name, form, detection_lines(record.scores)),
            ),
            failure=write_record_last(record, self.files.record) or failure,
        )

    def _truth(self, images: Mapping[str, Image]) -> Image | None:
        """What a script gave; else an open title first, then a path."""
        named = self._truth_key
        if named is None or named in images:
            return images.get(named or "")
        from pybridge.tasks.truth import open_truth

        return open_truth(path_of_named(named), like=images[ACTIVE])


def open_segment(options: CallOptions, form: ImagePlusForm | None, fiji: Fiji) -> SegmentWork:
    """Check a call before its pixels are sent."""
    request = options.parse(Segment, images=("truth",))
    active = require_active(form, asked=f'run("{Segment.macro_name}", "model={request.model}")')
    files = segment_files(
        request,
        title=active.title,
        short_title=active.short_title,
        folder=active.folder or "",
        headless=fiji.headless,
    )
    return SegmentWork(request, active, fiji, files, options.given.get("truth", ()))


def warning_lines(command: str, form: ImagePlusForm, warnings: tuple[str, ...]) -> tuple[str, ...]:
    """Write the warnings of a record, or its scores, as one line for the Log; nothing when there are none."""
    return (f"{command}, {form.title}: {'; '.join(warnings)}",) if warnings else ()


def _is_hyperstack(image: Image) -> bool:
    return image.size_of("C") > 1 or image.size_of("T") > 1
