"""Scoring labels: objects, pixels, boundaries and the kinds of errors. Imports metrics, reporting and core.

Frames are scored one by one and added up. A stack of slices is one volume when objects of both go through several
slices; else one was made slice by slice, and both are scored so, as ``PyBridge Segment`` with a truth does.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from pybridge.core.image import Calibration, Image
from pybridge.core.progress import report
from pybridge.core.results import ObjectTable, join_tables
from pybridge.tasks.evaluate_checks import check_same_pixels, is_calibrated, labels_of
from pybridge.tasks.evaluate_scored import Scored
from pybridge.tasks.label_places import scored_places
from pybridge.tasks.segment_scores import SegmentScores, add_up, table_row, to_distances

if TYPE_CHECKING:
    from pybridge.metrics.boundary import ObjectBoundaryScores
    from pybridge.metrics.detection import ImageScores
    from pybridge.metrics.object_errors import ObjectErrors
    from pybridge.metrics.overlaps import Overlaps
    from pybridge.metrics.pixels import PixelScores

MATCH_IOU = 0.5
"""From this IoU on an object counts as found in what names objects one by one: table, picture, boundaries."""


def score_labels(result: Image, truth: Image, *, table: bool, show_errors: bool) -> Scored:
    """Score one label image against another.

    Parameters
    ----------
    result, truth : Image
        Labels with axes out of T, Z, Y, X.
    table : bool
        Also list the objects and their partners.
    show_errors : bool
        Also draw the errors.

    Raises
    ------
    ImageError
        If they do not fit together, or one holds no labels.
    """
    from pybridge.metrics.boundary import score_object_boundaries
    from pybridge.metrics.detection import match, overlaps
    from pybridge.metrics.object_errors import find_object_errors

    size, warnings = check_same_pixels(result, truth)
    truths, about_truth = labels_of(truth, role="truth")
    found, about_result = labels_of(result, role="result")
    places, about_axes = scored_places(found, truths, name=truth.name)
    is_volume = truths.shape[1] > 1 and any(len(place) == 1 for place in places)
    about_depth = _default_depth(size, name=truth.name) if is_volume else ()
    drawn = np.zeros((*found.shape, 3), np.uint8) if show_errors else None
    units, tables = [], []
    for done, place in enumerate(places):
        report(done, len(places), f"{result.name}: {done + 1} of {len(places)}")
        expected, given = truths[place], found[place]
        pairs = overlaps(expected, given)
        errors = find_object_errors(pairs, threshold=MATCH_IOU)
        detection = match(pairs, name=result.name)
        each = score_object_boundaries(expected, given, errors, spacing=_spacing(expected, size))
        units.append(_score_unit(detection, pairs, errors, expected, given, each, size=size))
        if table:
            tables.append(_objects(pairs, errors, each, place, stack=len(places) > 1))
        if drawn is not None:
            from pybridge.reporting.error_image import draw_errors

            drawn[place] = draw_errors(expected, given, errors)
    report(len(places), len(places), result.name)
    scores = _added_up(units, name=result.name, unit=size.unit)
    return Scored(
        scores=scores,
        table=table_row(scores) if table else ObjectTable((), ()),
        details=join_tables(tables) if table else None,
        errors=None if drawn is None else _error_image(drawn, result, size),
        warnings=(*warnings, *about_truth, *about_result, *about_axes, *about_depth),
    )


def _default_depth(size: Calibration, *, name: str) -> tuple[str, ...]:
    """Warn when the distance between slices looks as if nobody had set it.

    ImageJ writes none of exactly 1, so that a file with pixels of 0.1 µm and slices 1 µm apart cannot be told from one
    whose slices have no distance yet.
    """
    if not is_calibrated(size) or size.z != 1.0 or size.x == 1.0:
        return ()
    return (
        f"{name} has pixels of {size.x:g} {size.unit}, and states no distance between its slices or 1 {size.unit}: "
        f"HD95 and ASSD take 1 {size.unit}; if that is wrong, set the voxel depth (Image > Properties… in ImageJ)",
    )


def _score_unit(
    detection: ImageScores,
    pairs: Overlaps,
    errors: ObjectErrors,
    truth: NDArray[np.int32],
    result: NDArray[np.int32],
    each: ObjectBoundaryScores,
    *,
    size: Calibration,
) -> SegmentScores:
    from pybridge.metrics.boundary import score_boundaries
    from pybridge.metrics.seg import seg_measure

    seg, truth_count = seg_measure(pairs), errors.truth_count
    between = score_boundaries(truth > 0, result > 0, spacing=_spacing(truth, size))
    return SegmentScores(
        name=detection.name,
        detection=detection,
        split=errors.split_count,
        merged=errors.merged_count,
        missed=errors.missed_count,
        spurious=errors.spurious_count,
        truth_count=truth_count,
        result_count=errors.result_count,
        pixels=_foreground(pairs),
        seg_sum=seg * truth_count if truth_count else 0.0,
        foreground=to_distances(between, 1),
        objects=to_distances(each.mean, errors.matched_count),
        unit=size.unit,
    )


def _spacing(labels: NDArray[np.int32], size: Calibration) -> tuple[float, ...]:
    return (size.z, size.y, size.x)[-labels.ndim :]


def _foreground(pairs: Overlaps) -> PixelScores:
    """Count the pixels of the foreground: the overlaps know them already."""
    from pybridge.metrics.pixels import PixelCounts, PixelScores

    both = int(pairs.intersection.sum())
    return PixelScores(PixelCounts(both, int(pairs.result_area.sum()) - both, int(pairs.truth_area.sum()) - both))


def _added_up(units: list[SegmentScores], *, name: str, unit: str) -> SegmentScores:
    """Add up frames or slices of one image: they are no independent images."""
    if len(units) == 1:
        return units[0]
    from pybridge.metrics.detection import pool

    detection = dataclasses.replace(pool([each.detection for each in units], resamples=1).pooled, name=name)
    return add_up(units, detection=detection, unit=unit)


def _objects(
    pairs: Overlaps, errors: ObjectErrors, each: ObjectBoundaryScores, place: tuple[int, ...], *, stack: bool
) -> ObjectTable:
    """List every object of the truth with its partner, then the objects of the result that have none."""
    from pybridge.reporting.error_image import KINDS, kinds_of_objects

    of_truth, of_result = kinds_of_objects(errors)
    partner = np.full(of_truth.size, -1)
    partner[errors.matched_truth] = errors.matched_result
    iou = np.zeros(of_truth.size)
    iou[errors.matched_truth] = errors.matched_iou
    lonely = np.setdiff1d(np.arange(of_result.size), errors.matched_result)
    result_ids = np.append(pairs.result_ids, 0)
    none = np.zeros(lonely.size, np.int64)
    kinds = np.concatenate([of_truth, of_result[lonely]])
    rows = of_truth.size + lonely.size
    distances = np.full((2, rows), np.nan)
    distances[:, errors.matched_truth] = each.hd95, each.assd
    columns: list[tuple[str, NDArray[Any]]] = [
        ("Truth", np.concatenate([pairs.truth_ids, none])),
        ("Result", np.concatenate([result_ids[partner], pairs.result_ids[lonely]])),
        ("Kind", np.array(KINDS)[kinds]),
        ("IoU", np.concatenate([iou, np.zeros(lonely.size)])),
        ("Truth pixels", np.concatenate([pairs.truth_area, none])),
        ("Result pixels", np.concatenate([np.append(pairs.result_area, 0)[partner], pairs.result_area[lonely]])),
    ]
    columns += [("HD95", distances[0]), ("ASSD", distances[1])]
    if stack:
        columns.append(("Slice", np.full(rows, place[1] + 1 if len(place) > 1 else 1)))
        columns.append(("Frame", np.full(rows, place[0] + 1)))
    return ObjectTable(tuple(name for name, _ in columns), tuple(column for _, column in columns))


def _error_image(drawn: NDArray[np.uint8], result: Image, size: Calibration) -> Image:
    axes = "".join(letter for letter in "TZ" if result.size_of(letter) > 1) + "YXS"
    shape = [{"S": 3}.get(letter) or result.size_of(letter) for letter in axes]
    errors = result.replace(array=drawn.reshape(shape), axes=axes, name=f"{result.stem}-errors")
    return dataclasses.replace(errors, calibration=size)
