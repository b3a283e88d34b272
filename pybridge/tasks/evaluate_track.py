"""Scoring tracks: the Cell Tracking Challenge's DET, SEG, TRA and LNK, and the errors. Imports metrics and core."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from pybridge.core.errors import ImageError
from pybridge.core.progress import report
from pybridge.core.results import ObjectTable
from pybridge.files.track_files import Tracks
from pybridge.tasks.evaluate_checks import check_same_pixels, labels_of
from pybridge.tasks.evaluate_scored import Scored, one_row, or_none

if TYPE_CHECKING:
    from pybridge.metrics.tracking import Place, TrackingScores


TRACKING = ("det", "seg", "tra", "lnk")
ERRORS = (
    ("missed_objects", "Missed"),
    ("spurious_objects", "Spurious"),
    ("merged_objects", "Merged"),
    ("missing_links", "Missing links"),
    ("spurious_links", "Spurious links"),
    ("wrong_links", "Wrong links"),
)
"""Counts of ``metrics.tracking.TrackingScores``, and their columns."""


@dataclass(frozen=True, slots=True)
class TrackScores:
    """Scores of one tracked sequence.

    Parameters
    ----------
    name : str
        Name of the result.
    found : TrackingScores
        DET, SEG, TRA, LNK and the counts of errors.
    truth_tracks, result_tracks : int
        Number of tracks.
    """

    name: str
    found: TrackingScores
    truth_tracks: int
    result_tracks: int

    def to_json(self) -> dict[str, Any]:
        """Write the scores as one sequence of ``scores.json``."""
        return {
            "name": self.name,
            **{name: or_none(getattr(self.found, name)) for name in TRACKING},
            "tracks": {"truth": self.truth_tracks, "result": self.result_tracks},
            "objects": self.found.truth_objects,
            "links": self.found.truth_links,
            "errors": {name: getattr(self.found, name) for name, _ in ERRORS},
        }


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
    found = score_tracks(
        expected, truth.table, given, result.table, segmentation_truth=_whole_objects(truth, like=given)
    )
    scores = TrackScores(result.image.name, found, len(truth.table), len(result.table))
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


def _frames(tracks: Tracks, *, role: str) -> tuple[NDArray[np.int32], tuple[str, ...]]:
    """Give the labels as (T, Y, X) or (T, Z, Y, X)."""
    labels, warnings = labels_of(tracks.image, role=role, keep_ids=True)
    return (labels if labels.shape[1] > 1 else labels[:, 0]), warnings


def _whole_objects(truth: Tracks, *, like: NDArray[np.int32]) -> dict[Place, NDArray[Any]] | None:
    """Read the frames or slices of whole objects that the truth has besides its markers; SEG is scored on them."""
    from pybridge.files.read import read_image

    whole: dict[Place, NDArray[Any]] = {}
    for done, each in enumerate(truth.segmented):
        report(done, len(truth.segmented), f"{truth.image.name}: whole objects of frame {each.frame}")
        labels = np.asarray(read_image(each.path).array)
        place, shape = (each.frame, like.shape[1:]) if each.z is None else ((each.frame, each.z), like.shape[-2:])
        if labels.shape != shape or place in whole:
            what = "the frames" if each.z is None else "a slice"
            raise ImageError(
                f"score the frames against {str(each.path)!r}",
                found=f"it has shape {labels.shape}, {what} {shape}" if place not in whole else "a second one of it",
                do="give the frames of one sequence, each slice or frame once",
            )
        whole[place] = labels
    return whole or None


def _row(scores: TrackScores) -> ObjectTable:
    cells: list[tuple[str, str | int | float]] = [("Image", scores.name)]
    cells += [(name.upper(), getattr(scores.found, name)) for name in TRACKING]
    cells += [("Truth tracks", scores.truth_tracks), ("Found tracks", scores.result_tracks)]
    cells += [(shown, getattr(scores.found, name)) for name, shown in ERRORS]
    return one_row(cells)
