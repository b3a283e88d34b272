"""What only ImageJ's door knows of a run: titles of the outputs, versions of ImageJ and Java, a selection not used."""

from __future__ import annotations

from collections.abc import Mapping

from pybridge.core.imagej_record import record_with_imagej
from pybridge.core.record import RunRecord
from pybridge.imagej.jvm import JavaObject, java_class


def record_in_imagej(record: RunRecord, imp: JavaObject, *, titles: Mapping[str, str], done: str) -> RunRecord:
    """Add to a record what the task could not know; see ``record_with_imagej``.

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
    return record_with_imagej(
        record,
        titles=titles,
        imagej=str(java_class("ij.IJ").getVersion()),
        java=str(java_class("java.lang.System").getProperty("java.version")),
        selected=imp.getRoi() is not None,
        done=done,
    )
