"""What the tasks give back. Each result carries its run record. Imports numpy only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

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
