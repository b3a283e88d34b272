"""Segment: image in, labels, objects and record out. All doors come here through their command.

Imports files, metrics and core, all inside functions but core; the segmenter brings the model or the method.
"""

from __future__ import annotations

import dataclasses
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pybridge.core.environment import versions
from pybridge.core.image import Image
from pybridge.core.record import OutputMade, RunRecord, Stopwatch, input_used, now
from pybridge.core.results import SegmentationResult
from pybridge.tasks.segment_planes import segment_planes
from pybridge.tasks.segment_settings import SegmentSettings

if TYPE_CHECKING:
    from pybridge.metrics.detection import ImageScores


COMMAND = "PyBridge Segment"


@dataclass(frozen=True, slots=True, eq=False)
class SegmentRun:
    """A result with what a run over many images needs to pool: the counts behind the scores."""

    result: SegmentationResult
    count: int
    scores: ImageScores | None


def segment_image(
    image: Image, settings: SegmentSettings, *, truth: Image | None = None, watch: Stopwatch | None = None
) -> SegmentRun:
    """Segment one image.

    Parameters
    ----------
    image : Image
        The image.
    settings : SegmentSettings
        Checked settings.
    truth : Image, optional
        Ground-truth labels of the same shape.
    watch : Stopwatch, optional
        Where earlier parts of this command (reading) were timed.
    """
    from pybridge.files.write import labels_for_imagej
    from pybridge.metrics.detection import pool, scores_to_json
    from pybridge.tasks.segmenters import open_segmenter

    watch = watch or Stopwatch()
    started = now()
    with watch.part("load"):
        segmenter = open_segmenter(settings)
    done = segment_planes(image, settings, segmenter=segmenter, truth=truth, watch=watch)
    warnings = [*segmenter.warnings, *done.warnings]
    if image.inverting_lut:
        warnings.append(f"{image.name} has an inverting look-up table; the pixel values were used as stored")
    if done.count == 0:
        warnings.append(f"no object was found in {image.name}")
    axes = "".join(letter for letter in "TZ" if letter in image.axes) + "YX"
    shape = [image.size_of(letter) for letter in axes]
    # In the type that files and ImageJ hold, so that one hash is that of every door's label image.
    stored = labels_for_imagej(done.labels.reshape(shape))
    labels = image.replace(array=stored, axes=axes, name=f"{image.stem}-labels")
    probability = (
        None
        if done.probability is None
        else image.replace(array=done.probability.reshape(shape), axes=axes, name=f"{image.stem}-probability")
    )
    outputs = [OutputMade("labels", labels.name, labels.sha256_pixels())]
    if settings.table:
        outputs.append(OutputMade("objects", f"{image.stem}-objects", ""))
    if probability is not None:
        outputs.append(OutputMade("probability", probability.name, probability.sha256_pixels()))
    record = RunRecord(
        id=str(uuid.uuid4()),
        command=COMMAND,
        parameters=dataclasses.asdict(settings) | segmenter.held,
        started=started,
        model=segmenter.used,
        inputs=(input_used(image),) if truth is None else (input_used(image), input_used(truth, role="truth")),
        outputs=tuple(outputs),
        device=segmenter.device,
        versions=versions(),
        scores=None if done.scores is None else scores_to_json(pool([done.scores])),
        warnings=tuple(dict.fromkeys(warnings)),
        timing_s=watch.timing(),
    )
    result = SegmentationResult(labels=labels, objects=done.objects, record=record, probability=probability)
    return SegmentRun(result=result, count=done.count, scores=done.scores)
