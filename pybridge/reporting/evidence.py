"""All that a report rests on, gathered once: records, images, model, microscope, what the user said.

Imports core, metrics and the other nouns of reporting.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pybridge.core.errors import UsageError, list_some
from pybridge.core.image import Image
from pybridge.metrics.detection import THRESHOLDS, Counts, ImageScores, pool, scores_to_json
from pybridge.reporting.card_sources import find_model_card
from pybridge.reporting.compared import Compared, read_compared
from pybridge.reporting.image_evidence import ImageEvidence, gather_images
from pybridge.reporting.microscope import Microscope, read_microscope
from pybridge.reporting.model_card import ModelCard
from pybridge.reporting.run_files import CHANGED, MISSING, UNCHECKED
from pybridge.reporting.score_summary import image_score, image_score_name, number_at
from pybridge.reporting.stored_record import StoredRecord
from pybridge.reporting.training_overlap import TrainingOverlap, count_overlap
from pybridge.reporting.user_facts import MicroscopeFacts, UserFacts

_MOST_POOLED = 2000


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """What a report may say, and nothing else.

    Parameters
    ----------
    record : StoredRecord
        The record of the run, or the first of several.
    records : tuple of StoredRecord
        All records that were given.
    images : tuple of ImageEvidence
        Each image that was analysed.
    scores : mapping or None
        Over all images; those of a comparison of methods are in ``compared``.
    compared : Compared or None
        Methods side by side, when that is what was done.
    card : ModelCard or None
        The model.
    microscope : Microscope
        From the metadata of the first image.
    facts : UserFacts
        What the user said; the microscope's parts from the metadata where the user said nothing.
    overlap : TrainingOverlap or None
        None when the model's training files are not known.
    problems : tuple of str
        What the reader must know of records and files.
    """

    record: StoredRecord
    records: tuple[StoredRecord, ...]
    images: tuple[ImageEvidence, ...]
    scores: Mapping[str, Any] | None
    compared: Compared | None
    card: ModelCard | None
    microscope: Microscope
    facts: UserFacts
    overlap: TrainingOverlap | None
    problems: tuple[str, ...]

    @property
    def is_batch(self) -> bool:
        """Whether there is more than one image."""
        return len(self.images) > 1

    @property
    def score_name(self) -> str:
        """What the score by which images are ranked is called; of images with different ones, all."""
        names = {image_score_name(image.scores) for image in self.images if image_score(image.scores) is not None}
        return " or ".join(sorted(names)) or "score"

    @property
    def warnings(self) -> tuple[str, ...]:
        """The warnings of all records, each once."""
        return tuple(dict.fromkeys(warning for record in self.records for warning in record.warnings))

    @property
    def has_truth(self) -> bool:
        """Whether the run was scored."""
        return self.scores is not None if self.compared is None else self.compared.has_truth


def gather_evidence(
    records: Sequence[StoredRecord], *, facts: UserFacts | None = None, labels: Image | None = None
) -> Evidence:
    """Gather what a report of these records rests on.

    Parameters
    ----------
    records : sequence of StoredRecord
        At least one.
    facts : UserFacts, optional
        What the user said.
    labels : Image, optional
        The label image of the first image, when it is at hand.

    Raises
    ------
    UsageError
        If the records are of several models or commands.
    """
    _check_alike(records)
    images = gather_images(records, labels=labels)
    card, note = find_model_card(records[0])
    first = next((image.file.path for image in images if image.file.path is not None), None)
    microscope = Microscope() if first is None else read_microscope(first)
    problems = [problem for record in records for problem in _problems_of(record, single=len(records) == 1)]
    problems += [note] if note else []
    problems += _file_problems(images)
    compared = read_compared(records[0]) if len(records) == 1 else None
    scores = records[0].scores if len(records) == 1 else _pooled(images)
    return Evidence(
        record=records[0],
        records=tuple(records),
        images=images,
        scores=scores if compared is None else None,
        compared=compared,
        card=card,
        microscope=microscope,
        facts=with_microscope(facts or UserFacts(), microscope),
        overlap=count_overlap([(image.source.sha256_file, image.source.sha256_pixels) for image in images], card),
        problems=tuple(dict.fromkeys(problems)),
    )


def with_microscope(facts: UserFacts, microscope: Microscope) -> UserFacts:
    """Fill the microscope's parts that the user left empty from the metadata of the image."""
    said = {each.name: getattr(facts.microscope, each.name) for each in dataclasses.fields(MicroscopeFacts)}
    filled = {name: value or str(getattr(microscope, name, "")) for name, value in said.items()}
    staining = facts.sample.staining or microscope.channels
    return dataclasses.replace(
        facts, microscope=MicroscopeFacts(**filled), sample=dataclasses.replace(facts.sample, staining=staining)
    )


def _check_alike(records: Sequence[StoredRecord]) -> None:
    """One methods paragraph can tell of one model with one set of parameters."""
    for what, of in (
        ("commands", lambda record: record.command),
        ("models", lambda record: "" if record.model is None else f"{record.model.id} {record.model.version}"),
    ):
        found = list(dict.fromkeys(of(record) for record in records))
        if len(found) > 1:
            raise UsageError(
                f"one report of {len(records)} records",
                found=f"they are of different {what}: {list_some([repr(each) for each in found], most=4)}",
                do="report on them one by one",
            )


def _problems_of(record: StoredRecord, *, single: bool) -> list[str]:
    where = "" if single else f"{record.path.name}: "
    return [where + problem for problem in record.problems]


def _file_problems(images: Sequence[ImageEvidence]) -> list[str]:
    """Say which inputs are gone or changed: each of a few, numbers of many."""
    noted = [image for image in images if image.file.note]
    if len(noted) <= 3:
        problems = [image.file.note for image in noted]
    else:
        states = Counter(image.file.state for image in noted)
        first_of = {image.file.state: image.name for image in reversed(noted)}
        problems = [
            f"{count} of {len(images)} images: {_SAID[state]}, first {first_of[state]!r}"
            for state, count in states.items()
        ]
    unchecked = sum(image.file.state == UNCHECKED for image in images)
    if unchecked:
        problems.append(
            f"{unchecked} of {len(images)} image(s) were found and not compared with their hashes"
            + ("" if len(images) <= 1000 else ": there are too many of them")
        )
    return problems


_SAID = {
    CHANGED: "the file is not that of the record, its hash differs",
    MISSING: "the file is not where it was, nor beside the record",
    UNCHECKED: "the file was moved",
    "as recorded": "the file was moved and is the same",
}


def _pooled(images: Sequence[ImageEvidence]) -> Mapping[str, Any] | None:
    """Pool the counts of single records; None when one of them has none."""
    scores = [_image_scores(image) for image in images]
    known = [each for each in scores if each is not None]
    if not known or len(known) != len(scores):
        return None
    return scores_to_json(pool(known, resamples=2000 if len(known) <= _MOST_POOLED else 200))


def _image_scores(image: ImageEvidence) -> ImageScores | None:
    counts = []
    for threshold in THRESHOLDS:
        key = f"{threshold:.2f}"
        tp, fp, fn = (number_at(image.scores, key, name) for name in ("tp", "fp", "fn"))
        if tp is None or fp is None or fn is None:
            return None
        counts.append(Counts(int(tp), int(fp), int(fn), (number_at(image.scores, key, "sq") or 0.0) * tp))
    return ImageScores(THRESHOLDS, tuple(counts), image.name)
