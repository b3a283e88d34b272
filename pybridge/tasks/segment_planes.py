"""The loop of Segment: each plane through the segmenter, table and scores. Imports the knowledge rooms."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from pybridge.core.errors import ImageError
from pybridge.core.image import Image
from pybridge.core.measurement_groups import groups_of
from pybridge.core.planes import planes_of
from pybridge.core.progress import report
from pybridge.core.record import Stopwatch
from pybridge.core.results import ObjectTable, join_tables
from pybridge.tasks.segment_settings import SegmentSettings
from pybridge.tasks.truth import truth_labels

if TYPE_CHECKING:
    from pybridge.decode.plane import DecodedPlane
    from pybridge.metrics.detection import ImageScores
    from pybridge.tasks.segmenters import Segmenter


_MOST_IN_UINT16 = 65_535


@dataclass(frozen=True, slots=True, eq=False)
class SegmentedPlanes:
    """What all planes of one image gave.

    Parameters
    ----------
    labels : ndarray of uint16, or of int32 above 65,535 objects, shape (T, Z, Y, X)
        Ids unique over all planes.
    count : int
        Number of objects.
    objects : ObjectTable
        One row for each object; empty without ``table``.
    probability : ndarray of float32, shape (T, Z, Y, X), or None
        Foreground probability when it was asked for.
    scores : ImageScores or None
        All planes together, when truth was given.
    warnings : tuple of str
    """

    labels: NDArray[np.uint16] | NDArray[np.int32]
    count: int
    objects: ObjectTable
    probability: NDArray[np.float32] | None
    scores: ImageScores | None
    warnings: tuple[str, ...]


def segment_planes(
    image: Image,
    settings: SegmentSettings,
    *,
    segmenter: Segmenter,
    truth: Image | None,
    watch: Stopwatch,
) -> SegmentedPlanes:
    """Segment every plane of an image with an open model or method."""
    from pybridge.decode.plane import DecodedPlane

    with watch.part("prepare"):
        planes = planes_of(image, channels=segmenter.channels, wanted=_channel(image, settings, segmenter))
        truths, about_truth = (None, ()) if truth is None else truth_labels(truth, like=image)
    frames, slices, _, height, width = planes.pixels.shape
    # As small as the result will be: of a large stack nothing should be held twice.
    labels: NDArray[Any] = np.zeros((frames, slices, height, width), np.uint16)
    chances = np.zeros(labels.shape, np.float32) if settings.show_probability else None
    is_stack = image.size_of("T") * image.size_of("Z") * image.size_of("C") > 1
    warnings = [*planes.warnings, *about_truth]
    tables: list[ObjectTable] = []
    scored: list[ImageScores] = []
    count = 0
    for done, (t, z, plane) in enumerate(planes.each()):
        report(done, planes.count, f"{image.name}: plane {done + 1} of {planes.count}")
        if _is_constant(plane):
            # Nothing can be told apart in it, and percentile normalisation would divide by zero.
            warnings.append(f"{image.name}: every pixel of frame {t + 1}, slice {z + 1} has the same value")
            decoded = DecodedPlane(np.zeros((height, width), np.int32), np.zeros(0, np.float32))
        else:
            decoded = _segment(plane, segmenter, watch=watch, name=image.name)
            if chances is not None and (chance := segmenter.probability_map()) is not None:
                chances[t, z] = chance
        found = len(decoded.confidence)
        with watch.part("decode"):
            if count + found > _MOST_IN_UINT16 and labels.dtype == np.uint16:
                labels = labels.astype(np.int32)
            np.add(decoded.labels, count, out=labels[t, z], where=decoded.labels > 0, casting="unsafe")
        if settings.table:
            from pybridge.decode.intensities import ChannelPlane
            from pybridge.decode.measurements import measure_objects

            with watch.part("table"):
                table = measure_objects(
                    decoded.labels,
                    plane[0],
                    confidence=decoded.confidence,
                    calibration=image.calibration,
                    groups=groups_of(settings.measure),
                    others=[ChannelPlane(other.suffix, other.pixels[t, z]) for other in planes.others],
                )
                tables.append(
                    _placed(table, first=count, position=(planes.channel, z + 1, t + 1) if is_stack else None)
                )
        if truths is not None:
            scored.append(_score(truths[t, z], decoded.labels, name=image.name))
        count += found
    report(planes.count, planes.count, image.name)
    return SegmentedPlanes(
        labels=labels,
        count=count,
        objects=join_tables(tables),
        probability=chances,
        scores=_scores_of_image(scored) if scored else None,
        warnings=tuple(warnings),
    )


def _channel(image: Image, settings: SegmentSettings, segmenter: Segmenter) -> str | None:
    """Take the user's channel, else the model's; an image of one channel needs none."""
    if settings.channel is not None or image.size_of("C") == 1:
        return settings.channel
    return segmenter.channel


def _segment(plane: NDArray[Any], segmenter: Segmenter, *, watch: Stopwatch, name: str) -> DecodedPlane:
    try:
        return segmenter.segment(plane, watch=watch)
    except ImageError as error:
        raise type(error)(f"{name}: {error.asked}", found=error.found, do=error.do) from error


def _is_constant(plane: NDArray[Any]) -> bool:
    first = plane.flat[0]
    # A quick look at one row settles nearly every image without reading all of it.
    return bool((plane[:, 0] == first).all()) and bool((plane == first).all())


def _placed(table: ObjectTable, *, first: int, position: tuple[int, int, int] | None) -> ObjectTable:
    """Number the objects of a plane on from those before it, and say where the plane lies."""
    from pybridge.decode.measurements import LABEL_COLUMNS

    columns = [
        _moved(np.asarray(column, np.int32), first) if name in LABEL_COLUMNS else column
        for name, column in zip(table.names, table.columns, strict=True)
    ]
    if position is None:
        return ObjectTable(table.names, tuple(columns))
    places = (np.full(len(table), value, np.int32) for value in position)
    return ObjectTable((*table.names, "Channel", "Slice", "Frame"), (*columns, *places))


def _moved(labels: NDArray[np.int32], first: int) -> NDArray[np.int32]:
    """Number labels on; 0, which is no object, stays 0."""
    moved: NDArray[np.int32] = np.where(labels > 0, labels + first, labels)
    return moved


def _score(truth: NDArray[Any], labels: NDArray[np.int32], *, name: str) -> ImageScores:
    from pybridge.metrics.detection import match, overlaps

    return match(overlaps(truth, labels), name=name)


def _scores_of_image(planes: list[ImageScores]) -> ImageScores:
    """Add up the planes of one image: they are no independent images, and the interval counts images."""
    from pybridge.metrics.detection import pool

    return planes[0] if len(planes) == 1 else dataclasses.replace(pool(planes).pooled, name=planes[0].name)
