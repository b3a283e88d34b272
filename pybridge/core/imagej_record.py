"""What a record says of a run in ImageJ, in whichever process the work was done. Imports core only."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from pybridge.core.record import RunRecord


def record_with_imagej(
    record: RunRecord, *, titles: Mapping[str, str], imagej: str, java: str, selected: bool, done: str
) -> RunRecord:
    """Add to a record what the task could not know.

    Parameters
    ----------
    record : RunRecord
        What the task wrote.
    titles : mapping of str to str
        Title of each output, by its role.
    imagej, java : str
        Versions.
    selected : bool
        Whether a part of the input was selected.
    done : str
        What was done to the whole image, for example ``"segmented"``.
    """
    outputs = tuple(dataclasses.replace(made, name=titles.get(made.role, made.name)) for made in record.outputs)
    record = dataclasses.replace(record, outputs=outputs, versions=record.versions | {"imagej": imagej, "java": java})
    if selected:
        record = record.with_warnings(f"the selection was not used: the whole image was {done}")
    return record
