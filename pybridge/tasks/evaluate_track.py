"""Scoring tracks: DET, SEG and TRA of the Cell Tracking Challenge, and the kinds of errors. Imports metrics, core."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from pybridge.core.errors import ImageError
from pybridge.core.image import Image
from pybridge.core.progress import report
from pybridge.core.results import ObjectTable
from pybridge.files.track_files import Tracks
from pybridge.tasks.evaluate_checks import check_same_pixels, labels_of
from pybridge.tasks.evaluate_scored import Scored, one_row, or_none, ratio

if TYPE_CHECKING:
    from pybridge.metrics.tracking import TrackingScores


@dataclass(frozen=True, slots=True, eq=False)
class TrackScores:
    """Scores of one tracked sequence.

    Parameters
    ----------
    name : str
        Name of the result.
    found : TrackingScores
        DET, SEG, TRA and the counts of errors.
    seg : float
        SEG against the whole objects that the truth has besides its markers, else against its labels.
    tracks_truth, tracks_result : int
        Number of tracks.
    """

    name: str
    found: TrackingScores
    seg: float
    tracks_truth: int
    tracks_result: int

    def to_json(self) -> dict[str, Any]:
        """Write the scores as one sequence of ``scores.json``."""
        return {
            "name": self.name,
            "det": or_none(self.found.det),
            "seg": or_none(self.seg),
            "tra": or_none(self.found.tra),
            "tracks": {"truth": self.tracks_truth, "result": self.tracks_result},
            "errors": {name: int(getattr(self.found, name)) for name, _ in KINDS},
        }


KINDS = (
    ("missed", "Missed"),
    ("spurious", "Spurious"),
    ("merged", "Merged"),
    ("missed_links", "Missed links"),
    ("spurious_links", "Spurious links"),
    ("wrong_links", "Wrong links"),
)
"""Counts of errors of ``metrics.tracking.TrackingScores``, and their columns."""


def score_sequence(result: Tracks, truth: Tracks, *, table: bool, show_errors: bool) -> Scored:
    """Score tracked frames against the truth.

    Parameters
    ----------
    result, truth : Tracks
        Labels of the same frames with their tables.
    table : bool
        Also write the row of scores.
    show_errors : bool
        Also draw the objects that are wrong, frame by frame.

    Raises
    ------
    ImageError
        If they do not fit together.
    """
    from pybridge.metrics.tracking import score_tracks

    _, warnings = check_same_pixels(result.image, truth.image)
    given, about_result = _frames(result, role="result")
    expected, about_truth = _frames(truth, role="truth")
    found = score_tracks(expected, truth.table, given, result.table)
    seg = _seg_of_whole_objects(given, truth) if truth.segmented else found.seg
    scores = TrackScores(result.image.name, found, seg, len(truth.table), len(result.table))
    errors = None
    if show_errors:
        from pybridge.tasks.evaluate_segment import score_labels

        errors = score_labels(result.image, truth.image, table=False, show_errors=True).errors
    return Scored(
        scores=scores,
        table=_row(scores) if table else ObjectTable((), ()),
        errors=errors,
        warnings=(*result.warnings, *truth.warnings, *warnings, *about_truth, *about_result),
    )


def _frames(tracks: Tracks, *, role: str) -> tuple[Any, tuple[str, ...]]:
    """Give the labels as (T, Y, X) or (T, Z, Y, X)."""
    labels, warnings = labels_of(tracks.image, role=role)
    return (labels if labels.shape[1] > 1 else labels[:, 0]), warnings


def _seg_of_whole_objects(given: Any, truth: Tracks) -> float:
    """Score the frames that have whole objects besides the markers, all objects together."""
    from pybridge.files.read import read_image
    from pybridge.metrics.overlaps import overlaps
    from pybridge.metrics.seg import seg_measure

    total = objects = 0.0
    for done, (frame, path) in enumerate(truth.segmented):
        report(done, len(truth.segmented), f"{truth.image.name}: whole objects of frame {frame}")
        whole: Image = read_image(path)
        if frame >= len(given) or whole.array.shape != given[frame].shape:
            raise ImageError(
                f"score the frames against {str(path)!r}",
                found=f"shape {whole.array.shape}; frame {frame} of {len(given)} has {given[0].shape}",
                do="give the frames of one sequence",
            )
        pairs = overlaps(np.asarray(whole.array), given[frame])
        count = int(pairs.truth_area.size)
        total += seg_measure(pairs) * count if count else 0.0
        objects += count
    return ratio(total, objects)


def _row(scores: TrackScores) -> ObjectTable:
    cells: list[tuple[str, str | int | float]] = [
        ("Image", scores.name),
        ("DET", scores.found.det),
        ("SEG", scores.seg),
        ("TRA", scores.found.tra),
        ("Truth tracks", scores.tracks_truth),
        ("Found tracks", scores.tracks_result),
    ]
    cells += [(shown, int(getattr(scores.found, name))) for name, shown in KINDS]
    return one_row(cells)
