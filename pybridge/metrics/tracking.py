"""Scores of the Cell Tracking Challenge: DET, SEG and TRA. Imports core; py-ctcmetrics only inside functions.

Objects and their links over time form a graph. TRA is how much less work it is to correct the result's graph than to
draw the truth from nothing, each operation at the challenge's price; DET is the same for the objects alone, LNK for the
links between objects that were found (Matula et al., PLoS ONE 10(12), 2015). A truth object counts as found when a
result object covers more than half of it. SEG is the mean IoU of the truth objects (metrics/seg.py). Operations are
counted by py-ctcmetrics; which objects overlap is found here, because its full tables take seconds a frame.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pybridge.core.errors import ImageError, UsageError
from pybridge.core.progress import check_cancelled
from pybridge.metrics.overlaps import Overlaps, overlaps
from pybridge.metrics.seg import seg_of_objects

Table = NDArray[np.int64]

Place = int | tuple[int, int]
"""A frame, or a slice of it: (frame, slice), both from 0."""


@dataclass(frozen=True, slots=True)
class TrackingScores:
    """Scores of tracks, and how many operations would mend them; what is undefined is NaN.

    Parameters
    ----------
    det, seg, tra, lnk : float
        From 0 to 1, the best. NaN where the truth has no object (``lnk``: no link).
    truth_objects, truth_links : int
        Objects in all frames, and links between them (within tracks and from parent to child).
    missed_objects : int
        Truth objects to add (FN).
    spurious_objects : int
        Result objects to delete (FP).
    merged_objects : int
        Splits to make in result objects that cover several truth objects (NS).
    missing_links : int
        Links to add (EA).
    spurious_links : int
        Links between found objects to delete (ED).
    wrong_links : int
        Links to change from "same cell" to "daughter" or back (EC).
    """

    det: float
    seg: float
    tra: float
    lnk: float
    truth_objects: int
    truth_links: int
    missed_objects: int
    spurious_objects: int
    merged_objects: int
    missing_links: int
    spurious_links: int
    wrong_links: int


def score_tracks(
    truth_labels: NDArray[Any],
    truth_table: NDArray[Any],
    result_labels: NDArray[Any],
    result_table: NDArray[Any],
    *,
    segmentation_truth: Mapping[Place, NDArray[Any]] | None = None,
) -> TrackingScores:
    """Score tracks as the Cell Tracking Challenge does.

    Parameters
    ----------
    truth_labels, result_labels : ndarray, shape (T, Y, X) or (T, Z, Y, X)
        Label images whose values are track ids.
    truth_table, result_table : ndarray of int, shape (tracks, 4)
        Track id, first frame, last frame, parent (0: none) of each track, frames from 0, as in ``man_track.txt``.
    segmentation_truth : mapping from frame, or (frame, slice), to ndarray, optional
        Label images for SEG, where the truth of the tracks only marks objects; ids need not be those of tracks. Of
        volumes the truth may be single slices, (Y, X): they are scored against the same slices of the result, as the
        challenge does, so that an object counts once for each slice. (py-ctcmetrics takes both numbers in the name of
        such a file as one frame.)

    Raises
    ------
    ImageError
        If the shapes differ, or labels and tables contradict each other.
    UsageError
        If a table is no table of tracks, or ``segmentation_truth`` names a frame or slice that is not there.

    Examples
    --------
    >>> labels = np.array([[[1, 1, 0]], [[1, 1, 0]], [[2, 0, 3]]])
    >>> tracks = np.array([(1, 0, 1, 0), (2, 2, 2, 1), (3, 2, 2, 1)])
    >>> scores = score_tracks(labels, tracks, labels, tracks)
    >>> scores.det, scores.seg, scores.tra, scores.truth_objects, scores.truth_links
    (1.0, 1.0, 1.0, 4, 3)
    """
    if truth_labels.shape != result_labels.shape or truth_labels.ndim < 3 or not truth_labels.size:
        raise ImageError(
            "score tracks against the truth",
            found=f"labels of shape {result_labels.shape}, the truth {truth_labels.shape}",
            do="give two label images of the same frames, (T, Y, X) or (T, Z, Y, X)",
        )
    frames = []
    for truth, result in zip(truth_labels, result_labels, strict=True):
        check_cancelled()
        frames.append(overlaps(truth, result))
    truths = _checked(truth_table, [found.truth_ids for found in frames], what="truth")
    results = _checked(result_table, [found.result_ids for found in frames], what="result")
    seg = _segmentation(frames, result_labels, segmentation_truth)
    return _scores(_operations(frames, truths, results), seg)


@dataclass(frozen=True, slots=True)
class _Operations:
    objects: int
    links: int
    missed: int
    spurious: int
    merged: int
    missing_links: int
    spurious_links: int
    wrong_links: int


def _operations(frames: list[Overlaps], truths: Table, results: Table) -> _Operations:
    """Count what would turn the result's graph into the truth's."""
    from ctc_metrics.utils.representations import count_acyclic_graph_correction_operations

    objects = sum(found.truth_ids.size for found in frames)
    links = int((truths[:, 2] - truths[:, 1]).sum() + np.count_nonzero(truths[:, 3]))
    found_objects = sum(found.result_ids.size for found in frames)
    if not objects or not found_objects:  # it cannot count in empty graphs; there is nothing to match either
        return _Operations(objects, links, objects, found_objects, 0, links, 0, 0)
    covers = [2 * found.intersection > found.truth_area[found.truth] for found in frames]
    nothing = [np.zeros(0, np.int64)]  # a frame more, because it cannot count the links of a single frame
    counts = count_acyclic_graph_correction_operations(
        truths,
        results,
        [found.truth_ids for found in frames] + nothing,
        [found.result_ids for found in frames] + nothing,
        [found.truth_ids[found.truth[cover]] for found, cover in zip(frames, covers, strict=True)] + nothing,
        [found.result_ids[found.result[cover]] for found, cover in zip(frames, covers, strict=True)] + nothing,
    )
    return _Operations(
        objects=objects,
        links=links,
        missed=int(counts["FN"]),
        spurious=int(counts["FP"]),
        merged=int(counts["NS"]),
        missing_links=int(counts["EA"]),
        spurious_links=int(counts["ED"]),
        wrong_links=int(counts["EC"]),
    )


def _scores(work: _Operations, seg: float) -> TrackingScores:
    from ctc_metrics.metrics import det, lnk, tra

    counts = {
        "NS": work.merged,
        "FN": work.missed,
        "FP": work.spurious,
        "ED": work.spurious_links,
        "EA": work.missing_links,
        "EC": work.wrong_links,
        "num_vertices": work.objects,
        "num_edges": work.links,
    }
    return TrackingScores(
        det=float(det(**counts)) if work.objects else float("nan"),
        seg=seg,
        tra=float(tra(**counts)[0]) if work.objects else float("nan"),
        lnk=float(lnk(**counts)) if work.links else float("nan"),
        truth_objects=work.objects,
        truth_links=work.links,
        missed_objects=work.missed,
        spurious_objects=work.spurious,
        merged_objects=work.merged,
        missing_links=work.missing_links,
        spurious_links=work.spurious_links,
        wrong_links=work.wrong_links,
    )


def _segmentation(
    frames: list[Overlaps], result_labels: NDArray[Any], truth: Mapping[Place, NDArray[Any]] | None
) -> float:
    if truth is not None:
        for place in truth:
            _check_place(place, result_labels.shape)
        frames = [overlaps(labels, result_labels[place]) for place, labels in truth.items()]
    scores = np.concatenate([seg_of_objects(found) for found in frames])
    return float(scores.mean()) if scores.size else float("nan")


def _check_place(place: Place, shape: tuple[int, ...]) -> None:
    frame, z = place if isinstance(place, tuple) else (place, None)
    found = None
    if not 0 <= frame < shape[0]:
        found = f"there are the frames 0 to {shape[0] - 1}"
    elif z is not None and len(shape) < 4:
        found = "its frames have no slices"
    elif z is not None and not 0 <= z < shape[1]:
        found = f"there are the slices 0 to {shape[1] - 1}"
    if found:
        named = f"frame {frame!r}" if z is None else f"slice {z!r} of frame {frame!r}"
        raise UsageError(f"score the segmentation of {named}", found=found, do="number frames and slices from 0")


def _checked(table: NDArray[Any], labels: list[NDArray[np.int64]], *, what: str) -> Table:
    """Check that a table is one of tracks, and that each frame holds the tracks that the table says."""
    tracks = np.asarray(table)
    if tracks.size == 0:
        tracks = np.zeros((0, 4), np.int64)
    if tracks.ndim != 2 or tracks.shape[1] != 4 or tracks.dtype.kind not in "ui":
        _refuse(what, f"it has shape {tracks.shape} and holds {tracks.dtype}")
    tracks = tracks.astype(np.int64)
    last = {int(track): int(end) for track, _, end, _ in tracks}
    if len(last) != len(tracks):
        _refuse(what, "a track id is there twice")
    for track, begin, end, parent in tracks.tolist():
        if track < 1 or not 0 <= begin <= end < len(labels):
            _refuse(
                what, f"track {track} runs from frame {begin} to {end}, there are the frames 0 to {len(labels) - 1}"
            )
        if parent and parent not in last:
            _refuse(what, f"track {track} has the parent {parent}, which is not there")
        if parent and last[parent] >= begin:
            _refuse(what, f"track {track} begins in frame {begin}, its parent {parent} ends in {last[parent]}")
    for frame, present in enumerate(labels):
        stated = tracks[(tracks[:, 1] <= frame) & (frame <= tracks[:, 2]), 0]
        for odd, place in ((np.setdiff1d(present, stated), "image"), (np.setdiff1d(stated, present), "table")):
            if odd.size:
                raise ImageError(
                    f"score tracks with the table of the {what}",
                    found=f"in frame {frame}, track {int(odd[0])} is only in the {place} ({odd.size} such tracks)",
                    do="let each track be in every frame from its first to its last; after a gap let a new one begin",
                )
    return tracks


def _refuse(what: str, found: str) -> None:
    raise UsageError(
        f"score tracks with the table of the {what}",
        found=found,
        do="give one row a track: id above 0, first and last frame from 0, id of the parent that ended before, or 0",
    )
