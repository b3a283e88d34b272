"""The content of a report, worked out once for HTML, Markdown and JSON. Imports core and the nouns of reporting."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pybridge.core.progress import report
from pybridge.core.record import now, record_to_json
from pybridge.core.wording import count_text
from pybridge.reporting.again import Again
from pybridge.reporting.batch import ImageRow, choose_pictures, make_rows
from pybridge.reporting.checklist import ChecklistItem, count_filled, fill_checklist
from pybridge.reporting.citations import LAINE, SCHMIED, Citation, to_bibtex
from pybridge.reporting.compared import comparison_pictures
from pybridge.reporting.evidence import Evidence
from pybridge.reporting.figures import draw_image, draw_strip
from pybridge.reporting.methods import Methods, write_methods
from pybridge.reporting.model_card import ModelCard, card_rows
from pybridge.reporting.picture import Picture, read_png
from pybridge.reporting.plots import draw_plots
from pybridge.reporting.score_summary import ScoreRow, definitions_text, score_rows
from pybridge.reporting.sentences import subject_of, summary_sentences

SCHEMA = "pybridge-report/1"


@dataclass(frozen=True, slots=True, eq=False)
class ReportContent:
    """All that a report says and shows.

    Parameters
    ----------
    evidence : Evidence
        What it rests on.
    title : str
        Of the page.
    made : str
        When it was written.
    summary : tuple of str
        What was done.
    pictures : tuple of Picture
        Of the image, of the chosen images of a batch, or the sheet and the plots of a comparison.
    plots : tuple of Picture
        Distributions and curves.
    scores : tuple of ScoreRow
        Over all images.
    rows : tuple of ImageRow
        One for each image of a batch; empty for a single one.
    checklist : tuple of ChecklistItem
        All 17 items.
    methods : Methods
        The paragraph.
    again : Again
        How to run it again.
    problems : tuple of str
        What the reader must know of record, files and pictures.
    """

    evidence: Evidence
    title: str
    made: str
    summary: tuple[str, ...]
    pictures: tuple[Picture, ...]
    plots: tuple[Picture, ...]
    scores: tuple[ScoreRow, ...]
    rows: tuple[ImageRow, ...]
    checklist: tuple[ChecklistItem, ...]
    methods: Methods
    again: Again
    problems: tuple[str, ...]

    @property
    def filled(self) -> int:
        """How many items of the checklist are filled."""
        return count_filled(self.checklist)

    @property
    def references(self) -> tuple[Citation, ...]:
        """The works of the paragraph, in the order of their numbers."""
        return self.methods.references

    @property
    def definitions(self) -> str:
        """What the scores mean where programs differ."""
        return definitions_text(self.evidence.scores)

    @property
    def model_rows(self) -> tuple[tuple[str, str], ...]:
        """The model card as names and texts, those that are known."""
        card = self.evidence.card
        return () if card is None else card_rows(card)

    @property
    def curves(self) -> Picture | None:
        """The curves of the training, as they lie beside the model."""
        card = self.evidence.card
        return None if card is None else draw_curves(card)

    @property
    def bibtex(self) -> str:
        """These works and those that the checklist follows, as BibTeX."""
        return to_bibtex((*self.references, LAINE, SCHMIED))

    def to_json(self) -> str:
        """Write the report as JSON; every image of a batch is in it."""
        evidence = self.evidence
        card = evidence.card
        return record_to_json(
            SCHEMA,
            {
                "title": self.title,
                "made": self.made,
                "records": [{"id": record.id, "sha256": record.record_sha256} for record in evidence.records],
                "summary": list(self.summary),
                "images": [dataclasses.asdict(row) for row in self.rows] or [image.name for image in evidence.images],
                "scores": [dataclasses.asdict(row) for row in self.scores],
                "compared": None if evidence.compared is None else dataclasses.asdict(evidence.compared),
                "model": None if card is None else _card(card),
                "device": None if evidence.record.device is None else evidence.record.device.model_dump(),
                "versions": evidence.record.versions,
                "warnings": list(evidence.warnings),
                "problems": list(self.problems),
                "checklist": [dataclasses.asdict(each) for each in self.checklist],
                "filled": self.filled,
                "methods": self.methods.paragraph,
                "references": [dataclasses.asdict(each) | {"link": each.link} for each in self.references],
                "bibtex": self.bibtex,
                "again": dataclasses.asdict(self.again),
                "facts": dataclasses.asdict(evidence.facts),
            },
        )


def make_content(evidence: Evidence, *, again: Again, folder: Path) -> ReportContent:
    """Work out a report.

    Parameters
    ----------
    evidence : Evidence
        What it rests on.
    again : Again
        How to run it again.
    folder : Path
        Where it will lie: links start from there.
    """
    compared = evidence.compared is not None
    rows = make_rows(evidence.images, folder=folder) if evidence.is_batch and not compared else ()
    pictures, notes = (comparison_pictures(evidence.record), ()) if compared else _pictures(evidence, rows)
    return ReportContent(
        evidence=evidence,
        title=_title(evidence),
        made=now(),
        summary=summary_sentences(evidence),
        pictures=pictures,
        plots=() if compared else draw_plots(evidence),
        scores=score_rows(evidence.scores),
        rows=rows,
        checklist=fill_checklist(evidence),
        methods=write_methods(evidence),
        again=again,
        problems=tuple(dict.fromkeys((*evidence.problems, *notes))),
    )


def _title(evidence: Evidence) -> str:
    single = len(evidence.images) == 1
    what = evidence.images[0].name if single else count_text(len(evidence.images), subject_of(evidence))
    return f"{evidence.record.command or 'PyBridge'}: {what}"


def _pictures(evidence: Evidence, rows: Sequence[ImageRow]) -> tuple[tuple[Picture, ...], tuple[str, ...]]:
    if not evidence.images or subject_of(evidence) == "table":
        return (), ()
    if not evidence.is_batch:
        return draw_image(evidence.images[0])
    pictures: list[Picture] = []
    notes: list[str] = []
    chosen = choose_pictures(rows, score_name=evidence.score_name)
    for number, (image, reason) in enumerate(chosen):
        report(number, len(chosen), f"picture of {evidence.images[image - 1].name}")
        picture, said = draw_strip(evidence.images[image - 1], reason=reason)
        pictures += [picture] if picture is not None else []
        notes += said
    return tuple(pictures), tuple(notes)


def _card(card: ModelCard) -> dict[str, Any]:
    """The card without the long list of training files, which the training record holds."""
    content = dataclasses.asdict(dataclasses.replace(card, files=()))
    content.pop("files")
    return content | {"used": card.used.model_dump(), "curves": None if card.curves is None else card.curves.name}


def draw_curves(card: ModelCard) -> Picture | None:
    """Show the curves of the training; None when the model carries none, or they cannot be read."""
    return (
        None
        if card.curves is None
        else read_png(
            card.curves,
            title="Curves of the training",
            caption="Loss and validation scores over the steps; numbers are in the CSV files of the model.",
            alt=f"Curves of loss and validation scores over the training of {card.used.id}.",
        )
    )
