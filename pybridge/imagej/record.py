"""What only ImageJ's door knows of a run: titles of the outputs, versions of ImageJ and Java, a selection not used."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from pybridge.commands.model_command import failure_to_write
from pybridge.core.errors import OutputError
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


def write_record_last(record: RunRecord, path: str | Path | None, *, images: Iterable[JavaObject]) -> None:
    """Write the record where it was asked for, after all else; when that fails nothing of the run is lost.

    Parameters
    ----------
    record : RunRecord
        What is written.
    path : str, Path or None
        Where; None or empty for nowhere.
    images : iterable of ij.ImagePlus
        What the run made; shown before the error is raised, the last as the active image.

    Raises
    ------
    OutputError
        If it cannot be written.
    """
    from pybridge.files.write import write_text

    if path:
        place = Path(path)
        show_before_failure(failure_to_write(place, lambda: write_text(place, record.to_json())), images)


def show_before_failure(failure: OutputError | None, images: Iterable[JavaObject]) -> None:
    """Raise what kept a file of the run from being written, once the images that it made are shown."""
    if failure is None:
        return
    for imp in images:
        imp.show()
    raise failure
