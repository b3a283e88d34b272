"""What the tasks give back. Each result carries its run record. Imports numpy only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from pybridge.core.image import Image
from pybridge.core.record import RunRecord


@dataclass(frozen=True, slots=True, eq=False)
class ObjectTable:
    """A table of objects, column by column, in the order of ImageJ's Results table.

    Parameters
    ----------
    names : tuple of str
        Column names, for example ``("Label", "Area", "Mean")``.
    columns : tuple of ndarray
        One 1-D array for each name, all of one length.

    Examples
    --------
    >>> table = ObjectTable(("Label", "Area"), (np.array([1, 2]), np.array([10.0, 12.5])))
    >>> len(table), table["Area"].tolist()
    (2, [10.0, 12.5])
    """

    names: tuple[str, ...]
    columns: tuple[NDArray[np.generic], ...]

    def __post_init__(self) -> None:
        if len(self.names) != len(self.columns) or len({len(column) for column in self.columns}) > 1:
            raise ValueError(f"{len(self.names)} names for columns of lengths {[len(c) for c in self.columns]}")

    def __len__(self) -> int:
        return len(self.columns[0]) if self.columns else 0

    def __getitem__(self, name: str) -> NDArray[np.generic]:
        return self.columns[self.names.index(name)]

    def rows(self) -> Iterator[tuple[object, ...]]:
        """Go through the table row by row."""
        return zip(*(column.tolist() for column in self.columns), strict=True)


def join_tables(tables: Sequence[ObjectTable]) -> ObjectTable:
    """Put the rows of several tables below each other; in columns that one lacks it has NaN.

    Parameters
    ----------
    tables : sequence of ObjectTable
        Columns that not all have hold numbers. Of no table at all the result is empty.

    Examples
    --------
    >>> one, other = ObjectTable(("A", "B"), (np.array([1]), np.array([2.0]))), ObjectTable(("A",), (np.array([3]),))
    >>> list(join_tables([other, one]).rows())
    [(3, nan), (1, 2.0)]
    """
    names = tuple(dict.fromkeys(name for table in tables for name in table.names))
    columns = [
        np.concatenate([table[name] if name in table.names else np.full(len(table), np.nan) for table in tables])
        for name in names
    ]
    return ObjectTable(names, tuple(columns))


@dataclass(frozen=True, slots=True, eq=False)
class SegmentationResult:
    """Labels, objects and the record of one segmentation.

    Parameters
    ----------
    labels : Image
        Label image: 0 is background, 1…N the objects; unique over the whole image; axes of the input without C and S.
        uint16, or float32 above 65,535 objects, as ImageJ and label files hold it.
    objects : ObjectTable
        One row for each object.
    record : RunRecord
        How the labels were made.
    probability : Image or None
        Foreground probability, float32, 0 to 1, when it was asked for.
    """

    labels: Image
    objects: ObjectTable
    record: RunRecord
    probability: Image | None = None


@dataclass(frozen=True, slots=True, eq=False)
class PredictionResult:
    """Raw outputs of a model and the record of the run.

    Parameters
    ----------
    outputs : tuple of Image
        One for each output tensor, float32; axes of the input, with a channel for each of the tensor's.
    record : RunRecord
        How they were made.
    """

    outputs: tuple[Image, ...]
    record: RunRecord


class EvaluationScores(Protocol):
    """The scores of one result; each task has its own kind."""

    @property
    def name(self) -> str:
        """Name of the result."""

    def to_json(self) -> dict[str, Any]:
        """Write them out; undefined scores are None."""


@dataclass(frozen=True, slots=True, eq=False)
class EvaluationResult:
    """Scores of a result against ground truth, and the record of their making.

    Parameters
    ----------
    task : str
        What was scored: ``segment``, ``restore``, ``classify`` or ``track``.
    scores : EvaluationScores
        ``tasks.segment_scores.SegmentScores`` for ``segment``, and so on; undefined ones are NaN.
    table : ObjectTable
        One row for people: the scores they ask for first. Empty without ``table``.
    record : RunRecord
        What was compared with what; its ``scores`` are those of ``scores.json``.
    details : ObjectTable or None
        A row for each object and its partner (``segment``), or for each class (``classify``).
    errors : Image or None
        The errors in colour, when they were asked for; RGB, axes of the result with samples.
    maps : tuple of Image
        Maps of errors (``restore``), when they were asked for: float32, named ``…-rse`` and ``…-ssim``.
    """

    task: str
    scores: EvaluationScores
    table: ObjectTable
    record: RunRecord
    details: ObjectTable | None = None
    errors: Image | None = None
    maps: tuple[Image, ...] = ()

    def pictures(self) -> Iterator[tuple[str, Image]]:
        """Go through the images of errors, each with its role: ``errors``, ``rse``, ``ssim``."""
        for image in (self.errors, *self.maps):
            if image is not None:
                yield image.name.rsplit("-", 1)[-1], image
