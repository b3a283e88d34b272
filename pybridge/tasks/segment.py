"""Segment: image in, labels, objects and record out. All doors come here.

Imports zoo, runtime, decode, metrics, files and core, all inside functions but core.
"""

from __future__ import annotations

import dataclasses
import os
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pybridge.commands.segment import Segment
from pybridge.core.environment import versions
from pybridge.core.errors import ModelError, UsageError
from pybridge.core.image import Image
from pybridge.core.record import OutputMade, RunRecord, Stopwatch, input_used, now
from pybridge.core.results import SegmentationResult
from pybridge.tasks.images import ImageLike, to_image
from pybridge.tasks.segment_planes import segment_planes

if TYPE_CHECKING:
    from pybridge.metrics.detection import ImageScores


def segment(
    image: ImageLike,
    /,
    *,
    model: str,
    device: str = "auto",
    tile: str = "auto",
    channel: str | None = None,
    probability: float | None = None,
    overlap: float | None = None,
    min_size: int | None = None,
    exclude_border: bool = False,
    rois: str = "none",
    table: bool = True,
    show_probability: bool = False,
    augment: bool = False,
    truth: ImageLike | None = None,
    record: str | None = None,
) -> SegmentationResult:
    """Find the objects in an image.

    Parameters
    ----------
    image : Image, path, ndarray, xarray.DataArray or ImagePlus
        2-D to 5-D; a 2-D model runs on each plane. Bare arrays are read as YX, ZYX, ZCYX or TZCYX.
    model : str
        Id, folder, .zip or description file of a model.
    device : str
        ``auto``, ``cpu``, ``cuda`` or ``cuda:N``. ``cuda`` runs on CUDA or is an error.
    tile : str
        Tile edge in pixels, ``auto`` or ``none``; the result does not depend on it.
    channel : str, optional
        1-based number or name of the channel to use.
    probability, overlap : float, optional
        Thresholds from 0 to 1: of the foreground, and of the overlap above which two candidates are one object.
    min_size : int, optional
        Smallest object kept, in pixels.
    exclude_border : bool
        Leave out objects that touch the border.
    rois : str
        Only ``none`` here: outlines go to ImageJ or to files, which other doors write.
    table : bool
        Measure the objects.
    show_probability : bool
        Also give the foreground probability.
    augment : bool
        Average the network over flips of the image.
    truth : Image, path or array, optional
        Ground-truth labels; scores are put into the record.
    record : str, optional
        Where to write the run record.

    Returns
    -------
    SegmentationResult
        ``labels``, ``objects``, ``record`` and perhaps ``probability``.

    Raises
    ------
    ImageError
        If the image does not suit the model.
    ModelNotFoundError
        If there is no such model.
    DeviceError
        If the device asked for cannot run.

    Examples
    --------
    >>> import pybridge
    >>> cells, truth = pybridge.samples.simulate_nuclei(shape=(96, 128), count=6)
    >>> result = pybridge.segment(cells, model="nuclei-fluo")
    >>> result.labels.array.shape, len(result.objects) == result.labels.array.max()
    ((96, 128), True)
    """
    request = Segment(
        model=os.fspath(model),
        device=device,
        tile=str(tile),
        channel=None if channel is None else str(channel),
        probability=probability,
        overlap=overlap,
        min_size=min_size,
        exclude_border=exclude_border,
        rois=rois,
        table=table,
        show_probability=show_probability,
        augment=augment,
        truth=os.fspath(truth) if isinstance(truth, (str, os.PathLike)) else None,
        record=record,
    )
    if rois != "none":
        raise UsageError(
            f"rois={rois!r} in pybridge.segment",
            found="ROIs belong to ImageJ or to a file",
            do="use the shell's --rois zip, a macro's rois=overlay, or pybridge.files.roi_zip.write_roi_zip",
        )
    source = to_image(image)
    result = segment_image(source, request, truth=None if truth is None else to_image(truth))
    if record is not None:
        from pybridge.files.write import write_text

        write_text(Path(record), result.record.to_json())
    return result


def segment_image(
    image: Image, request: Segment, *, truth: Image | None = None, watch: Stopwatch | None = None
) -> SegmentationResult:
    """Run one checked request on one image; what every door calls. Parameters as ``run_segment``."""
    return run_segment(image, request, truth=truth, watch=watch).result


@dataclass(frozen=True, slots=True, eq=False)
class SegmentRun:
    """A result with what a run over many images needs to pool: the counts behind the scores."""

    result: SegmentationResult
    count: int
    scores: ImageScores | None


def run_segment(
    image: Image, request: Segment, *, truth: Image | None = None, watch: Stopwatch | None = None
) -> SegmentRun:
    """Run one checked request on one image.

    Parameters
    ----------
    image : Image
        The image.
    request : Segment
        Checked parameters.
    truth : Image, optional
        Ground-truth labels of the same shape.
    watch : Stopwatch, optional
        Where earlier parts of this command (reading) were timed.
    """
    from pybridge import zoo
    from pybridge.metrics.detection import pool, scores_to_json
    from pybridge.runtime import open_predictor

    watch = watch or Stopwatch()
    started = now()
    with watch.part("load"):
        model = zoo.find(request.model)
        if model.decoder is None:
            raise ModelError(
                f"segment with the model {model.id!r}",
                found="its description names no way from its outputs to labels",
                do="choose a model whose task is segment; `pybridge predict` gives raw outputs",
            )
        predictor = open_predictor(model, device=request.device)
    done = segment_planes(image, request, model=model, predictor=predictor, truth=truth, watch=watch)
    warnings = [*predictor.warnings, *done.warnings]
    if image.inverting_lut:
        warnings.append(f"{image.name} has an inverting look-up table; the pixel values were used as stored")
    if done.count == 0:
        warnings.append(f"no object was found in {image.name}")
    axes = "".join(letter for letter in "TZ" if letter in image.axes) + "YX"
    shape = [image.size_of(letter) for letter in axes]
    labels = image.replace(array=done.labels.reshape(shape), axes=axes, name=f"{image.stem}-labels")
    probability = (
        None
        if done.probability is None
        else image.replace(array=done.probability.reshape(shape), axes=axes, name=f"{image.stem}-probability")
    )
    outputs = [OutputMade("labels", labels.name, labels.sha256_pixels())]
    if request.table:
        outputs.append(OutputMade("objects", f"{image.stem}-objects", ""))
    if probability is not None:
        outputs.append(OutputMade("probability", probability.name, probability.sha256_pixels()))
    record = RunRecord(
        id=str(uuid.uuid4()),
        command=Segment.macro_name,
        parameters=request.values() | done.thresholds_used,
        started=started,
        model=model.used(),
        inputs=(input_used(image),) if truth is None else (input_used(image), input_used(truth)),
        outputs=tuple(outputs),
        device=predictor.device,
        versions=versions(),
        scores=None if done.scores is None else scores_to_json(pool([done.scores])),
        warnings=tuple(dict.fromkeys(warnings)),
        timing_s=watch.timing(),
    )
    result = SegmentationResult(labels=labels, objects=done.objects, record=record, probability=probability)
    return SegmentRun(result=result, count=done.count, scores=done.scores)
