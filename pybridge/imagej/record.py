"""What only ImageJ's door knows of a run: titles of the outputs, versions of ImageJ and Java, a selection not used."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from pybridge.core.record import RunRecord
from pybridge.imagej.jvm import JavaObject, java_class


def record_in_imagej(record: RunRecord, imp: JavaObject, *, titles: Mapping[str, str], done: str) -> RunRecord:
    """Add to a record what the task could not know.

    Parameters
    ----------
    record : RunRecord
        What the task wrote.
    imp : ij.ImagePlus
        The input.
    titles : mapping of str to str
        Title of each output, by its role.
    done : str
        What was done to the whole image, for example ``"segmented"``.
    """
    outputs = tuple(dataclasses.replace(made, name=titles.get(made.role, made.name)) for made in record.outputs)
    versions = record.versions | {
        "imagej": str(java_class("ij.IJ").getVersion()),
        "java": str(java_class("java.lang.System").getProperty("java.version")),
    }
    record = dataclasses.replace(record, outputs=outputs, versions=versions)
    if imp.getRoi() is not None:
        record = record.with_warnings(f"the selection was not used: the whole image was {done}")
    return record
