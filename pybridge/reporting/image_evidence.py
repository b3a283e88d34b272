"""What is known of each image of one or several records: its files, its objects, its scores.

Imports core and the reading of records.
"""

from __future__ import annotations

import csv
import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pybridge.core.errors import PyBridgeError
from pybridge.core.image import Image, short_stem
from pybridge.core.progress import report
from pybridge.reporting.run_files import FoundFile, find_input, find_output, load_image
from pybridge.reporting.score_summary import number_at, per_image_scores
from pybridge.reporting.stored_record import StoredInput, StoredOutput, StoredRecord, image_records, read_record

MOST_CHECKED = 1000
"""Of so many inputs the hash is compared; of more only those that are shown."""


@dataclass(frozen=True, slots=True, eq=False)
class ObjectColumns:
    """Three columns of a table of objects; ``confidence`` may be empty."""

    label: NDArray[np.int64]
    area: NDArray[np.float64]
    confidence: NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class ImageEvidence:
    """One image that was analysed.

    Parameters
    ----------
    record : StoredRecord
        Its own record, or that of the run.
    source : StoredInput
        The image, as the record has it.
    truth : StoredInput or None
        Its ground truth.
    outputs : tuple of StoredOutput
        What was made of it.
    file : FoundFile
        Where the image lies now.
    scores : mapping or None
        Its scores, as in ``scores.json``.
    columns : ObjectColumns or None
        Its objects, from the table beside the record.
    labels : Image or None
        Its label image, when it is at hand (ImageJ's active image) and need not be read.
    """

    record: StoredRecord
    source: StoredInput
    truth: StoredInput | None
    outputs: tuple[StoredOutput, ...]
    file: FoundFile
    scores: Mapping[str, Any] | None = None
    columns: ObjectColumns | None = None
    labels: Image | None = None

    @property
    def name(self) -> str:
        """The name of the image."""
        return self.source.name or "(without a name)"

    @property
    def objects(self) -> int | None:
        """How many objects were found: by the scores of the record, else by the rows of the table."""
        found = [number_at(self.scores, "0.50", count) for count in ("tp", "fp")]
        if found[0] is not None and found[1] is not None:
            return int(found[0] + found[1])
        if self.columns is not None:
            return len(self.columns.area)
        if self.labels is None:
            return None
        present = np.unique(np.asarray(self.labels.array))
        return int((present > 0).sum())

    @property
    def folders(self) -> tuple[Path, ...]:
        """Where its outputs may lie: beside the record, or beside the image."""
        named = None if not self.source.path else Path(self.source.path)
        images = [place.parent for place in (named, self.file.path) if place is not None]
        return tuple(dict.fromkeys((self.record.path.parent, *images)))

    def output(self, role: str) -> tuple[Path, StoredOutput] | None:
        """Find an output by its role; None when there is none, or its file is gone."""
        for made in self.outputs:
            if made.role == role:
                path = find_output(made, folders=self.folders, carrier=self.record.path)
                return None if path is None else (path, made)
        return None


def gather_images(records: Sequence[StoredRecord], *, labels: Image | None = None) -> tuple[ImageEvidence, ...]:
    """List the images of records, each with the record of its own when a run wrote one.

    Parameters
    ----------
    records : sequence of StoredRecord
        Records of single images, or of runs over many.
    labels : Image, optional
        The label image of the first image, when it is at hand.
    """
    # The record of a run and those of its images may both be named: each image counts once.
    listed = (part for record in records for part in _images_of(record))
    parts = list({(part[1].name, part[1].path, part[1].sha256_pixels): part for part in listed}.values())
    check = len(parts) <= MOST_CHECKED
    found = []
    for number, (record, source, truth, outputs, scores) in enumerate(parts):
        report(number, len(parts), source.name)
        image = ImageEvidence(
            record=record,
            source=source,
            truth=truth,
            outputs=outputs,
            file=find_input(source, folder=record.path.parent, check=check),
            scores=scores,
            labels=labels if number == 0 else None,
        )
        table = image.output("objects")
        found.append(dataclasses.replace(image, columns=None if table is None else read_columns(table[0])))
    if len(found) == 1 and found[0].columns is None:
        return (_without_table(found[0]),)
    return tuple(found)


def _without_table(image: ImageEvidence) -> ImageEvidence:
    """Count in the label image; a table of the usual name beside it is taken when it lists these very labels.

    In ImageJ the objects go to the Results table, and a macro saves that where it likes.
    """
    labels, place = image.labels, image.output("labels")
    if labels is None and place is not None:
        read, note = load_image(place[0], place[1].sha256_pixels)
        labels = None if note else read
    if labels is None:
        return image
    usual = (folder / f"{short_stem(image.source.name)}-objects.csv" for folder in image.folders)
    columns = next((read_columns(path) for path in usual if path.is_file()), None)
    if columns is not None:
        present = np.unique(np.asarray(labels.array))
        columns = columns if np.array_equal(np.sort(columns.label), present[present > 0]) else None
    return dataclasses.replace(image, labels=labels, columns=columns)


def read_columns(path: Path) -> ObjectColumns | None:
    """Read area and confidence from a table of objects; None when it is no such table."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            rows = csv.reader(stream)
            header = next(rows, [])
            number, at = header.index("Label"), header.index("Area")
            sure = header.index("Confidence") if "Confidence" in header else None
            values = [
                (float(row[number]), float(row[at]), float("nan") if sure is None else float(row[sure]))
                for row in rows
                if row
            ]
    except (OSError, ValueError, IndexError, csv.Error):
        return None
    columns = np.array(values, np.float64).reshape(-1, 3)
    if not (np.isfinite(columns[:, 0]).all() and (columns[:, 0] >= 0).all()):
        return None
    return ObjectColumns(
        columns[:, 0].astype(np.int64), columns[:, 1], columns[:, 2] if sure is not None else np.zeros(0)
    )


_Part = tuple[StoredRecord, StoredInput, StoredInput | None, tuple[StoredOutput, ...], Mapping[str, Any] | None]


def _images_of(record: StoredRecord) -> list[_Part]:
    """Take a record apart into its images."""
    scores = per_image_scores(record.scores)
    truths = record.truths
    images = record.subjects
    if len(images) == 1:
        truth = truths[0] if truths else None
        return [(record, images[0], truth, record.outputs, scores[0] if len(scores) == 1 else None)]
    own = _own_records(record)
    outputs: dict[str, list[StoredOutput]] = {}
    for made in record.outputs:
        outputs.setdefault(short_stem(made.name).removesuffix(f"-{made.role}"), []).append(made)
    parts: list[_Part] = []
    for number, source in enumerate(images):
        alone = own.get((source.name, source.sha256_pixels))
        if alone is not None:
            parts += _images_of(alone)
            continue
        made_here = tuple(outputs.get(short_stem(source.name), ()))
        truth = truths[number] if len(truths) == len(images) else None
        parts.append((record, source, truth, made_here, scores[number] if len(scores) == len(images) else None))
    return parts


def _own_records(run: StoredRecord) -> dict[tuple[str, str], StoredRecord]:
    """Read the records of the single images that lie beside that of the run, or beside the images."""
    folder = run.path.parent
    places = list(image_records(folder)) if folder.is_dir() else []
    for source in run.images:
        if source.path and Path(source.path).parent != folder:
            places.append(Path(source.path).parent / f"{short_stem(source.name)}-record.json")
    found: dict[tuple[str, str], StoredRecord] = {}
    for number, place in enumerate(places):
        report(number, len(places), place.name)
        if place != run.path and place.is_file():
            try:
                record = read_record(place)
            except PyBridgeError:
                continue  # one that cannot be read: the run's record tells of its image too
            # A later run over the same images may have left its records in another folder.
            if len(record.images) == 1 and (record.model, record.command) == (run.model, run.command):
                source = record.images[0]
                found.setdefault((source.name, source.sha256_pixels), record)
    return found
