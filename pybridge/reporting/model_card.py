"""A model as a report shows it: a card of texts, scores and training files. Imports core and the stored record.

``card_sources`` fills it in.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pybridge.core.baseline_names import FOREST, PREFIX, is_baseline
from pybridge.reporting.stored_record import StoredModel


@dataclass(frozen=True, slots=True)
class TrainingFile:
    """One file that a training used: in which part, and the hash of its image."""

    part: str
    sha256: str


@dataclass(frozen=True, slots=True)
class PartScore:
    """What the model reached on a part of the data when it was trained: AP at 0.50 with its interval."""

    part: str
    images: str
    chose: bool
    ap_50: float
    interval: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class ModelCard:
    """A model as a report shows it; texts that are empty are not known.

    Parameters
    ----------
    used : StoredModel
        Identity, from the record.
    architecture : str
        Kind of network and what its outputs mean.
    origin : str
        Trained from scratch, or fine-tuned from which model.
    steps : str
        What is done to the pixels before the network.
    hyper_parameters : tuple of (str, str)
        Name and value.
    hardware : str
        On what it was trained, and how long.
    files : tuple of TrainingFile
        The files that the training record names.
    curves : Path or None
        A picture of losses and scores.
    """

    used: StoredModel
    name: str = ""
    description: str = ""
    created: str = ""
    authors: str = ""
    license: str = ""
    architecture: str = ""
    origin: str = ""
    steps: str = ""
    training_data: str = ""
    training_data_license: str = ""
    training_data_source: str = ""
    training_data_cite: tuple[str, ...] = ()
    pixel_size: str = ""
    limits: str = ""
    hyper_parameters: tuple[tuple[str, str], ...] = ()
    libraries: str = ""
    hardware: str = ""
    scores: tuple[PartScore, ...] = ()
    files: tuple[TrainingFile, ...] = ()
    training_record_sha256: str = ""
    curves: Path | None = None


def card_rows(card: ModelCard) -> tuple[tuple[str, str], ...]:
    """Give a card as names and texts for people; what is not known is left out."""
    made = f"{card.origin or 'made'}, {card.created[:10]}" if card.created else card.origin
    rows = (
        ("Model", f"{card.used.id} {card.used.version}".strip()),
        ("Name", card.name),
        ("What it does", card.description),
        ("Architecture", card.architecture),
        ("How it was made", made),
        ("Authors", card.authors),
        ("Licence", card.license),
        ("Source", card.used.source),
        ("SHA-256", card.used.sha256),
        ("Before the network", card.steps),
        ("Training data", card.training_data),
        ("Where they are", card.training_data_source),
        ("Their licence", card.training_data_license),
        ("Their pixel size", card.pixel_size),
        ("Limits", card.limits),
    )
    return tuple((name, text) for name, text in rows if text)


def is_learnt(model: str) -> bool:
    """Whether a model, or the random forest among the classical methods, was made from training images.

    Examples
    --------
    >>> is_learnt("nuclei-fluo"), is_learnt("baseline:pixel-forest"), is_learnt("baseline:otsu-watershed")
    (True, True, False)
    """
    return not is_baseline(model) or model == PREFIX + FOREST
